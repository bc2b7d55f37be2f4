import type { BulkAction, BulkOutcome } from '../graphql/generated/graphql.ts'
import type { TaskRow } from '../tasks/taskStores.ts'

/** What a person can do here to all tasks that are selected. */
export type OfferedAction = Extract<BulkAction, 'resume' | 'cancel' | 'rerun' | 'delete'>

interface Words {
	/** On the button that asks. */
	readonly offer: string
	readonly title: (tasks: string) => string
	readonly consequence: string
	readonly verb: (tasks: string) => string
	/** On the button that leaves things as they are. */
	readonly keep: string
	readonly begun: (tasks: string) => string
	readonly failed: string
	/** Why some of those selected are going to be refused. */
	readonly refused: (count: number) => string
}

const are = (count: number): string => (count === 1 ? 'is' : 'are')

export const offeredActions: Readonly<Record<OfferedAction, Words>> = {
	resume: {
		offer: 'Resume…',
		title: (tasks) => `Resume ${tasks}?`,
		consequence: 'Each goes on from where its error happened. Steps that failed run again.',
		verb: (tasks) => `Resume ${tasks}`,
		keep: 'Leave them',
		begun: (tasks) => `Resuming ${tasks}`,
		failed: 'Nothing was resumed',
		refused: (count) => `${count} ${are(count)} not paused and will be refused, unless unlocked before:`,
	},
	cancel: {
		offer: 'Cancel…',
		title: (tasks) => `Cancel ${tasks}?`,
		consequence:
			'Those that have not begun end at once. Running steps get a moment to finish cleanly, then they are killed. What is done stays done.',
		verb: (tasks) => `Cancel ${tasks}`,
		keep: 'Keep them',
		begun: (tasks) => `Cancelling ${tasks}`,
		failed: 'Nothing was cancelled',
		refused: (count) => `${count} ${are(count)} stopped already and will be refused:`,
	},
	rerun: {
		offer: 'Run again…',
		title: (tasks) => `Run ${tasks} again?`,
		consequence: 'A new task is started for each, with the same type and input. Those selected stay as they are.',
		verb: (tasks) => `Run ${tasks} again`,
		keep: 'Leave them',
		begun: (tasks) => `Running ${tasks} again`,
		failed: 'Nothing was run again',
		refused: (count) => `${count} ${are(count)} not stopped and will be refused:`,
	},
	delete: {
		offer: 'Delete…',
		title: (tasks) => `Delete ${tasks}?`,
		consequence:
			'Their input, output, steps and logs go for good, and so do those of their sub-tasks. What people did with them stays in the history.',
		verb: (tasks) => `Delete ${tasks}`,
		keep: 'Keep them',
		begun: (tasks) => `Deleting ${tasks}`,
		failed: 'Nothing was deleted',
		refused: (count) => `${count} ${are(count)} not stopped and will be refused:`,
	},
}

const suits: Readonly<Record<OfferedAction, (state: TaskRow['state']) => boolean>> = {
	resume: (state) => state === 'paused',
	cancel: (state) => state !== 'stopped',
	rerun: (state) => state === 'stopped',
	delete: (state) => state === 'stopped',
}

/** Those that, as they stand now, are going to be refused. The server has the last word, task by task. */
export function unsuited<Row extends Pick<TaskRow, 'state'>>(action: OfferedAction, rows: readonly Row[]): readonly Row[] {
	return rows.filter(({ state }) => !suits[action](state))
}

const whole = new Intl.NumberFormat('en')

/** `1 task`, `1,204 tasks`. */
export const countTasks = (count: number): string => (count === 1 ? '1 task' : `${whole.format(count)} tasks`)

export const outcomeNames: Readonly<Record<BulkOutcome, string>> = {
	done: 'Done',
	refused: 'Refused',
	failed: 'Failed',
	open: 'To do',
	not_done: 'Not done',
}

export interface BulkCounts {
	readonly done: number
	readonly refused: number
	readonly failed: number
	readonly open: number
	readonly notDone: number
}

/** The outcomes of which there are some, those that need a person first. */
export function presentOutcomes({ failed, refused, notDone, open, done }: BulkCounts): readonly (readonly [BulkOutcome, number])[] {
	const all = [
		['failed', failed],
		['refused', refused],
		['not_done', notDone],
		['open', open],
		['done', done],
	] as const
	return all.filter(([, count]) => count > 0)
}

/** The outcome that an address names; null for all. */
export function outcomeFrom(word: string | null): BulkOutcome | null {
	return word !== null && Object.hasOwn(outcomeNames, word) ? (word as BulkOutcome) : null
}
