/**
 * Tasks as people read them: the row at once, the rest when it is first asked for, and then for the whole batch. So a
 * page of any number of tasks costs a fixed number of statements, whatever the query selects of them.
 */

import type { StepState } from '@taskyard/model/states'
import type { Queryable } from '../connection.ts'
import { type ExternalId, readExternalIds } from '../externalIds/externalIds.ts'
import { type FanOut, readFanOuts } from './fanOuts.ts'
import { readAttempts, type StoredAttempt } from './readAttempts.ts'
import { readClaims, type TaskClaims } from './readClaims.ts'
import { readContent, type StoredWait, type TaskContent } from './readContent.ts'
import type { StepReport } from './readProgress.ts'
import type { TaskRow } from './readTaskRows.ts'

export interface TaskView {
	readonly row: TaskRow
	/** @param full with inputs, outputs and the plan's text, which can be large */
	content(full: boolean): Promise<TaskContent>
	attempts(): Promise<readonly StoredAttempt[]>
	claims(): Promise<TaskClaims>
	/** What its work is called elsewhere. */
	externalIds(): Promise<readonly ExternalId[]>
	/** The sub-tasks of its steps, counted. */
	fanOuts(): Promise<readonly FanOut[]>
	/** The same task with what its running steps report now; nothing is read again. */
	withReports(reports: readonly StepReport[]): TaskView
}

/** A step of the plan, with its row if it has one. */
export interface StepView {
	readonly index: number
	readonly name: string
	readonly action: string
	readonly state: StepState
	readonly attempt: number
	readonly tries: number
	readonly cancelAsked: boolean
	/** Whether a running attempt of it can be asked to end. */
	readonly cancellable: boolean
	readonly worker: string | null
	readonly startedAt: number | null
	readonly endedAt: number | null
	readonly notBefore: number | null
	readonly progress: number
	/** JSON text of what the running attempt reported. */
	readonly detail: string | null
	/** JSON text; null unless the content was read in full. */
	readonly output: string | null
	/** JSON text. */
	readonly error: string | null
	/** What it waits for; null unless it is suspended. */
	readonly wait: StoredWait | null
}

const nothing: TaskContent = { outline: [], steps: [], input: null, output: null, plan: null }
const noClaims: TaskClaims = { locks: [], links: [], awaited: null }

export function viewTasks(database: Queryable, rows: readonly TaskRow[]): TaskView[] {
	const ids = rows.map((row) => row.id)
	const outline = once(() => readContent(database, ids, false))
	const full = once(() => readContent(database, ids, true))
	const attempts = once(() => readAttempts(database, ids))
	const claims = once(() => readClaims(database, rows))
	const externalIds = once(() => readExternalIds(database, ids))
	const fanOuts = once(() => readFanOuts(database, ids))
	return rows.map((row) =>
		viewTask(row, {
			content: async (all) => (await (all || full.asked() ? full() : outline())).get(row.id) ?? nothing,
			attempts: async () => (await attempts()).get(row.id) ?? [],
			claims: async () => (await claims()).get(row.id) ?? noClaims,
			externalIds: async () => (await externalIds()).get(row.id) ?? [],
			fanOuts: async () => (await fanOuts()).get(row.id) ?? [],
		}),
	)
}

type Parts = Pick<TaskView, 'content' | 'attempts' | 'claims' | 'externalIds' | 'fanOuts'>

function viewTask(row: TaskRow, parts: Parts): TaskView {
	// Always laid over what was read, not over the reports before: a step that runs for days reports without end.
	return { row, ...parts, withReports: (reports) => viewReports(row, parts, reports) }
}

function viewReports(row: TaskRow, parts: Parts, reports: readonly StepReport[]): TaskView {
	const byStep = new Map(reports.map((report) => [report.step, report]))
	return {
		row: { ...row, running: row.running.map((step) => ({ ...step, reported: byStep.get(step.index)?.fraction ?? step.reported })) },
		...parts,
		async content(full) {
			const content = await parts.content(full)
			return { ...content, steps: content.steps.map((step) => ({ ...step, reported: byStep.get(step.index) ?? step.reported })) }
		},
		withReports: (later) => viewReports(row, parts, later),
	}
}

/** The steps of the plan in order; a step that was never started is pending with attempt 0. */
export function mergeSteps(content: TaskContent): StepView[] {
	const stored = new Map(content.steps.map((step) => [step.index, step]))
	return content.outline.map(({ name, action, cancellable }, index) => {
		const step = stored.get(index)
		return {
			index,
			name,
			action,
			state: step?.state ?? 'pending',
			attempt: step?.attempt ?? 0,
			tries: step?.tries ?? 0,
			cancelAsked: step?.cancelAsked ?? false,
			cancellable,
			worker: step?.worker ?? null,
			startedAt: step?.startedAt ?? null,
			endedAt: step?.endedAt ?? null,
			notBefore: step?.notBefore ?? null,
			progress: Math.max(step?.progress ?? 0, step?.reported?.fraction ?? 0),
			detail: step?.reported?.detail ?? null,
			output: step?.output ?? null,
			error: step?.error ?? null,
			wait: step?.wait ?? null,
		}
	})
}

/** Remembers a promise, unless it fails: who asks after a failure tries again. */
function once<T>(load: () => Promise<T>): (() => Promise<T>) & { asked: () => boolean } {
	let promise: Promise<T> | null = null
	const ask = () => {
		promise ??= load().catch((error: unknown) => {
			promise = null
			throw error
		})
		return promise
	}
	return Object.assign(ask, { asked: () => promise !== null })
}
