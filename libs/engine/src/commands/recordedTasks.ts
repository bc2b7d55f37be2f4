/**
 * Tasks that another program carries out: it opens one, reports on it and closes it; here it is seen, found, linked and
 * kept like any other. Each call may be repeated: the program's key and the numbers of its reports say that it is the same.
 */

import { decide } from '@taskyard/model/decide'
import type { Changed } from '@taskyard/model/decision'
import type { Fact } from '@taskyard/model/facts'
import { parseJson } from '@taskyard/model/json'
import type { ResourceKey } from '@taskyard/model/plan'
import type { StepError } from '@taskyard/model/task'
import { wrongUrl } from '@taskyard/sdk/callableUrl'
import { inTransaction, type Pool, type PoolClient } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import { sqlState, sqlStateOf } from '@taskyard/store/sqlState'
import { writeExternalIds } from '@taskyard/store/externalIds/externalIds'
import { type LoadedTask, loadTasks } from '@taskyard/store/tasks/loadTasks'
import {
	appendRecordedLog,
	findRecorded,
	noteReportNumber,
	openRecorded,
	type RecordedRow,
	tellOfCancel,
} from '@taskyard/store/tasks/recordedTasks'
import { linkResources, makeResources } from '@taskyard/store/tasks/resources'
import { ensureUserResource } from '@taskyard/store/tasks/startTasks'
import { decided, writeDecisions } from '../decisions/writeDecisions.ts'
import { repeatWhile } from '../repetition.ts'
import type { KnownTypes } from '../taskTypes/knownTypes.ts'
import { readInput, wrongId } from './readInput.ts'
import { isTaskId, noSuchTask, refuse } from './refuse.ts'
import type { CloseTask, CommandAnswer, Fault, OpenTask, OperateTask, Refused, ReportTask } from './types.ts'

export interface RecordOptions {
	readonly pool: Pool
	readonly clock: IdSource
	readonly types: KnownTypes
	readonly worthRepeating: () => boolean
}

export interface RecordedTasks {
	openTask(order: OpenTask): Promise<CommandAnswer>
	reportTask(order: ReportTask): Promise<CommandAnswer>
	closeTask(order: CloseTask): Promise<CommandAnswer>
	/** Null for a task that no other program carries out. */
	cancelRecorded(order: OperateTask): Promise<CommandAnswer | null>
}

const longestLabel = 200
const longestName = 500
const longestKey = 200
const mostLines = 1_000
const longestLine = 8_192
const mostLinks = 100
const longestExternal = 2_000
const longestSilence = 30 * 24 * 3_600_000

export function openRecordedTasks(options: RecordOptions): RecordedTasks {
	const { pool, clock, types, worthRepeating } = options
	const alone = <Answer>(work: (client: PoolClient) => Promise<Answer>): Promise<Answer> =>
		repeatWhile(worthRepeating, () => inTransaction(pool, work))

	/** Locks the task and answers it, unless a program carries none of that id out. */
	async function lock(client: PoolClient, id: string): Promise<{ loaded: LoadedTask; row: RecordedRow } | Refused> {
		const loaded = isTaskId(id) ? (await loadTasks(client, [id], true)).get(id.toLowerCase()) : undefined
		if (!loaded) return noSuchTask(id)
		const row = loaded.task.recorded ? await findRecorded(client, { id }) : null
		if (!row) return refuse('not_recorded', `Task ${id} is carried out by Taskyard. Only a task that was opened can be reported on.`)
		return { loaded, row }
	}

	return {
		async openTask(order) {
			const faults = faultsOfOpening(order)
			if (faults.length > 0) return invalid('This task cannot be opened', faults)
			const input = readInput(order.input ?? '{}')
			if ('fault' in input) return invalid('This task cannot be opened', [{ ...input.fault, path: `/input${input.fault.path}` }])
			if (await types.find(order.label)) {
				return refuse(
					'invalid_input',
					`"${order.label}" is a task type of Taskyard's own workers: start it, or open the task under another label.`,
				)
			}
			const now = clock.now()
			const wrong = order.id === undefined ? null : wrongId(order.id, now)
			if (wrong) return refuse('invalid_id', wrong)
			const id = order.id?.toLowerCase() ?? clock.next()
			const { label, who: owner, key = null, silence = null } = order
			await ensureUserResource(pool, owner)
			return alone(async (client) => {
				const opened = await openRecorded(client, {
					id,
					label,
					name: order.name ?? label,
					owner,
					correlationId: order.correlationId,
					input: order.input ?? '{}',
					key,
					silence,
					silentUntil: silence === null ? null : now + silence,
					callbackUrl: order.callbackUrl ?? null,
					links: order.links ?? [],
				})
				if (opened) return { task: { id } }
				const same = key === null ? await findRecorded(client, { id }) : await findRecorded(client, { owner, key })
				if (same && same.label === label && same.owner === owner) return { task: { id: same.id } }
				return refuse('id_taken', `There is another task by this ${key === null ? 'id' : 'key'}. Choose a new one, or leave it out.`)
			}).catch((error: unknown) => {
				// Of a task of our own, or of one whose history stays.
				if (sqlStateOf(error) !== sqlState.uniqueViolation) throw error
				return refuse('id_taken', `The id ${id} is, or was, that of another task. Choose a new one, or leave it out.`)
			})
		},

		async reportTask(order) {
			const faults = faultsOfReport(order)
			if (faults.length > 0) return invalid('This report cannot be stored', faults)
			return alone(async (client) => {
				const found = await lock(client, order.id)
				if ('refusal' in found) return found
				const { loaded, row } = found
				const answer = { task: { id: loaded.task.id } }
				if (order.number !== undefined && order.number <= row.lastNumber) return answer
				const at = clock.now()
				const silentUntil = row.silence === null ? null : at + row.silence
				const written = await write(client, loaded, { kind: 'reported', progress: order.progress ?? null, silentUntil, at })
				if (written) return written
				if (order.number !== undefined) await noteReportNumber(client, row.id, order.number)
				await appendRecordedLog(client, row.id, order.lines ?? [], at)
				if (order.links?.length) await linkResources(client, row.id, await makeResources(client, order.links))
				const { externalId: value, externalUrl: url = null } = order
				if (value !== undefined) await writeExternalIds(client, [{ task: row.id, step: 0, value, url }])
				return answer
			})
		},

		async closeTask(order) {
			const faults = faultsOfClose(order)
			if (faults.length > 0) return invalid('This task cannot be closed', faults)
			return alone(async (client) => {
				const found = await lock(client, order.id)
				if ('refusal' in found) return found
				const { loaded } = found
				const { id, state, result } = loaded.task
				if (state === 'stopped' && result === order.result) return { task: { id } }
				const at = clock.now()
				const error = errorOf(order)
				const { who, why } = order
				const refusal = await write(client, loaded, { kind: 'closed', result: order.result, error, who, why, at }, order.output ?? null)
				if (!refusal) await appendRecordedLog(client, id, order.lines ?? [], at)
				return refusal ?? { task: { id } }
			})
		},

		async cancelRecorded({ id, who, why }) {
			const { rowCount } = await pool.query('select from recorded_task where task_id = $1', [id])
			if (!rowCount) return null
			return alone(async (client) => {
				const found = await lock(client, id)
				if ('refusal' in found) return found
				const { loaded, row } = found
				if (loaded.task.cancel !== 'none') return { task: { id } }
				if (row.callbackUrl === null && loaded.task.state !== 'stopped') {
					return refuse(
						'not_cancellable',
						`Cancel is not supported by this task: another program carries it out, and gave no address at which it hears of a cancel.`,
					)
				}
				const refusal = await write(client, loaded, { kind: 'cancel_asked', who, why, at: clock.now() })
				if (!refusal) await tellOfCancel(client, id)
				return refusal ?? { task: { id } }
			})
		},
	}
}

/** Answers why nothing was written, if nothing was. */
async function write(client: PoolClient, loaded: LoadedTask, fact: Fact, output: string | null = null): Promise<Refused | null> {
	const decision = decide(loaded.task, fact)
	if (decision.kind === 'refused') {
		const closed = decision.code === 'already_stopped'
		return refuse(
			closed ? 'already_stopped' : 'not_recorded',
			closed ? `The task has stopped with the result ${loaded.task.result}; nothing more is taken for it.` : `${decision.because}.`,
		)
	}
	if (decision.kind === 'ignored') return null
	const order = decided(loaded, decision as Changed)
	await writeDecisions(client, [{ ...order, write: { ...order.write, output } }])
	return null
}

function errorOf({ error, result }: CloseTask): StepError | null {
	if (!error) {
		if (result !== 'error') return null
		return { message: 'The program that carried out the task said that it failed, and not why.', ...unnamed }
	}
	const details = error.details === undefined ? null : parseJson(error.details)
	return { ...unnamed, message: error.message, code: error.code ?? null, details }
}

const unnamed = { type: 'Failure', code: null, trace: null, details: null, reason: 'failed' } as const

function invalid(what: string, faults: readonly Fault[]): Refused {
	return refuse('invalid_input', `${what}: ${faults.map(({ path, message }) => `${path.slice(1)} ${message}`).join('; ')}.`, faults)
}

function faultsOfOpening({ label, name, key, silence, callbackUrl, links, input }: OpenTask): Fault[] {
	const faults: Fault[] = []
	if (!/\S/.test(label)) faults.push({ path: '/label', message: 'is empty; say what kind of task it is, e.g. Nightly::Export' })
	check(faults, '/label', label, longestLabel)
	check(faults, '/name', name, longestName)
	check(faults, '/key', key, longestKey)
	if (silence !== undefined && !(silence >= 1_000 && silence <= longestSilence))
		faults.push({ path: '/silence', message: 'must be between one second and thirty days' })
	const wrong = callbackUrl === undefined ? null : wrongUrl(callbackUrl)
	if (wrong) faults.push({ path: '/callbackUrl', message: wrong })
	checkLinks(faults, links)
	if (input !== undefined && !/^\s*\{/.test(input)) faults.push({ path: '/input', message: 'must be a JSON object' })
	return faults
}

function faultsOfReport({ number, progress, lines, links, externalId, externalUrl }: ReportTask): Fault[] {
	const faults: Fault[] = []
	if (number !== undefined && !(Number.isSafeInteger(number) && number > 0))
		faults.push({ path: '/number', message: 'must be a whole number of 1 or more, greater with each report' })
	if (progress !== undefined && !(progress >= 0 && progress <= 1)) faults.push({ path: '/progress', message: 'must be between 0 and 1' })
	checkLines(faults, lines)
	checkLinks(faults, links)
	if (externalId === '') faults.push({ path: '/externalId', message: 'is empty; leave it out' })
	check(faults, '/externalId', externalId, longestExternal)
	check(faults, '/externalUrl', externalUrl, longestExternal)
	if (externalUrl !== undefined && externalId === undefined)
		faults.push({ path: '/externalId', message: 'is required where there is an externalUrl' })
	return faults
}

function faultsOfClose({ result, output, error, lines }: CloseTask): Fault[] {
	const faults: Fault[] = []
	const bad = result === 'error' || result === 'cancelled'
	if (error && !bad) faults.push({ path: '/error', message: `does not go with the result ${result}` })
	if (output !== undefined && result === 'error') faults.push({ path: '/output', message: 'does not go with the result error' })
	check(faults, '/error/message', error?.message, longestLine)
	check(faults, '/error/code', error?.code, longestKey)
	const texts: readonly (readonly [path: string, text: string | undefined])[] = [
		['/output', output],
		['/error/details', error?.details],
	]
	for (const [path, text] of texts) {
		const read = text === undefined ? null : readInput(text)
		if (read && 'fault' in read) faults.push({ path: `${path}${read.fault.path}`, message: read.fault.message })
	}
	checkLines(faults, lines)
	return faults
}

function check(faults: Fault[], path: string, text: string | undefined, longest: number): void {
	if (text === undefined) return
	if (text.includes('\0')) faults.push({ path, message: 'contains the character NUL (U+0000), which cannot be stored' })
	if (text.length > longest) faults.push({ path, message: `has ${text.length} characters, and ${longest} are the most` })
}

function checkLines(faults: Fault[], lines: readonly string[] = []): void {
	if (lines.length > mostLines)
		faults.push({ path: '/lines', message: `has ${lines.length} lines, and ${mostLines} are the most of one report` })
	else lines.forEach((line, index) => check(faults, `/lines/${index}`, line, longestLine))
}

function checkLinks(faults: Fault[], links: readonly ResourceKey[] = []): void {
	if (links.length > mostLinks) faults.push({ path: '/links', message: `has ${links.length} entries, and ${mostLinks} are the most` })
	else {
		links.forEach((link, index) => {
			if (link.type === '' || link.id === '') faults.push({ path: `/links/${index}`, message: 'needs a type and an id' })
			for (const part of ['type', 'id', 'title'] as const) check(faults, `/links/${index}/${part}`, link[part], longestName)
		})
	}
}
