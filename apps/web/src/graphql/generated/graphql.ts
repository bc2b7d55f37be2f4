/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** What is done to each task of a bulk. `skip`: all its steps that are in error. */
export type BulkAction =
  | 'cancel'
  | 'delete'
  | 'rerun'
  | 'resume'
  | 'skip'
  | 'unlock';

/** What has become of an item. `open`: its turn comes. `not_done`: the bulk stopped before its turn. */
export type BulkOutcome =
  | 'done'
  | 'failed'
  | 'not_done'
  | 'open'
  | 'refused';

/** How far a cancel has come. */
export type CancelPhase =
  | 'killed'
  | 'none'
  | 'requested'
  | 'signalled';

/** SNAPSHOT: all that is watched. DELTA: what changed since `from`. RESYNC: all again, the cursor is unknown here. HEARTBEAT: nothing changed. */
export type FrameKind =
  | 'DELTA'
  | 'HEARTBEAT'
  | 'RESYNC'
  | 'SNAPSHOT';

/** Whether a lock suffers others beside it. */
export type LockMode =
  | 'exclusive'
  | 'shared';

/** Where a line of the log came from. */
export type LogStream =
  | 'log'
  | 'stderr'
  | 'stdout';

/** Why a command changed nothing. */
export type RefusalCode =
  | 'already_ended'
  | 'already_stopped'
  | 'awaited'
  | 'callback_expired'
  | 'callback_used'
  | 'dangerous_actions_off'
  | 'descendants_unfinished'
  | 'id_taken'
  | 'invalid_bulk'
  | 'invalid_dependency'
  | 'invalid_event'
  | 'invalid_id'
  | 'invalid_input'
  | 'invalid_priority'
  | 'invalid_queue'
  | 'invalid_setting'
  | 'invalid_start_time'
  | 'locks_held'
  | 'no_encryption_key'
  | 'no_such_callback'
  | 'no_such_step'
  | 'not_awaiting_confirmation'
  | 'not_cancellable'
  | 'not_confirmed'
  | 'not_found'
  | 'not_in_error'
  | 'not_paused'
  | 'not_recorded'
  | 'not_running'
  | 'not_stopped'
  | 'started_otherwise'
  | 'too_many_events'
  | 'unknown_setting'
  | 'unknown_task_type';

/** Where a step is. `error` means that no further automatic try comes. */
export type StepState =
  | 'cancelled'
  | 'error'
  | 'finalized'
  | 'finalizing'
  | 'pending'
  | 'revert_failed'
  | 'reverted'
  | 'reverting'
  | 'running'
  | 'skipped'
  | 'success'
  | 'suspended';

/** Sub-tasks as they are counted. A paused or held one is open too. */
export type SubTaskFilter =
  | 'cancelled'
  | 'error'
  | 'held'
  | 'open'
  | 'paused'
  | 'success'
  | 'warning';

/** How a task ended, or the bad end that is already certain. */
export type TaskResult =
  | 'cancelled'
  | 'error'
  | 'pending'
  | 'success'
  | 'warning';

/** Where a task is between being asked for and having stopped. */
export type TaskState =
  | 'paused'
  | 'pending'
  | 'planned'
  | 'planning'
  | 'running'
  | 'scheduled'
  | 'stopped';

export type StartBulkMutationVariables = Exact<{
  action: BulkAction;
  ids: ReadonlyArray<string | number> | string | number;
  why?: string | null | undefined;
  id: string | number;
}>;


export type StartBulkMutation = { readonly startBulk: { readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type BulkAgainMutationVariables = Exact<{
  id: string | number;
  why?: string | null | undefined;
  newId: string | number;
  confirmed: boolean;
}>;


export type BulkAgainMutation = { readonly bulkAgain: { readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type BulkAnswerFragment = { readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null };

export type BulkItemsQueryVariables = Exact<{
  id: string | number;
  outcome?: BulkOutcome | null | undefined;
  first: number;
  after?: number | null | undefined;
}>;


export type BulkItemsQuery = { readonly bulkItems: { readonly next: number | null, readonly items: ReadonlyArray<{ readonly place: number, readonly task: string, readonly outcome: BulkOutcome, readonly reason: string | null, readonly made: string | null, readonly at: string | null, readonly subject: { readonly id: string, readonly name: string, readonly state: TaskState } | null }>, readonly counts: { readonly done: number, readonly refused: number, readonly failed: number, readonly open: number, readonly notDone: number } } | null };

export type SubTaskCountsFragment = { readonly total: number, readonly open: number, readonly paused: number, readonly held: number, readonly success: number, readonly warning: number, readonly error: number, readonly cancelled: number };

export type SubTaskCountsQueryVariables = Exact<{
  of: string | number;
}>;


export type SubTaskCountsQuery = { readonly task: { readonly id: string, readonly subTasks: { readonly total: number, readonly open: number, readonly paused: number, readonly held: number, readonly success: number, readonly warning: number, readonly error: number, readonly cancelled: number } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly subTasks: { readonly total: number, readonly open: number, readonly paused: number, readonly held: number, readonly success: number, readonly warning: number, readonly error: number, readonly cancelled: number } | null }> } | null };

export type SubTasksQueryVariables = Exact<{
  of: string | number;
  step?: number | null | undefined;
  filter?: SubTaskFilter | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type SubTasksQuery = { readonly subTasks: { readonly endCursor: string | null, readonly tasks: ReadonlyArray<{ readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null, readonly error: { readonly message: string } | null }> } };

export type TaskReferenceQueryVariables = Exact<{
  id: string | number;
}>;


export type TaskReferenceQuery = { readonly task: { readonly id: string, readonly name: string, readonly state: TaskState } | null };

export type TaskTypesQueryVariables = Exact<{ [key: string]: never; }>;


export type TaskTypesQuery = { readonly taskTypes: ReadonlyArray<{ readonly label: string, readonly version: number, readonly name: string, readonly description: string | null, readonly queue: string, readonly cancellable: boolean, readonly offered: boolean, readonly offeredAt: string }> };

export type TaskTypeQueryVariables = Exact<{
  label: string;
}>;


export type TaskTypeQuery = { readonly taskType: { readonly label: string, readonly version: number, readonly name: string, readonly description: string | null, readonly inputSchema: string, readonly queue: string, readonly offered: boolean, readonly offeredAt: string } | null };

export type PauseTaskMutationVariables = Exact<{
  id: string | number;
  why?: string | null | undefined;
}>;


export type PauseTaskMutation = { readonly pauseTask: { readonly discarded: boolean, readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string, readonly faults: ReadonlyArray<{ readonly path: string, readonly message: string }> } | null } };

export type RerunTaskMutationVariables = Exact<{
  id: string | number;
  newId: string | number;
}>;


export type RerunTaskMutation = { readonly rerunTask: { readonly discarded: boolean, readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string, readonly faults: ReadonlyArray<{ readonly path: string, readonly message: string }> } | null } };

export type ConfirmTaskMutationVariables = Exact<{
  id: string | number;
  yes: boolean;
}>;


export type ConfirmTaskMutation = { readonly confirmTask: { readonly discarded: boolean, readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string, readonly faults: ReadonlyArray<{ readonly path: string, readonly message: string }> } | null } };

export type RetryStepMutationVariables = Exact<{
  id: string | number;
  step: number;
}>;


export type RetryStepMutation = { readonly retryStep: { readonly discarded: boolean, readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string, readonly faults: ReadonlyArray<{ readonly path: string, readonly message: string }> } | null } };

export type SkipStepMutationVariables = Exact<{
  id: string | number;
  step: number;
  why?: string | null | undefined;
}>;


export type SkipStepMutation = { readonly skipStep: { readonly discarded: boolean, readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string, readonly faults: ReadonlyArray<{ readonly path: string, readonly message: string }> } | null } };

export type CancelStepMutationVariables = Exact<{
  id: string | number;
  step: number;
  why?: string | null | undefined;
}>;


export type CancelStepMutation = { readonly cancelStep: { readonly discarded: boolean, readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string, readonly faults: ReadonlyArray<{ readonly path: string, readonly message: string }> } | null } };

export type UnlockAnswerFragment = { readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null, readonly consequences: { readonly message: string, readonly subTasks: number, readonly runningAttempts: number, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly task: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly next: ReadonlyArray<{ readonly id: string, readonly name: string }> }> } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null };

export type UnlockTaskMutationVariables = Exact<{
  id: string | number;
  why?: string | null | undefined;
  confirmed: boolean;
}>;


export type UnlockTaskMutation = { readonly unlockTask: { readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null, readonly consequences: { readonly message: string, readonly subTasks: number, readonly runningAttempts: number, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly task: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly next: ReadonlyArray<{ readonly id: string, readonly name: string }> }> } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type ForceUnlockTaskMutationVariables = Exact<{
  id: string | number;
  why?: string | null | undefined;
  confirmed: boolean;
}>;


export type ForceUnlockTaskMutation = { readonly forceUnlockTask: { readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null, readonly consequences: { readonly message: string, readonly subTasks: number, readonly runningAttempts: number, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly task: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly next: ReadonlyArray<{ readonly id: string, readonly name: string }> }> } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type DeleteTaskMutationVariables = Exact<{
  id: string | number;
  why?: string | null | undefined;
}>;


export type DeleteTaskMutation = { readonly deleteTask: { readonly id: string | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type TaskHistoryQueryVariables = Exact<{
  id: string | number;
  after?: string | number | null | undefined;
}>;


export type TaskHistoryQuery = { readonly taskHistory: { readonly endCursor: string | null, readonly entries: ReadonlyArray<{ readonly id: string, readonly at: string, readonly kind: string, readonly step: number | null, readonly stepName: string | null, readonly oldState: string | null, readonly newState: string | null, readonly attempt: number | null, readonly worker: string | null, readonly startedAt: string | null, readonly why: string | null, readonly who: { readonly login: string, readonly name: string } | null }>, readonly tombstone: { readonly name: string, readonly deletedAt: string } | null } | null };

export type TaskDetailFragment = { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null };

export type FailureDetailFragment = { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string };

export type TaskQueryVariables = Exact<{
  id: string | number;
}>;


export type TaskQuery = { readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null };

export type TaskErrorsQueryVariables = Exact<{
  id: string | number;
}>;


export type TaskErrorsQuery = { readonly task: { readonly id: string, readonly steps: ReadonlyArray<{ readonly index: number, readonly input: string, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null }>, readonly attempts: ReadonlyArray<{ readonly step: number | null, readonly number: number, readonly kind: string, readonly outcome: string, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null }> } | null };

export type TaskRawQueryVariables = Exact<{
  id: string | number;
}>;


export type TaskRawQuery = { readonly task: { readonly id: string, readonly input: string, readonly output: string | null, readonly plan: string | null } | null };

export type TaskChangedSubscriptionVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
}>;


export type TaskChangedSubscription = { readonly taskChanged: { readonly kind: FrameKind, readonly to: string, readonly serverTime: string, readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null } };

export type TaskLogAppendedSubscriptionVariables = Exact<{
  id: string | number;
  step: number;
  afterLine: number;
}>;


export type TaskLogAppendedSubscription = { readonly taskLogAppended: { readonly chunks: ReadonlyArray<{ readonly attempt: number, readonly firstLine: number, readonly count: number, readonly at: string, readonly stream: LogStream, readonly lines: ReadonlyArray<string> }> } };

export type StartTaskMutationVariables = Exact<{
  label: string;
  input: string;
  id: string | number;
}>;


export type StartTaskMutation = { readonly startTask: { readonly discarded: boolean, readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string, readonly faults: ReadonlyArray<{ readonly path: string, readonly message: string }> } | null } };

export type ResumeTaskMutationVariables = Exact<{
  id: string | number;
}>;


export type ResumeTaskMutation = { readonly resumeTask: { readonly discarded: boolean, readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string, readonly faults: ReadonlyArray<{ readonly path: string, readonly message: string }> } | null } };

export type CancelTaskMutationVariables = Exact<{
  id: string | number;
  why?: string | null | undefined;
}>;


export type CancelTaskMutation = { readonly cancelTask: { readonly discarded: boolean, readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string, readonly faults: ReadonlyArray<{ readonly path: string, readonly message: string }> } | null } };

export type TaskAnswerFragment = { readonly discarded: boolean, readonly task: { readonly queue: string, readonly correlationId: string, readonly startBefore: string | null, readonly pauseAsked: boolean, readonly unlocked: boolean, readonly recorded: boolean, readonly confirmBefore: string | null, readonly parent: string | null, readonly rerunOf: string | null, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly subTasks: { readonly total: number, readonly paused: number } | null, readonly externalIds: ReadonlyArray<{ readonly step: number, readonly value: string, readonly url: string | null }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly trace: string | null, readonly details: string | null, readonly reason: string } | null, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly notBefore: string | null, readonly progress: number, readonly wait: { readonly kind: string, readonly until: string | null, readonly timeoutAt: string | null, readonly externalId: string | null } | null, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string, readonly reason: string } | null, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }> }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly actions: ReadonlyArray<{ readonly name: string, readonly allowed: boolean, readonly reason: string | null }>, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string, readonly faults: ReadonlyArray<{ readonly path: string, readonly message: string }> } | null };

export type TaskRowFragment = { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null, readonly error: { readonly message: string } | null };

export type TasksQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type TasksQuery = { readonly tasks: { readonly endCursor: string | null, readonly tasks: ReadonlyArray<{ readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null, readonly error: { readonly message: string } | null }> } };

export type TaskListChangedSubscriptionVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type TaskListChangedSubscription = { readonly taskListChanged: { readonly kind: FrameKind, readonly to: string, readonly serverTime: string, readonly left: ReadonlyArray<string>, readonly rows: ReadonlyArray<{ readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null, readonly error: { readonly message: string } | null }> } };

export type TaskRowChangedSubscriptionVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
}>;


export type TaskRowChangedSubscription = { readonly taskChanged: { readonly kind: FrameKind, readonly to: string, readonly serverTime: string, readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly revision: number, readonly progress: number, readonly cancelPhase: CancelPhase, readonly runningSteps: ReadonlyArray<string>, readonly createdAt: string, readonly startAt: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly stateUpdatedAt: string, readonly owner: { readonly login: string, readonly name: string }, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null, readonly error: { readonly message: string } | null } | null } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const TaskRowFragmentDoc = new TypedDocumentString(`
    fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}
    `, {"fragmentName":"TaskRow"}) as unknown as TypedDocumentString<TaskRowFragment, unknown>;
export const TaskDetailFragmentDoc = new TypedDocumentString(`
    fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
    fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`, {"fragmentName":"TaskDetail"}) as unknown as TypedDocumentString<TaskDetailFragment, unknown>;
export const BulkAnswerFragmentDoc = new TypedDocumentString(`
    fragment BulkAnswer on TaskAnswer {
  task {
    ...TaskDetail
  }
  refusal {
    code
    message
  }
}
    fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`, {"fragmentName":"BulkAnswer"}) as unknown as TypedDocumentString<BulkAnswerFragment, unknown>;
export const SubTaskCountsFragmentDoc = new TypedDocumentString(`
    fragment SubTaskCounts on SubTaskCounts {
  total
  open
  paused
  held
  success
  warning
  error
  cancelled
}
    `, {"fragmentName":"SubTaskCounts"}) as unknown as TypedDocumentString<SubTaskCountsFragment, unknown>;
export const UnlockAnswerFragmentDoc = new TypedDocumentString(`
    fragment UnlockAnswer on UnlockAnswer {
  task {
    ...TaskDetail
  }
  consequences {
    message
    subTasks
    runningAttempts
    locks {
      resource {
        type
        id
        title
      }
      name
      mode
      task
      next {
        id
        name
      }
    }
  }
  refusal {
    code
    message
  }
}
    fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`, {"fragmentName":"UnlockAnswer"}) as unknown as TypedDocumentString<UnlockAnswerFragment, unknown>;
export const FailureDetailFragmentDoc = new TypedDocumentString(`
    fragment FailureDetail on Failure {
  message
  type
  code
  trace
  details
  reason
}
    `, {"fragmentName":"FailureDetail"}) as unknown as TypedDocumentString<FailureDetailFragment, unknown>;
export const TaskAnswerFragmentDoc = new TypedDocumentString(`
    fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskDetail
  }
  discarded
  refusal {
    code
    message
    faults {
      path
      message
    }
  }
}
    fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`, {"fragmentName":"TaskAnswer"}) as unknown as TypedDocumentString<TaskAnswerFragment, unknown>;
export const StartBulkDocument = new TypedDocumentString(`
    mutation StartBulk($action: BulkAction!, $ids: [ID!]!, $why: String, $id: ID!) {
  startBulk(action: $action, ids: $ids, why: $why, id: $id) {
    ...BulkAnswer
  }
}
    fragment BulkAnswer on TaskAnswer {
  task {
    ...TaskDetail
  }
  refusal {
    code
    message
  }
}
fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<StartBulkMutation, StartBulkMutationVariables>;
export const BulkAgainDocument = new TypedDocumentString(`
    mutation BulkAgain($id: ID!, $why: String, $newId: ID!, $confirmed: Boolean!) {
  bulkAgain(id: $id, why: $why, confirmed: $confirmed, newId: $newId) {
    ...BulkAnswer
  }
}
    fragment BulkAnswer on TaskAnswer {
  task {
    ...TaskDetail
  }
  refusal {
    code
    message
  }
}
fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<BulkAgainMutation, BulkAgainMutationVariables>;
export const BulkItemsDocument = new TypedDocumentString(`
    query BulkItems($id: ID!, $outcome: BulkOutcome, $first: Int!, $after: Int) {
  bulkItems(id: $id, outcome: $outcome, first: $first, after: $after) {
    items {
      place
      task
      subject {
        id
        name
        state
      }
      outcome
      reason
      made
      at
    }
    next
    counts {
      done
      refused
      failed
      open
      notDone
    }
  }
}
    `) as unknown as TypedDocumentString<BulkItemsQuery, BulkItemsQueryVariables>;
export const SubTaskCountsDocument = new TypedDocumentString(`
    query SubTaskCounts($of: ID!) {
  task(id: $of) {
    id
    subTasks {
      ...SubTaskCounts
    }
    steps {
      index
      subTasks {
        ...SubTaskCounts
      }
    }
  }
}
    fragment SubTaskCounts on SubTaskCounts {
  total
  open
  paused
  held
  success
  warning
  error
  cancelled
}`) as unknown as TypedDocumentString<SubTaskCountsQuery, SubTaskCountsQueryVariables>;
export const SubTasksDocument = new TypedDocumentString(`
    query SubTasks($of: ID!, $step: Int, $filter: SubTaskFilter, $first: Int!, $after: String) {
  subTasks(of: $of, step: $step, filter: $filter, first: $first, after: $after) {
    tasks {
      ...TaskRow
    }
    endCursor
  }
}
    fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<SubTasksQuery, SubTasksQueryVariables>;
export const TaskReferenceDocument = new TypedDocumentString(`
    query TaskReference($id: ID!) {
  task(id: $id) {
    id
    name
    state
  }
}
    `) as unknown as TypedDocumentString<TaskReferenceQuery, TaskReferenceQueryVariables>;
export const TaskTypesDocument = new TypedDocumentString(`
    query TaskTypes {
  taskTypes {
    label
    version
    name
    description
    queue
    cancellable
    offered
    offeredAt
  }
}
    `) as unknown as TypedDocumentString<TaskTypesQuery, TaskTypesQueryVariables>;
export const TaskTypeDocument = new TypedDocumentString(`
    query TaskType($label: String!) {
  taskType(label: $label) {
    label
    version
    name
    description
    inputSchema
    queue
    offered
    offeredAt
  }
}
    `) as unknown as TypedDocumentString<TaskTypeQuery, TaskTypeQueryVariables>;
export const PauseTaskDocument = new TypedDocumentString(`
    mutation PauseTask($id: ID!, $why: String) {
  pauseTask(id: $id, why: $why) {
    ...TaskAnswer
  }
}
    fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskDetail
  }
  discarded
  refusal {
    code
    message
    faults {
      path
      message
    }
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<PauseTaskMutation, PauseTaskMutationVariables>;
export const RerunTaskDocument = new TypedDocumentString(`
    mutation RerunTask($id: ID!, $newId: ID!) {
  rerunTask(id: $id, newId: $newId) {
    ...TaskAnswer
  }
}
    fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskDetail
  }
  discarded
  refusal {
    code
    message
    faults {
      path
      message
    }
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<RerunTaskMutation, RerunTaskMutationVariables>;
export const ConfirmTaskDocument = new TypedDocumentString(`
    mutation ConfirmTask($id: ID!, $yes: Boolean!) {
  confirmTask(id: $id, yes: $yes) {
    ...TaskAnswer
  }
}
    fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskDetail
  }
  discarded
  refusal {
    code
    message
    faults {
      path
      message
    }
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<ConfirmTaskMutation, ConfirmTaskMutationVariables>;
export const RetryStepDocument = new TypedDocumentString(`
    mutation RetryStep($id: ID!, $step: Int!) {
  retryStep(id: $id, step: $step) {
    ...TaskAnswer
  }
}
    fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskDetail
  }
  discarded
  refusal {
    code
    message
    faults {
      path
      message
    }
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<RetryStepMutation, RetryStepMutationVariables>;
export const SkipStepDocument = new TypedDocumentString(`
    mutation SkipStep($id: ID!, $step: Int!, $why: String) {
  skipStep(id: $id, step: $step, why: $why) {
    ...TaskAnswer
  }
}
    fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskDetail
  }
  discarded
  refusal {
    code
    message
    faults {
      path
      message
    }
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<SkipStepMutation, SkipStepMutationVariables>;
export const CancelStepDocument = new TypedDocumentString(`
    mutation CancelStep($id: ID!, $step: Int!, $why: String) {
  cancelStep(id: $id, step: $step, why: $why) {
    ...TaskAnswer
  }
}
    fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskDetail
  }
  discarded
  refusal {
    code
    message
    faults {
      path
      message
    }
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<CancelStepMutation, CancelStepMutationVariables>;
export const UnlockTaskDocument = new TypedDocumentString(`
    mutation UnlockTask($id: ID!, $why: String, $confirmed: Boolean!) {
  unlockTask(id: $id, why: $why, confirmed: $confirmed) {
    ...UnlockAnswer
  }
}
    fragment UnlockAnswer on UnlockAnswer {
  task {
    ...TaskDetail
  }
  consequences {
    message
    subTasks
    runningAttempts
    locks {
      resource {
        type
        id
        title
      }
      name
      mode
      task
      next {
        id
        name
      }
    }
  }
  refusal {
    code
    message
  }
}
fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<UnlockTaskMutation, UnlockTaskMutationVariables>;
export const ForceUnlockTaskDocument = new TypedDocumentString(`
    mutation ForceUnlockTask($id: ID!, $why: String, $confirmed: Boolean!) {
  forceUnlockTask(id: $id, why: $why, confirmed: $confirmed) {
    ...UnlockAnswer
  }
}
    fragment UnlockAnswer on UnlockAnswer {
  task {
    ...TaskDetail
  }
  consequences {
    message
    subTasks
    runningAttempts
    locks {
      resource {
        type
        id
        title
      }
      name
      mode
      task
      next {
        id
        name
      }
    }
  }
  refusal {
    code
    message
  }
}
fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<ForceUnlockTaskMutation, ForceUnlockTaskMutationVariables>;
export const DeleteTaskDocument = new TypedDocumentString(`
    mutation DeleteTask($id: ID!, $why: String) {
  deleteTask(id: $id, why: $why) {
    id
    refusal {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<DeleteTaskMutation, DeleteTaskMutationVariables>;
export const TaskHistoryDocument = new TypedDocumentString(`
    query TaskHistory($id: ID!, $after: ID) {
  taskHistory(id: $id, first: 200, after: $after) {
    entries {
      id
      at
      kind
      step
      stepName
      oldState
      newState
      attempt
      worker
      startedAt
      who {
        login
        name
      }
      why
    }
    endCursor
    tombstone {
      name
      deletedAt
    }
  }
}
    `) as unknown as TypedDocumentString<TaskHistoryQuery, TaskHistoryQueryVariables>;
export const TaskDocument = new TypedDocumentString(`
    query Task($id: ID!) {
  task(id: $id) {
    ...TaskDetail
  }
}
    fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<TaskQuery, TaskQueryVariables>;
export const TaskErrorsDocument = new TypedDocumentString(`
    query TaskErrors($id: ID!) {
  task(id: $id) {
    id
    steps {
      index
      input
      error {
        ...FailureDetail
      }
    }
    attempts {
      step
      number
      kind
      outcome
      worker
      startedAt
      endedAt
      error {
        ...FailureDetail
      }
    }
  }
}
    fragment FailureDetail on Failure {
  message
  type
  code
  trace
  details
  reason
}`) as unknown as TypedDocumentString<TaskErrorsQuery, TaskErrorsQueryVariables>;
export const TaskRawDocument = new TypedDocumentString(`
    query TaskRaw($id: ID!) {
  task(id: $id) {
    id
    input
    output
    plan
  }
}
    `) as unknown as TypedDocumentString<TaskRawQuery, TaskRawQueryVariables>;
export const TaskChangedDocument = new TypedDocumentString(`
    subscription TaskChanged($id: ID!, $after: Cursor) {
  taskChanged(id: $id, after: $after) {
    kind
    to
    serverTime
    task {
      ...TaskDetail
    }
  }
}
    fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<TaskChangedSubscription, TaskChangedSubscriptionVariables>;
export const TaskLogAppendedDocument = new TypedDocumentString(`
    subscription TaskLogAppended($id: ID!, $step: Int!, $afterLine: Float!) {
  taskLogAppended(id: $id, step: $step, afterLine: $afterLine) {
    chunks {
      attempt
      firstLine
      count
      at
      stream
      lines
    }
  }
}
    `) as unknown as TypedDocumentString<TaskLogAppendedSubscription, TaskLogAppendedSubscriptionVariables>;
export const StartTaskDocument = new TypedDocumentString(`
    mutation StartTask($label: String!, $input: JsonText!, $id: ID!) {
  startTask(label: $label, input: $input, id: $id) {
    ...TaskAnswer
  }
}
    fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskDetail
  }
  discarded
  refusal {
    code
    message
    faults {
      path
      message
    }
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<StartTaskMutation, StartTaskMutationVariables>;
export const ResumeTaskDocument = new TypedDocumentString(`
    mutation ResumeTask($id: ID!) {
  resumeTask(id: $id) {
    ...TaskAnswer
  }
}
    fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskDetail
  }
  discarded
  refusal {
    code
    message
    faults {
      path
      message
    }
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<ResumeTaskMutation, ResumeTaskMutationVariables>;
export const CancelTaskDocument = new TypedDocumentString(`
    mutation CancelTask($id: ID!, $why: String) {
  cancelTask(id: $id, why: $why) {
    ...TaskAnswer
  }
}
    fragment TaskDetail on Task {
  ...TaskRow
  queue
  correlationId
  startBefore
  pauseAsked
  unlocked
  recorded
  confirmBefore
  parent
  rerunOf
  subTasks {
    total
    paused
  }
  externalIds {
    step
    value
    url
  }
  error {
    message
    type
    code
    trace
    details
    reason
  }
  steps {
    index
    name
    action
    state
    attempt
    tries
    worker
    startedAt
    endedAt
    notBefore
    wait {
      kind
      until
      timeoutAt
      externalId
    }
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
      reason
    }
    actions {
      name
      allowed
      reason
    }
  }
  locks {
    resource {
      type
      id
      title
    }
    name
    mode
    granted
    since
    holders {
      id
      name
      state
    }
  }
  links {
    type
    id
    title
  }
  actions {
    name
    allowed
    reason
  }
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskDetail
  }
  discarded
  refusal {
    code
    message
    faults {
      path
      message
    }
  }
}
fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<CancelTaskMutation, CancelTaskMutationVariables>;
export const TasksDocument = new TypedDocumentString(`
    query Tasks($first: Int!, $after: String) {
  tasks(first: $first, after: $after) {
    tasks {
      ...TaskRow
    }
    endCursor
  }
}
    fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<TasksQuery, TasksQueryVariables>;
export const TaskListChangedDocument = new TypedDocumentString(`
    subscription TaskListChanged($first: Int!, $after: Cursor) {
  taskListChanged(first: $first, after: $after) {
    kind
    to
    serverTime
    left
    rows {
      ...TaskRow
    }
  }
}
    fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<TaskListChangedSubscription, TaskListChangedSubscriptionVariables>;
export const TaskRowChangedDocument = new TypedDocumentString(`
    subscription TaskRowChanged($id: ID!, $after: Cursor) {
  taskChanged(id: $id, after: $after) {
    kind
    to
    serverTime
    task {
      ...TaskRow
    }
  }
}
    fragment TaskRow on Task {
  id
  label
  name
  state
  result
  reason
  revision
  progress
  cancelPhase
  owner {
    login
    name
  }
  waitingFor {
    kind
    text
    tasks {
      id
      name
      state
    }
  }
  error {
    message
  }
  runningSteps
  createdAt
  startAt
  startedAt
  endedAt
  stateUpdatedAt
}`) as unknown as TypedDocumentString<TaskRowChangedSubscription, TaskRowChangedSubscriptionVariables>;