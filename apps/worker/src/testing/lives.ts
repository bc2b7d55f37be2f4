/** Lives that the shapes can have: what is asked for, in what order, and how each task has to end. */

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Commands } from '@taskyard/engine/commands/types'
import { createIdSource, type IdSource } from '@taskyard/store/ids'
import { withoutJob } from '@taskyard/dispatch/jobs'
import { waitFor } from '@taskyard/testkit/waitFor'
import type { Effects } from './effects.ts'
import { faultsOfLedger, ledgerTable } from './ledger.ts'
import { kill, type WorkerProcess, type Yard } from './yard.ts'

/** What a life needs of the world around it. Commands are asked again when the process that was asked has died. */
export interface Surroundings {
	readonly yard: Yard
	readonly effects: Effects
	readonly commands: Pick<
		Commands,
		| 'startTask'
		| 'resumeTask'
		| 'cancelTask'
		| 'unlockTask'
		| 'changeSetting'
		| 'startBulk'
		| 'sendEvent'
		| 'useCallback'
		| 'openTask'
		| 'reportTask'
		| 'closeTask'
	>
	workers(): readonly WorkerProcess[]
}

type Task = Awaited<ReturnType<Yard['task']>>

/** Answers the ids of its tasks, all of which have stopped, and what is wrong with their ends. */
export type Life = (surroundings: Surroundings) => Promise<{ readonly ids: readonly string[]; readonly faults: readonly string[] }>

let named = 0
const ids: IdSource = createIdSource()
ids.calibrate(Date.now())

interface Wanted {
	readonly result: Task['result']
	readonly reason?: Task['reason']
}

export const success: Wanted = { result: 'success' }

/** The tasks of one life. */
export function openTasks({ yard, commands }: Surroundings) {
	const wanted = new Map<string, Wanted>()
	const why = 'kill test'
	return {
		async start(
			label: string,
			input: object,
			ends: Wanted,
			more: { readonly dependsOn?: readonly { task: string; policy: 'any' }[] } = {},
		) {
			const id = ids.next()
			wanted.set(id, ends)
			const order = { id, label, input: JSON.stringify(input), who: yard.owner, correlationId: why, ...more }
			const answer = await commands.startTask(order)
			if ('refusal' in answer) throw new Error(answer.refusal.message)
			return id
		},
		order: (id: string) => ({ id, who: yard.owner, why }),
		/** Waits for the ends of all, and compares them with what was wanted. */
		async ended() {
			const faults: string[] = []
			for (const [id, { result, reason = null }] of wanted) {
				const task = await yard.reached(id, 'stopped')
				if (task.result !== result || task.reason !== reason)
					faults.push(`${id} ended with ${task.result}/${task.reason} and not with ${result}/${reason}`)
			}
			return { ids: [...wanted.keys()], faults }
		},
	}
}

/** A name that no other life has locked. */
export const resource = (): string => `resource ${++named}`

/** A task with everything in its plan, one that waits in line for its lock, and one that waits for its end. */
export const whole: Life = async (surroundings) => {
	const tasks = openTasks(surroundings)
	const input = { resource: resource() }
	const first = await tasks.start('Shape::Whole', input, success)
	await tasks.start('Shape::Whole', input, success)
	await tasks.start('Shape::Whole', { resource: resource() }, success, { dependsOn: [{ task: first, policy: 'any' }] })
	return tasks.ended()
}

/** The same, and the hint that the first of them can go on is lost. */
export const unheard: Life = async (surroundings) => {
	const { yard } = surroundings
	const children = surroundings.workers().flatMap((worker) => worker.children())
	for (const pid of children) kill(pid, 'SIGSTOP')
	const tasks = openTasks(surroundings)
	try {
		const id = await tasks.start('Shape::Whole', { resource: resource() }, success)
		await yard.pool.query('delete from graphile_worker._private_jobs where key = $1', [id])
		if ((await withoutJob(yard.pool, [id])).length === 0) throw new Error('The job could not be taken away.')
	} finally {
		for (const pid of children) kill(pid, 'SIGCONT')
	}
	return tasks.ended()
}

export const reverted: Life = async (surroundings) => {
	const tasks = openTasks(surroundings)
	const input = { resource: resource() }
	await tasks.start('Shape::Revert', input, { result: 'error', reason: 'reverted' })
	await tasks.start('Shape::Whole', input, success)
	return tasks.ended()
}

const cancelled =
	(deaf: boolean): Life =>
	async (surroundings) => {
		const { yard, commands } = surroundings
		const tasks = openTasks(surroundings)
		const input = { resource: resource() }
		const id = await tasks.start('Shape::Hold', { ...input, deaf }, { result: 'cancelled', reason: 'cancelled' })
		await tasks.start('Shape::Whole', input, success)
		await waitFor('the step that holds to run', async () => (await yard.task(id)).steps[1]?.state === 'running', { timeout: 60_000 })
		await commands.cancelTask(tasks.order(id))
		return tasks.ended()
	}

/** A task is cancelled while a step runs that listens; and while one runs that does not, until the deadline. */
export const listened = cancelled(false)
export const ignored = cancelled(true)

/** A task in line is cancelled, and so is one that waits for it. */
export const leftTheLine: Life = async (surroundings) => {
	const { yard, commands } = surroundings
	const tasks = openTasks(surroundings)
	const input = { resource: resource() }
	const bad: Wanted = { result: 'cancelled', reason: 'cancelled' }
	const holder = await tasks.start('Shape::Hold', input, bad)
	await waitFor('the first one to run', async () => (await yard.task(holder)).steps[1]?.state === 'running', { timeout: 60_000 })
	const waiting = await tasks.start('Shape::Hold', input, bad)
	await tasks.start('Shape::Whole', input, success)
	await waitFor('the second one to wait', async () => (await yard.task(waiting)).waitingFor?.kind === 'lock', { timeout: 60_000 })
	await commands.cancelTask(tasks.order(waiting))
	await commands.cancelTask(tasks.order(holder))
	return tasks.ended()
}

/** A task pauses, is unlocked, another one takes its lock, and it is resumed. */
export const unlocked: Life = async (surroundings) => {
	const { yard, commands, effects } = surroundings
	await commands.changeSetting({ key: 'dangerous_actions', value: true, who: yard.owner })
	const tasks = openTasks(surroundings)
	const input = { resource: resource() }
	const file = join(effects.folder, `wish ${named}`)
	const id = await tasks.start('Shape::Stuck', { ...input, file }, { result: 'warning' })
	const next = await tasks.start('Shape::Whole', input, success)
	await yard.reached(id, 'paused')
	await commands.unlockTask({ ...tasks.order(id), confirmed: true })
	await yard.reached(next, 'stopped')
	writeFileSync(file, '')
	await commands.resumeTask(tasks.order(id))
	const ended = await tasks.ended()
	rmSync(file)
	return ended
}

/** Outputs of more than a megabyte each. */
export const large: Life = async (surroundings) => {
	const tasks = openTasks(surroundings)
	for (let count = 0; count < 2; count++) await tasks.start('Shape::Large', { characters: 700_000 }, success)
	return tasks.ended()
}

/** Many tasks are planned at once, and the name of one of them cannot be stored. */
export const poisoned: Life = async (surroundings) => {
	const { yard, commands, effects } = surroundings
	const tasks = openTasks(surroundings)
	const all: string[] = []
	const startGood = async (): Promise<unknown> => all.push(await tasks.start('Shape::Together', { poisoned: false }, success))
	for (let count = 0; count < 12; count++) await startGood()
	const bad = await tasks.start('Shape::Together', { poisoned: true }, { result: 'cancelled', reason: 'cancelled' })
	all.push(bad)
	for (let count = 0; count < 12; count++) await startGood()
	await waitFor(
		'all to be planned',
		async () => {
			const { rows } = await yard.pool.query('select from task where id = any($1::uuid[]) and state = 2', [all])
			return rows.length === all.length
		},
		{ timeout: 60_000 },
	)
	const gate = join(effects.folder, 'gate')
	writeFileSync(gate, '')
	const { reason } = await yard.reached(bad, 'paused')
	await commands.cancelTask(tasks.order(bad))
	const { ids: own, faults } = await tasks.ended()
	rmSync(gate)
	return { ids: own, faults: reason === 'planning_failed' ? faults : [...faults, `${bad} paused for ${reason}`] }
}

/** A command in a child process of its own. */
export const command: Life = async (surroundings) => {
	const tasks = openTasks(surroundings)
	await tasks.start('Command::Run', { command: 'echo begun; sleep 0.2; echo done', idempotent: true }, success)
	return tasks.ended()
}

/** Steps that write into a table of their author's in the transaction of their outcome, and a task behind them in the line. */
export const booked: Life = async (surroundings) => {
	const { pool } = surroundings.yard
	await pool.query(ledgerTable)
	const tasks = openTasks(surroundings)
	const input = { resource: resource() }
	const first = await tasks.start('Shape::Ledger', input, success)
	await tasks.start('Shape::Ledger', input, success, { dependsOn: [{ task: first, policy: 'any' }] })
	const { ids: own, faults } = await tasks.ended()
	return { ids: own, faults: [...faults, ...(await faultsOfLedger(pool, own))] }
}
