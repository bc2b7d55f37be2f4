/** A task that the program carries out itself: here it is seen, found and kept like any other. */

import type { ResourceKey } from '@taskyard/model/plan'
import type { TaskResult } from '@taskyard/model/states'
import type { Asked } from './request.ts'
import { newTaskId } from './taskId.ts'
import type { GivenError, TaskReport } from './types.ts'

export interface OpenOptions {
	/** Default: the label. */
	readonly name?: string
	/** An object. */
	readonly input?: object
	/** A UUIDv7. */
	readonly id?: string
	/** The program's own name for the task: opened again with it, after a crash, the same task is answered. */
	readonly key?: string
	/** Milliseconds without a report after which the task ends as lost. Default: never. */
	readonly silence?: number
	/** Where the program hears of a cancel, by a POST of `{"task": id, "cancel": true}`; without it the task cannot be cancelled. */
	readonly callbackUrl?: string
	readonly links?: readonly ResourceKey[]
}

export interface ProgressReport {
	/** 0…1; it never goes back. */
	readonly progress?: number
	/** For the log. */
	readonly lines?: readonly string[]
	readonly links?: readonly ResourceKey[]
	/** What the work is called where it is done: the task is found by it. */
	readonly externalId?: string
	/** Where it can be looked at. */
	readonly externalUrl?: string
}

export interface Closing {
	/** Any JSON value; not with the result `error`. */
	readonly output?: unknown
	readonly error?: GivenError
	/** The last lines of the log. */
	readonly lines?: readonly string[]
	readonly why?: string
}

export interface RecordedTask {
	readonly id: string
	/** Each report counts once, however often it has to be sent. Refused after the close. */
	report(report: ProgressReport): Promise<TaskReport>
	/** Closed again with the same result, it is answered; with another, refused. */
	close(result: Exclude<TaskResult, 'pending'>, closing?: Closing): Promise<TaskReport>
}

type Ask = <Result>(asked: Asked) => Promise<Result>

export async function openTask(ask: Ask, label: string, { silence, id, ...options }: OpenOptions): Promise<RecordedTask> {
	const body = {
		label,
		...options,
		...(silence !== undefined && { silence: silence / 1000 }),
		// An id of our own makes a repetition harmless, when the answer gets lost; so does a key.
		...(id !== undefined ? { id } : options.key === undefined && { id: newTaskId() }),
	}
	const opened = await ask<TaskReport>({ path: '/recorded-tasks', body, what: `Task ${label} was not opened` })
	const place = `/recorded-tasks/${opened.id}`
	let last = 0
	return {
		id: opened.id,
		report(report) {
			// Greater than those of this program before it was started anew.
			last = Math.max(last + 1, Date.now())
			return ask({ path: `${place}/reports`, body: { number: last, ...report }, what: `Task ${opened.id} was not reported on` })
		},
		close: (result, closing = {}) =>
			ask({ path: `${place}/close`, body: { result, ...closing }, what: `Task ${opened.id} was not closed` }),
	}
}
