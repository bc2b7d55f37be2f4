/** The enums of the schema: the words of the model, which are their own values. */

import { bulkActions, bulkOutcomes, commandRefusals } from '@taskyard/engine/commands/types'
import { frameKinds } from '@taskyard/live/frames'
import { cancelPhases, dependencyPolicies, lockModes, logStreams, stepStates, taskResults, taskStates } from '@taskyard/model/states'
import { subTaskFilters } from '@taskyard/store/tasks/listSubTasks'
import { registerEnumType } from 'type-graphql'

function enumOf(name: string, words: readonly string[], description: string): Record<string, string> {
	const values = Object.fromEntries(words.map((word) => [word, word]))
	registerEnumType(values, { name, description })
	return values
}

export const TaskStateEnum = enumOf('TaskState', taskStates, 'Where a task is between being asked for and having stopped.')
export const TaskResultEnum = enumOf('TaskResult', taskResults, 'How a task ended, or the bad end that is already certain.')
export const EndResultEnum = enumOf(
	'EndResult',
	taskResults.filter((result) => result !== 'pending'),
	'How a task ended.',
)
export const StepStateEnum = enumOf('StepState', stepStates, 'Where a step is. `error` means that no further automatic try comes.')
export const CancelPhaseEnum = enumOf('CancelPhase', cancelPhases, 'How far a cancel has come.')
export const LockModeEnum = enumOf('LockMode', lockModes, 'Whether a lock suffers others beside it.')
export const LogStreamEnum = enumOf('LogStream', logStreams, 'Where a line of the log came from.')
export const FrameKindEnum = enumOf(
	'FrameKind',
	frameKinds,
	'SNAPSHOT: all that is watched. DELTA: what changed since `from`. RESYNC: all again, the cursor is unknown here. HEARTBEAT: nothing changed.',
)
export const DependencyPolicyEnum = enumOf(
	'DependencyPolicy',
	dependencyPolicies,
	'success: it ended well, with a warning at worst. ended: it came to its own end, good or bad. any: it has stopped, however.',
)
export const BulkActionEnum = enumOf(
	'BulkAction',
	bulkActions,
	'What is done to each task of a bulk. `skip`: all its steps that are in error.',
)
export const BulkOutcomeEnum = enumOf(
	'BulkOutcome',
	bulkOutcomes,
	'What has become of an item. `open`: its turn comes. `not_done`: the bulk stopped before its turn.',
)
export const SubTaskFilterEnum = enumOf('SubTaskFilter', subTaskFilters, 'Sub-tasks as they are counted. A paused or held one is open too.')
export const RefusalCodeEnum = enumOf('RefusalCode', commandRefusals, 'Why a command changed nothing.')
