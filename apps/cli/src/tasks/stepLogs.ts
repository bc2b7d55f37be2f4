/** The log of the steps of one task: followed while they run, and read to its end when they have ended. */

import { TaskLogAppendedDocument, TaskLogDocument, type TaskLogQuery, type TypedDocumentString } from '../graphql/generated/graphql.ts'
import type { Live } from '../server/live.ts'

/** Reads something of the task, over a break of the connection too. */
export type ReadTask = <Result, Variables>(document: TypedDocumentString<Result, Variables>, variables: Variables) => Promise<Result>

export interface LogLine {
	readonly step: number
	/** Counts from 1 within a step, over all its attempts. */
	readonly line: number
	readonly attempt: number
	readonly stream: string
	readonly text: string
}

export interface StepLogs {
	/** Follows the logs of these steps and of no others; of one that is new here from its present attempt on. */
	follow(steps: readonly { readonly index: number; readonly attempt: number }[]): void
	/** Writes what has not been written of a step's log. */
	readToEnd(step: number): Promise<void>
}

type Chunk = TaskLogQuery['taskLog'][number]

/** A server takes 100 subscriptions of one client; the rest is read when the step has ended. */
const mostFollowed = 50

export interface StepLogsOptions {
	readonly live: Live
	readonly read: ReadTask
	readonly id: string
	/** Whether attempts count that were over when their step was first seen. */
	readonly fromStart: boolean
	readonly write: (line: LogLine) => void
}

export function openStepLogs({ live, read, id, fromStart, write }: StepLogsOptions): StepLogs {
	/** Number of the last line that was written, by step. */
	const written = new Map<number, number>()
	/** The attempt from which on lines are written, by step. */
	const firstAttempts = new Map<number, number>()
	const followed = new Map<number, () => void>()

	/** Writes the lines that are new. The same chunk may come twice, over the socket and when the log is read to its end. */
	const take = (step: number, chunks: readonly Chunk[]): void => {
		for (const { firstLine, attempt, stream, lines } of chunks) {
			for (const [offset, text] of lines.entries()) {
				const line = firstLine + offset
				if (line <= (written.get(step) ?? 0)) continue
				written.set(step, line)
				if (attempt >= (firstAttempts.get(step) ?? 0)) write({ step, line, attempt, stream, text })
			}
		}
	}

	return {
		follow(steps) {
			for (const { index, attempt } of steps) if (!firstAttempts.has(index)) firstAttempts.set(index, fromStart ? 0 : attempt)
			const wanted = new Set(steps.slice(0, mostFollowed).map(({ index }) => index))
			for (const [step, stop] of followed) {
				if (wanted.has(step)) continue
				stop()
				followed.delete(step)
			}
			for (const step of wanted) {
				if (followed.has(step)) continue
				const stop = live.follow(TaskLogAppendedDocument, {
					variables: { id, step, afterLine: written.get(step) ?? 0 },
					next: ({ taskLogAppended: { chunks } }) => take(step, chunks),
					resume: ({ taskLogAppended: { chunks } }) => {
						const last = chunks.at(-1)
						return last ? { afterLine: last.firstLine + last.lines.length - 1 } : {}
					},
				})
				followed.set(step, stop)
			}
		},
		async readToEnd(step) {
			for (let afterLine = written.get(step) ?? 0; ; ) {
				const { taskLog } = await read(TaskLogDocument, { id, step, afterLine })
				const last = taskLog.at(-1)
				if (last === undefined) return
				take(step, taskLog)
				afterLine = last.firstLine + last.lines.length - 1
			}
		},
	}
}
