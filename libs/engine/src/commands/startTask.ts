/**
 * Starts tasks. The input is checked against the schema of the type; then row, first event, feed row and job are one
 * transaction, and one for all who ask at the same time.
 */

import { enqueue } from '@taskyard/dispatch/jobs'
import { renderTemplate } from '@taskyard/model/template'
import { parseJson } from '@taskyard/sdk/json'
import { inTransaction, type Pool } from '@taskyard/store/connection'
import { type IdSource, idTime, isUuid7 } from '@taskyard/store/ids'
import { ensurePartitions } from '@taskyard/store/partitions'
import { isDataFault, isMissingPartition, isRetryable } from '@taskyard/store/sqlState'
import { ensureUserResource, type NewTask, startTasks } from '@taskyard/store/tasks/startTasks'
import { grouped } from '../grouped.ts'
import type { KnownTypes } from '../taskTypes/knownTypes.ts'
import { taskTypeLabels } from '../taskTypes/registry.ts'
import type { CommandAnswer, CommandRefusal, Fault, StartTask } from './types.ts'

interface StartOptions {
	readonly pool: Pool
	readonly clock: IdSource
	readonly types: KnownTypes
	readonly onCommit: () => void
}

/** Tasks of one transaction at most. */
const largestGroup = 500
/** Longest input in characters. */
const longestInput = 1024 * 1024
/** How far the time in a caller's id may be from now: the history of a task lies in the partition of its id's time. */
const day = 24 * 3600 * 1000

export function openStarts(options: StartOptions): (order: StartTask) => Promise<CommandAnswer> {
	const create = grouped<NewTask, 'created' | 'exists'>(largestGroup, async (tasks) => {
		try {
			return await createRepeatedly(options, tasks)
		} catch (error) {
			if (!isDataFault(error) || tasks.length === 1) throw error
			// One of them cannot be stored: alone, each gets its own answer.
			return Promise.all(
				tasks.map((task) =>
					createAll(options, [task]).then(
						([answer]) => answer as 'created',
						(reason: Error) => reason,
					),
				),
			)
		}
	})

	const linkable = new Set<number>()

	return async (order) => {
		if (!linkable.has(order.who)) {
			await ensureUserResource(options.pool, order.who)
			linkable.add(order.who)
		}
		const type = await options.types.find(order.label)
		if (!type) return refuse('unknown_task_type', await unknownType(options.pool, order.label))
		if (order.id !== undefined) {
			const wrong = wrongId(order.id, options.clock.now())
			if (wrong) return refuse('invalid_id', wrong)
		}
		const read = readInput(order.input)
		if ('fault' in read) return refuse('invalid_input', `The input of ${order.label} cannot be used: ${read.fault.message}`, [read.fault])
		const faults = type.check(read.value)
		if (faults.length > 0) return refuse('invalid_input', inputMessage(order.label, faults), faults)
		const id = order.id?.toLowerCase() ?? options.clock.next()
		const outcome = await create({
			id,
			label: order.label,
			typeVersion: type.data.version,
			name: renderTemplate(type.data.name, read.value),
			state: 'pending',
			waitingFor: null,
			queue: type.data.queue,
			owner: order.who,
			correlationId: order.correlationId,
			input: order.input,
		})
		if (outcome === 'exists' && !(await isSame(options.pool, id, order))) {
			return refuse('id_taken', `Task ${id} exists already and is another one. Choose a new id, or leave it out.`)
		}
		return { task: { id } }
	}
}

/** How long a start is repeated that a broken connection or a restarting database kept from coming through, in milliseconds. */
const patience = 10_000
const repetitionPause = 100

/** A start may be repeated: its ids make it the same one. */
async function createRepeatedly(options: StartOptions, tasks: readonly NewTask[]): Promise<('created' | 'exists')[]> {
	const since = performance.now()
	for (let repeated = false; ; repeated = true) {
		try {
			const answers = await createAll(options, tasks)
			// What exists after an answer got lost is, as far as anybody can tell, what the lost one made: the caller compares.
			return repeated ? answers.map(() => 'exists' as const) : answers
		} catch (error) {
			if (!isRetryable(error) || performance.now() - since > patience) throw error
			if (isMissingPartition(error)) await ensurePartitions(options.pool).catch(() => undefined)
			await new Promise((resolve) => setTimeout(resolve, repetitionPause))
		}
	}
}

async function createAll(options: StartOptions, tasks: readonly NewTask[]): Promise<('created' | 'exists')[]> {
	// The same id twice in one group is one task: the second asks for what the first has just made.
	const distinct = [...new Map(tasks.map((task) => [task.id, task])).values()]
	const created = await inTransaction(options.pool, async (client) => {
		const ids = await startTasks(client, distinct)
		await enqueue(
			client,
			distinct.filter((task) => ids.has(task.id)).map((task) => ({ task: task.id, queue: task.queue, branch: 0 })),
		)
		return ids
	})
	options.onCommit()
	const answered = new Set<string>()
	return tasks.map((task) => {
		const first = created.has(task.id) && !answered.has(task.id)
		answered.add(task.id)
		return first ? 'created' : 'exists'
	})
}

/** Whether the task of that id is what this order asks for. */
async function isSame(pool: Pool, id: string, order: StartTask): Promise<boolean> {
	const { rows } = await pool.query<{ same: boolean }>(
		`select t.label = $2 and t.owner_id = $3 and p.input::text = $4 as same from task t join task_payload p on p.task_id = t.id where t.id = $1`,
		[id, order.label, order.who, order.input],
	)
	return rows[0]?.same ?? false
}

function wrongId(id: string, now: number): string | null {
	if (!isUuid7(id)) return `"${id}" is no UUIDv7. Give one, or leave the id out and read it from the answer.`
	const distance = Math.abs(idTime(id) - now)
	if (distance > day)
		return `The id ${id} carries a time ${Math.round(distance / day)} days from now. Make it when the task is started, by a clock that is right.`
	return null
}

function readInput(text: string): { value: unknown } | { fault: Fault } {
	if (text.length > longestInput) {
		return {
			fault: {
				path: '',
				message: `it has ${text.length} characters, and ${longestInput} are the most. Put large data where the task can read it, and pass the place.`,
			},
		}
	}
	try {
		const value = parseJson(text)
		const nul = pathOfNul(value, '')
		if (nul !== null) return { fault: { path: nul, message: 'it contains the character NUL (U+0000), which cannot be stored. Remove it.' } }
		return { value }
	} catch (error) {
		return { fault: { path: '', message: `it is no JSON: ${(error as Error).message}` } }
	}
}

function pathOfNul(value: unknown, path: string): string | null {
	if (typeof value === 'string') return value.includes('\0') ? path : null
	if (value === null || typeof value !== 'object') return null
	for (const [key, part] of Object.entries(value)) {
		const found = key.includes('\0') ? `${path}/${key}` : pathOfNul(part, `${path}/${key}`)
		if (found !== null) return found
	}
	return null
}

function inputMessage(label: string, faults: readonly Fault[]): string {
	return `The input does not fit ${label}: ${faults.map((fault) => `${fault.path || 'it'} ${fault.message}`).join('; ')}.`
}

async function unknownType(pool: Pool, label: string): Promise<string> {
	const labels = await taskTypeLabels(pool)
	if (labels.length === 0) return `No worker has registered the task type "${label}", nor any other. Start a worker first.`
	return `There is no task type "${label}". Known are ${labels.join(', ')}.`
}

function refuse(code: CommandRefusal, message: string, faults: readonly Fault[] = []): CommandAnswer {
	return { refusal: { code, message, faults } }
}
