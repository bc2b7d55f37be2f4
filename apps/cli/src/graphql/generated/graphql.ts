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

/** A task that has to stop first, and how. */
export type DependencyInput = {
  readonly policy?: DependencyPolicy;
  readonly task: string | number;
};

/** success: it ended well, with a warning at worst. ended: it came to its own end, good or bad. any: it has stopped, however. */
export type DependencyPolicy =
  | 'any'
  | 'ended'
  | 'success';

/** How a task ended. */
export type EndResult =
  | 'cancelled'
  | 'error'
  | 'success'
  | 'warning';

/** What went wrong. */
export type FailureInput = {
  /** A word for programs, e.g. `no_space`. */
  readonly code?: string | null | undefined;
  readonly details?: string | null | undefined;
  /** For people: what to do. */
  readonly message: string;
};

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

/** What a step ends with, without running again: one of both. */
export type OutcomeInput = {
  readonly error?: FailureInput | null | undefined;
  readonly output?: string | null | undefined;
};

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

/** What a task works on. */
export type ResourceInput = {
  readonly id: string;
  readonly title?: string | null | undefined;
  readonly type: string;
};

/** When a task may begin, and who goes first. */
export type StartConditions = {
  readonly dependsOn?: ReadonlyArray<DependencyInput> | null | undefined;
  /** From -10 to 10; higher ones overtake in their queue. Default: that of its type, or 0. */
  readonly priority?: number | null | undefined;
  /** The queue it waits in. Default: that of its type. */
  readonly queue?: string | null | undefined;
  /** Not before this instant. */
  readonly startAt?: string | null | undefined;
  /** Latest first start; a task that has not begun by then stops with `missed_start_before`. */
  readonly startBefore?: string | null | undefined;
};

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
  confirmed?: boolean | null | undefined;
  id?: string | number | null | undefined;
}>;


export type StartBulkMutation = { readonly startBulk: { readonly discarded: boolean, readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string } } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type BulkAgainMutationVariables = Exact<{
  id: string | number;
  why?: string | null | undefined;
  confirmed?: boolean | null | undefined;
  newId?: string | number | null | undefined;
}>;


export type BulkAgainMutation = { readonly bulkAgain: { readonly discarded: boolean, readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string } } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type BulkItemsQueryVariables = Exact<{
  id: string | number;
  outcome?: BulkOutcome | null | undefined;
  after?: number | null | undefined;
}>;


export type BulkItemsQuery = { readonly bulkItems: { readonly next: number | null, readonly items: ReadonlyArray<{ readonly place: number, readonly task: string, readonly outcome: BulkOutcome, readonly reason: string | null, readonly code: RefusalCode | null, readonly made: string | null, readonly at: string | null }>, readonly counts: { readonly done: number, readonly refused: number, readonly failed: number, readonly open: number, readonly notDone: number } } | null };

export type RecordedAnswerFragment = { readonly task: { readonly id: string, readonly state: TaskState, readonly result: TaskResult, readonly cancelPhase: CancelPhase } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null };

export type OpenTaskMutationVariables = Exact<{
  label: string;
  name?: string | null | undefined;
  input?: string | null | undefined;
  id?: string | number | null | undefined;
  key?: string | null | undefined;
  silence?: number | null | undefined;
  callbackUrl?: string | null | undefined;
  links?: ReadonlyArray<ResourceInput> | ResourceInput | null | undefined;
}>;


export type OpenTaskMutation = { readonly openTask: { readonly task: { readonly id: string, readonly state: TaskState, readonly result: TaskResult, readonly cancelPhase: CancelPhase } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type ReportTaskMutationVariables = Exact<{
  id: string | number;
  number?: number | null | undefined;
  progress?: number | null | undefined;
  lines?: ReadonlyArray<string> | string | null | undefined;
  links?: ReadonlyArray<ResourceInput> | ResourceInput | null | undefined;
  externalId?: string | null | undefined;
  externalUrl?: string | null | undefined;
}>;


export type ReportTaskMutation = { readonly reportTask: { readonly task: { readonly id: string, readonly state: TaskState, readonly result: TaskResult, readonly cancelPhase: CancelPhase } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type CloseTaskMutationVariables = Exact<{
  id: string | number;
  result: EndResult;
  output?: string | null | undefined;
  error?: FailureInput | null | undefined;
  lines?: ReadonlyArray<string> | string | null | undefined;
  why?: string | null | undefined;
}>;


export type CloseTaskMutation = { readonly closeTask: { readonly task: { readonly id: string, readonly state: TaskState, readonly result: TaskResult, readonly cancelPhase: CancelPhase } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type SendEventMutationVariables = Exact<{
  task: string | number;
  step: number;
  name: string;
  id?: string | null | undefined;
  payload?: string | null | undefined;
  outcome?: OutcomeInput | null | undefined;
}>;


export type SendEventMutation = { readonly sendEvent: { readonly repeated: boolean, readonly task: { readonly id: string, readonly state: TaskState } | null, readonly refusal: { readonly message: string } | null } };

export type PauseTaskMutationVariables = Exact<{
  id: string | number;
  why?: string | null | undefined;
}>;


export type PauseTaskMutation = { readonly pauseTask: { readonly discarded: boolean, readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string } } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type RerunTaskMutationVariables = Exact<{
  id: string | number;
  why?: string | null | undefined;
}>;


export type RerunTaskMutation = { readonly rerunTask: { readonly discarded: boolean, readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string } } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type ConfirmTaskMutationVariables = Exact<{
  id: string | number;
  yes: boolean;
  why?: string | null | undefined;
}>;


export type ConfirmTaskMutation = { readonly confirmTask: { readonly discarded: boolean, readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string } } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type RetryStepMutationVariables = Exact<{
  id: string | number;
  step: number;
  why?: string | null | undefined;
}>;


export type RetryStepMutation = { readonly retryStep: { readonly discarded: boolean, readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string } } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type SkipStepMutationVariables = Exact<{
  id: string | number;
  step: number;
  why?: string | null | undefined;
}>;


export type SkipStepMutation = { readonly skipStep: { readonly discarded: boolean, readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string } } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type CancelStepMutationVariables = Exact<{
  id: string | number;
  step: number;
  why?: string | null | undefined;
}>;


export type CancelStepMutation = { readonly cancelStep: { readonly discarded: boolean, readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string } } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type ConsequencesFragment = { readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string } } | null, readonly consequences: { readonly message: string, readonly subTasks: number, readonly runningAttempts: number, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly task: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly next: ReadonlyArray<{ readonly id: string, readonly name: string }> }> } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null };

export type UnlockTaskMutationVariables = Exact<{
  id: string | number;
  why?: string | null | undefined;
  confirmed: boolean;
}>;


export type UnlockTaskMutation = { readonly unlockTask: { readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string } } | null, readonly consequences: { readonly message: string, readonly subTasks: number, readonly runningAttempts: number, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly task: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly next: ReadonlyArray<{ readonly id: string, readonly name: string }> }> } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type ForceUnlockTaskMutationVariables = Exact<{
  id: string | number;
  why?: string | null | undefined;
  confirmed: boolean;
}>;


export type ForceUnlockTaskMutation = { readonly forceUnlockTask: { readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string } } | null, readonly consequences: { readonly message: string, readonly subTasks: number, readonly runningAttempts: number, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly task: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly next: ReadonlyArray<{ readonly id: string, readonly name: string }> }> } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type DeleteTaskMutationVariables = Exact<{
  id: string | number;
  why?: string | null | undefined;
}>;


export type DeleteTaskMutation = { readonly deleteTask: { readonly id: string | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type DryRunTaskMutationVariables = Exact<{
  label: string;
  input: string;
}>;


export type DryRunTaskMutation = { readonly dryRunTask: { readonly name: string | null, readonly plan: string | null, readonly message: string | null, readonly steps: ReadonlyArray<{ readonly name: string, readonly action: string, readonly input: string }>, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly onConflict: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null } }>, readonly error: { readonly message: string, readonly type: string, readonly code: string | null } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type TaskHistoryQueryVariables = Exact<{
  id: string | number;
  after?: string | number | null | undefined;
}>;


export type TaskHistoryQuery = { readonly taskHistory: { readonly endCursor: string | null, readonly entries: ReadonlyArray<{ readonly id: string, readonly at: string, readonly kind: string, readonly step: number | null, readonly stepName: string | null, readonly oldState: string | null, readonly newState: string | null, readonly attempt: number | null, readonly worker: string | null, readonly startedAt: string | null, readonly why: string | null, readonly who: { readonly login: string } | null }>, readonly tombstone: { readonly label: string, readonly name: string, readonly result: TaskResult, readonly endedAt: string, readonly deletedAt: string, readonly rule: string | null, readonly deletedBy: { readonly login: string } | null } | null } | null };

export type SettingsQueryVariables = Exact<{ [key: string]: never; }>;


export type SettingsQuery = { readonly settings: ReadonlyArray<{ readonly key: string, readonly value: boolean, readonly changedBy: number | null, readonly changedAt: string | null }> };

export type ChangeSettingMutationVariables = Exact<{
  key: string;
  value: boolean;
}>;


export type ChangeSettingMutation = { readonly changeSetting: { readonly setting: { readonly key: string, readonly value: boolean } | null, readonly refusal: { readonly message: string } | null } };

export type TaskLineFragment = { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string } };

export type TaskStepsFragment = { readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly notBefore: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly progress: number, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string } | null }> };

export type TasksQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type TasksQuery = { readonly tasks: { readonly endCursor: string | null, readonly tasks: ReadonlyArray<{ readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string } }> } };

export type SubTasksFragment = { readonly subTasks: { readonly total: number, readonly open: number, readonly paused: number, readonly held: number, readonly success: number, readonly warning: number, readonly error: number, readonly cancelled: number } | null };

export type TaskQueryVariables = Exact<{
  id: string | number;
}>;


export type TaskQuery = { readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string }, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly notBefore: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly progress: number, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string } | null }>, readonly subTasks: { readonly total: number, readonly open: number, readonly paused: number, readonly held: number, readonly success: number, readonly warning: number, readonly error: number, readonly cancelled: number } | null } | null };

export type WholeTaskQueryVariables = Exact<{
  id: string | number;
}>;


export type WholeTaskQuery = { readonly task: { readonly revision: number, readonly queue: string, readonly correlationId: string, readonly input: string, readonly output: string | null, readonly startAt: string | null, readonly startBefore: string | null, readonly stateUpdatedAt: string, readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly error: { readonly type: string, readonly code: string | null, readonly reason: string, readonly details: string | null, readonly trace: string | null, readonly message: string } | null, readonly waitingFor: { readonly kind: string, readonly text: string, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> } | null, readonly locks: ReadonlyArray<{ readonly name: string, readonly mode: LockMode, readonly granted: boolean, readonly since: string, readonly resource: { readonly type: string, readonly id: string, readonly title: string | null }, readonly holders: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState }> }>, readonly links: ReadonlyArray<{ readonly type: string, readonly id: string, readonly title: string | null }>, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly action: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly worker: string | null, readonly notBefore: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly progress: number, readonly input: string, readonly output: string | null, readonly error: { readonly message: string, readonly type: string, readonly code: string | null, readonly reason: string, readonly details: string | null, readonly trace: string | null } | null }>, readonly owner: { readonly login: string }, readonly subTasks: { readonly total: number, readonly open: number, readonly paused: number, readonly held: number, readonly success: number, readonly warning: number, readonly error: number, readonly cancelled: number } | null } | null };

export type TaskLogQueryVariables = Exact<{
  id: string | number;
  step: number;
  afterLine: number;
}>;


export type TaskLogQuery = { readonly taskLog: ReadonlyArray<{ readonly attempt: number, readonly firstLine: number, readonly stream: LogStream, readonly lines: ReadonlyArray<string> }> };

export type InputSchemaQueryVariables = Exact<{
  label: string;
}>;


export type InputSchemaQuery = { readonly taskType: { readonly inputSchema: string } | null };

export type StartTaskMutationVariables = Exact<{
  label: string;
  input: string;
  id?: string | number | null | undefined;
  when?: StartConditions | null | undefined;
}>;


export type StartTaskMutation = { readonly startTask: { readonly discarded: boolean, readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string } } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type ResumeTaskMutationVariables = Exact<{
  id: string | number;
  why?: string | null | undefined;
}>;


export type ResumeTaskMutation = { readonly resumeTask: { readonly discarded: boolean, readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string } } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type CancelTaskMutationVariables = Exact<{
  id: string | number;
  why?: string | null | undefined;
}>;


export type CancelTaskMutation = { readonly cancelTask: { readonly discarded: boolean, readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string } } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null } };

export type TaskAnswerFragment = { readonly discarded: boolean, readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string } } | null, readonly refusal: { readonly code: RefusalCode, readonly message: string } | null };

export type TaskChangedSubscriptionVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
}>;


export type TaskChangedSubscription = { readonly taskChanged: { readonly kind: FrameKind, readonly to: string, readonly serverTime: string, readonly task: { readonly id: string, readonly label: string, readonly name: string, readonly state: TaskState, readonly result: TaskResult, readonly reason: string | null, readonly progress: number, readonly cancelPhase: CancelPhase, readonly createdAt: string, readonly startedAt: string | null, readonly endedAt: string | null, readonly waitingFor: { readonly text: string } | null, readonly error: { readonly message: string } | null, readonly owner: { readonly login: string }, readonly steps: ReadonlyArray<{ readonly index: number, readonly name: string, readonly state: StepState, readonly attempt: number, readonly tries: number, readonly notBefore: string | null, readonly startedAt: string | null, readonly endedAt: string | null, readonly progress: number, readonly progressDetail: { readonly done: number, readonly total: number | null, readonly unit: string | null } | null, readonly error: { readonly message: string } | null }> } | null } };

export type TaskLogAppendedSubscriptionVariables = Exact<{
  id: string | number;
  step: number;
  afterLine: number;
}>;


export type TaskLogAppendedSubscription = { readonly taskLogAppended: { readonly chunks: ReadonlyArray<{ readonly attempt: number, readonly firstLine: number, readonly stream: LogStream, readonly lines: ReadonlyArray<string> }> } };

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
export const RecordedAnswerFragmentDoc = new TypedDocumentString(`
    fragment RecordedAnswer on TaskAnswer {
  task {
    id
    state
    result
    cancelPhase
  }
  refusal {
    code
    message
  }
}
    `, {"fragmentName":"RecordedAnswer"}) as unknown as TypedDocumentString<RecordedAnswerFragment, unknown>;
export const TaskLineFragmentDoc = new TypedDocumentString(`
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}
    `, {"fragmentName":"TaskLine"}) as unknown as TypedDocumentString<TaskLineFragment, unknown>;
export const ConsequencesFragmentDoc = new TypedDocumentString(`
    fragment Consequences on UnlockAnswer {
  task {
    ...TaskLine
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
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}`, {"fragmentName":"Consequences"}) as unknown as TypedDocumentString<ConsequencesFragment, unknown>;
export const TaskStepsFragmentDoc = new TypedDocumentString(`
    fragment TaskSteps on Task {
  steps {
    index
    name
    state
    attempt
    tries
    notBefore
    startedAt
    endedAt
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
    }
  }
}
    `, {"fragmentName":"TaskSteps"}) as unknown as TypedDocumentString<TaskStepsFragment, unknown>;
export const SubTasksFragmentDoc = new TypedDocumentString(`
    fragment SubTasks on Task {
  subTasks {
    total
    open
    paused
    held
    success
    warning
    error
    cancelled
  }
}
    `, {"fragmentName":"SubTasks"}) as unknown as TypedDocumentString<SubTasksFragment, unknown>;
export const TaskAnswerFragmentDoc = new TypedDocumentString(`
    fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskLine
  }
  discarded
  refusal {
    code
    message
  }
}
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}`, {"fragmentName":"TaskAnswer"}) as unknown as TypedDocumentString<TaskAnswerFragment, unknown>;
export const StartBulkDocument = new TypedDocumentString(`
    mutation StartBulk($action: BulkAction!, $ids: [ID!]!, $why: String, $confirmed: Boolean, $id: ID) {
  startBulk(action: $action, ids: $ids, why: $why, confirmed: $confirmed, id: $id) {
    ...TaskAnswer
  }
}
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskLine
  }
  discarded
  refusal {
    code
    message
  }
}`) as unknown as TypedDocumentString<StartBulkMutation, StartBulkMutationVariables>;
export const BulkAgainDocument = new TypedDocumentString(`
    mutation BulkAgain($id: ID!, $why: String, $confirmed: Boolean, $newId: ID) {
  bulkAgain(id: $id, why: $why, confirmed: $confirmed, newId: $newId) {
    ...TaskAnswer
  }
}
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskLine
  }
  discarded
  refusal {
    code
    message
  }
}`) as unknown as TypedDocumentString<BulkAgainMutation, BulkAgainMutationVariables>;
export const BulkItemsDocument = new TypedDocumentString(`
    query BulkItems($id: ID!, $outcome: BulkOutcome, $after: Int) {
  bulkItems(id: $id, outcome: $outcome, first: 1000, after: $after) {
    items {
      place
      task
      outcome
      reason
      code
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
export const OpenTaskDocument = new TypedDocumentString(`
    mutation OpenTask($label: String!, $name: String, $input: JsonText, $id: ID, $key: String, $silence: Float, $callbackUrl: String, $links: [ResourceInput!]) {
  openTask(
    label: $label
    name: $name
    input: $input
    id: $id
    key: $key
    silence: $silence
    callbackUrl: $callbackUrl
    links: $links
  ) {
    ...RecordedAnswer
  }
}
    fragment RecordedAnswer on TaskAnswer {
  task {
    id
    state
    result
    cancelPhase
  }
  refusal {
    code
    message
  }
}`) as unknown as TypedDocumentString<OpenTaskMutation, OpenTaskMutationVariables>;
export const ReportTaskDocument = new TypedDocumentString(`
    mutation ReportTask($id: ID!, $number: Float, $progress: Float, $lines: [String!], $links: [ResourceInput!], $externalId: String, $externalUrl: String) {
  reportTask(
    id: $id
    number: $number
    progress: $progress
    lines: $lines
    links: $links
    externalId: $externalId
    externalUrl: $externalUrl
  ) {
    ...RecordedAnswer
  }
}
    fragment RecordedAnswer on TaskAnswer {
  task {
    id
    state
    result
    cancelPhase
  }
  refusal {
    code
    message
  }
}`) as unknown as TypedDocumentString<ReportTaskMutation, ReportTaskMutationVariables>;
export const CloseTaskDocument = new TypedDocumentString(`
    mutation CloseTask($id: ID!, $result: EndResult!, $output: JsonText, $error: FailureInput, $lines: [String!], $why: String) {
  closeTask(
    id: $id
    result: $result
    output: $output
    error: $error
    lines: $lines
    why: $why
  ) {
    ...RecordedAnswer
  }
}
    fragment RecordedAnswer on TaskAnswer {
  task {
    id
    state
    result
    cancelPhase
  }
  refusal {
    code
    message
  }
}`) as unknown as TypedDocumentString<CloseTaskMutation, CloseTaskMutationVariables>;
export const SendEventDocument = new TypedDocumentString(`
    mutation SendEvent($task: ID!, $step: Int!, $name: String!, $id: String, $payload: JsonText, $outcome: OutcomeInput) {
  sendEvent(
    task: $task
    step: $step
    name: $name
    id: $id
    payload: $payload
    outcome: $outcome
  ) {
    task {
      id
      state
    }
    repeated
    refusal {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<SendEventMutation, SendEventMutationVariables>;
export const PauseTaskDocument = new TypedDocumentString(`
    mutation PauseTask($id: ID!, $why: String) {
  pauseTask(id: $id, why: $why) {
    ...TaskAnswer
  }
}
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskLine
  }
  discarded
  refusal {
    code
    message
  }
}`) as unknown as TypedDocumentString<PauseTaskMutation, PauseTaskMutationVariables>;
export const RerunTaskDocument = new TypedDocumentString(`
    mutation RerunTask($id: ID!, $why: String) {
  rerunTask(id: $id, why: $why) {
    ...TaskAnswer
  }
}
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskLine
  }
  discarded
  refusal {
    code
    message
  }
}`) as unknown as TypedDocumentString<RerunTaskMutation, RerunTaskMutationVariables>;
export const ConfirmTaskDocument = new TypedDocumentString(`
    mutation ConfirmTask($id: ID!, $yes: Boolean!, $why: String) {
  confirmTask(id: $id, yes: $yes, why: $why) {
    ...TaskAnswer
  }
}
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskLine
  }
  discarded
  refusal {
    code
    message
  }
}`) as unknown as TypedDocumentString<ConfirmTaskMutation, ConfirmTaskMutationVariables>;
export const RetryStepDocument = new TypedDocumentString(`
    mutation RetryStep($id: ID!, $step: Int!, $why: String) {
  retryStep(id: $id, step: $step, why: $why) {
    ...TaskAnswer
  }
}
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskLine
  }
  discarded
  refusal {
    code
    message
  }
}`) as unknown as TypedDocumentString<RetryStepMutation, RetryStepMutationVariables>;
export const SkipStepDocument = new TypedDocumentString(`
    mutation SkipStep($id: ID!, $step: Int!, $why: String) {
  skipStep(id: $id, step: $step, why: $why) {
    ...TaskAnswer
  }
}
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskLine
  }
  discarded
  refusal {
    code
    message
  }
}`) as unknown as TypedDocumentString<SkipStepMutation, SkipStepMutationVariables>;
export const CancelStepDocument = new TypedDocumentString(`
    mutation CancelStep($id: ID!, $step: Int!, $why: String) {
  cancelStep(id: $id, step: $step, why: $why) {
    ...TaskAnswer
  }
}
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskLine
  }
  discarded
  refusal {
    code
    message
  }
}`) as unknown as TypedDocumentString<CancelStepMutation, CancelStepMutationVariables>;
export const UnlockTaskDocument = new TypedDocumentString(`
    mutation UnlockTask($id: ID!, $why: String, $confirmed: Boolean!) {
  unlockTask(id: $id, why: $why, confirmed: $confirmed) {
    ...Consequences
  }
}
    fragment Consequences on UnlockAnswer {
  task {
    ...TaskLine
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
fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}`) as unknown as TypedDocumentString<UnlockTaskMutation, UnlockTaskMutationVariables>;
export const ForceUnlockTaskDocument = new TypedDocumentString(`
    mutation ForceUnlockTask($id: ID!, $why: String, $confirmed: Boolean!) {
  forceUnlockTask(id: $id, why: $why, confirmed: $confirmed) {
    ...Consequences
  }
}
    fragment Consequences on UnlockAnswer {
  task {
    ...TaskLine
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
fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
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
export const DryRunTaskDocument = new TypedDocumentString(`
    mutation DryRunTask($label: String!, $input: JsonText!) {
  dryRunTask(label: $label, input: $input) {
    name
    steps {
      name
      action
      input
    }
    locks {
      resource {
        type
        id
        title
      }
      name
      mode
      onConflict
    }
    plan
    error {
      message
      type
      code
    }
    message
    refusal {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<DryRunTaskMutation, DryRunTaskMutationVariables>;
export const TaskHistoryDocument = new TypedDocumentString(`
    query TaskHistory($id: ID!, $after: ID) {
  taskHistory(id: $id, first: 500, after: $after) {
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
      }
      why
    }
    endCursor
    tombstone {
      label
      name
      result
      endedAt
      deletedAt
      deletedBy {
        login
      }
      rule
    }
  }
}
    `) as unknown as TypedDocumentString<TaskHistoryQuery, TaskHistoryQueryVariables>;
export const SettingsDocument = new TypedDocumentString(`
    query Settings {
  settings {
    key
    value
    changedBy
    changedAt
  }
}
    `) as unknown as TypedDocumentString<SettingsQuery, SettingsQueryVariables>;
export const ChangeSettingDocument = new TypedDocumentString(`
    mutation ChangeSetting($key: String!, $value: Boolean!) {
  changeSetting(key: $key, value: $value) {
    setting {
      key
      value
    }
    refusal {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<ChangeSettingMutation, ChangeSettingMutationVariables>;
export const TasksDocument = new TypedDocumentString(`
    query Tasks($first: Int!, $after: String) {
  tasks(first: $first, after: $after) {
    tasks {
      ...TaskLine
    }
    endCursor
  }
}
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}`) as unknown as TypedDocumentString<TasksQuery, TasksQueryVariables>;
export const TaskDocument = new TypedDocumentString(`
    query Task($id: ID!) {
  task(id: $id) {
    ...TaskLine
    ...TaskSteps
    ...SubTasks
  }
}
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}
fragment TaskSteps on Task {
  steps {
    index
    name
    state
    attempt
    tries
    notBefore
    startedAt
    endedAt
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
    }
  }
}
fragment SubTasks on Task {
  subTasks {
    total
    open
    paused
    held
    success
    warning
    error
    cancelled
  }
}`) as unknown as TypedDocumentString<TaskQuery, TaskQueryVariables>;
export const WholeTaskDocument = new TypedDocumentString(`
    query WholeTask($id: ID!) {
  task(id: $id) {
    ...TaskLine
    ...SubTasks
    revision
    queue
    correlationId
    input
    output
    startAt
    startBefore
    stateUpdatedAt
    error {
      type
      code
      reason
      details
      trace
    }
    waitingFor {
      kind
      tasks {
        id
        name
        state
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
    steps {
      index
      name
      action
      state
      attempt
      tries
      worker
      notBefore
      startedAt
      endedAt
      progress
      input
      output
      error {
        message
        type
        code
        reason
        details
        trace
      }
    }
  }
}
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}
fragment SubTasks on Task {
  subTasks {
    total
    open
    paused
    held
    success
    warning
    error
    cancelled
  }
}`) as unknown as TypedDocumentString<WholeTaskQuery, WholeTaskQueryVariables>;
export const TaskLogDocument = new TypedDocumentString(`
    query TaskLog($id: ID!, $step: Int!, $afterLine: Float!) {
  taskLog(id: $id, step: $step, afterLine: $afterLine) {
    attempt
    firstLine
    stream
    lines
  }
}
    `) as unknown as TypedDocumentString<TaskLogQuery, TaskLogQueryVariables>;
export const InputSchemaDocument = new TypedDocumentString(`
    query InputSchema($label: String!) {
  taskType(label: $label) {
    inputSchema
  }
}
    `) as unknown as TypedDocumentString<InputSchemaQuery, InputSchemaQueryVariables>;
export const StartTaskDocument = new TypedDocumentString(`
    mutation StartTask($label: String!, $input: JsonText!, $id: ID, $when: StartConditions) {
  startTask(label: $label, input: $input, id: $id, when: $when) {
    ...TaskAnswer
  }
}
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskLine
  }
  discarded
  refusal {
    code
    message
  }
}`) as unknown as TypedDocumentString<StartTaskMutation, StartTaskMutationVariables>;
export const ResumeTaskDocument = new TypedDocumentString(`
    mutation ResumeTask($id: ID!, $why: String) {
  resumeTask(id: $id, why: $why) {
    ...TaskAnswer
  }
}
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskLine
  }
  discarded
  refusal {
    code
    message
  }
}`) as unknown as TypedDocumentString<ResumeTaskMutation, ResumeTaskMutationVariables>;
export const CancelTaskDocument = new TypedDocumentString(`
    mutation CancelTask($id: ID!, $why: String) {
  cancelTask(id: $id, why: $why) {
    ...TaskAnswer
  }
}
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}
fragment TaskAnswer on TaskAnswer {
  task {
    ...TaskLine
  }
  discarded
  refusal {
    code
    message
  }
}`) as unknown as TypedDocumentString<CancelTaskMutation, CancelTaskMutationVariables>;
export const TaskChangedDocument = new TypedDocumentString(`
    subscription TaskChanged($id: ID!, $after: Cursor) {
  taskChanged(id: $id, after: $after) {
    kind
    to
    serverTime
    task {
      ...TaskLine
      ...TaskSteps
    }
  }
}
    fragment TaskLine on Task {
  id
  label
  name
  state
  result
  reason
  progress
  cancelPhase
  waitingFor {
    text
  }
  error {
    message
  }
  owner {
    login
  }
  createdAt
  startedAt
  endedAt
}
fragment TaskSteps on Task {
  steps {
    index
    name
    state
    attempt
    tries
    notBefore
    startedAt
    endedAt
    progress
    progressDetail {
      done
      total
      unit
    }
    error {
      message
    }
  }
}`) as unknown as TypedDocumentString<TaskChangedSubscription, TaskChangedSubscriptionVariables>;
export const TaskLogAppendedDocument = new TypedDocumentString(`
    subscription TaskLogAppended($id: ID!, $step: Int!, $afterLine: Float!) {
  taskLogAppended(id: $id, step: $step, afterLine: $afterLine) {
    chunks {
      attempt
      firstLine
      stream
      lines
    }
  }
}
    `) as unknown as TypedDocumentString<TaskLogAppendedSubscription, TaskLogAppendedSubscriptionVariables>;