/** Our side of the engine bench: tasks started through the command that the server uses, run by a worker as shipped. */

import { openCommands } from '@taskyard/engine/commands/commands'
import type { Commands } from '@taskyard/engine/commands/types'
import { installQueue } from '@taskyard/engine/commands/installQueue'
import { changeChannel } from '@taskyard/engine/wakeUp'
import { connectionOptions, openPool, type Pool } from '@taskyard/store/connection'
import { migrate } from '@taskyard/store/migrate'
import { eventKindCode, stepStateCode, taskResultCode, taskStateCode } from '@taskyard/store/tasks/codes'
import { insertUser } from '@taskyard/testkit/rows'
import { waitFor } from '@taskyard/testkit/waitFor'
import pg from 'pg'
import { type BenchWorker, startWorker } from './worker.ts'
import { stepsPerTask, taskLabel } from './workload.ts'

export interface Taskyard {
	readonly worker: BenchWorker
	/** Starts so many tasks at once and answers the milliseconds from the first start to the last task stopped. */
	run(tasks: number): Promise<number>
	stop(): Promise<void>
}

export async function openTaskyard(options: { url: string; worker: readonly string[]; logFile: string }): Promise<Taskyard> {
	const { url } = options
	await migrate(url, { also: [installQueue] })
	const pool = openPool(url, { max: 1, applicationName: 'bench' })
	const owner = await insertUser(pool)
	const worker = await startWorker(options.worker, url, pool, options.logFile)
	const commands = await openCommands({
		url,
		applicationName: 'bench commands',
		log: (level, message) => console.error(`${level}: ${message}`),
	})
	const listener = new pg.Client(connectionOptions(url))
	await listener.connect()
	await listener.query(`listen ${changeChannel}`)
	return {
		worker,
		async run(tasks) {
			const begun = performance.now()
			await allStopped(listener, pool, await startAll(commands, owner, tasks))
			return performance.now() - begun
		},
		async stop() {
			await commands.close()
			await worker.stop()
			await listener.end()
			await pool.end()
		},
	}
}

/** Answers the ids of the tasks that were started. */
async function startAll(commands: Commands, owner: number, tasks: number): Promise<string[]> {
	const answers = await Promise.all(
		Array.from({ length: tasks }, () => commands.startTask({ label: taskLabel, input: '{}', who: owner, correlationId: 'bench' })),
	)
	return answers.map((answer) => {
		if ('refusal' in answer) throw new Error(`A task was not started: ${answer.refusal.message}`)
		return answer.task.id
	})
}

/**
 * Waits until all of them have stopped. It looks when there is news, and each second, for one wake-up may be lost; and
 * at one task only, the last one that was found open, so that looking costs the engine next to nothing.
 */
async function allStopped(listener: pg.Client, pool: Pool, ids: readonly string[]): Promise<void> {
	const stopped = taskStateCode.encode('stopped')
	let open = ids.at(-1)
	while (open !== undefined) {
		const news = Promise.withResolvers<void>()
		const impatience = setTimeout(() => news.resolve(), 1_000)
		const onNews = (): void => news.resolve()
		listener.once('notification', onNews)
		const one = await pool.query({ name: 'bench:one', text: 'select from task where id = $1 and state = $2', values: [open, stopped] })
		if (one.rowCount === 1) {
			const rest = await pool.query<{ id: string }>({
				name: 'bench:rest',
				text: 'select id from task where id = any($1::uuid[]) and state <> $2 order by id desc limit 1',
				values: [ids, stopped],
			})
			open = rest.rows[0]?.id
		} else await news.promise
		clearTimeout(impatience)
		listener.off('notification', onNews)
	}
}

/** Counts what must be there after so many tasks, and throws when it is not. Answers in words what was counted. */
export async function checkRows(pool: Pool, tasks: number): Promise<string> {
	await waitFor('the queue to be empty', async () => (await countOf(pool, 'select from graphile_worker._private_jobs')) === 0)
	const steps = tasks * stepsPerTask
	const stepKind = eventKindCode.encode('step')
	const success = stepStateCode.encode('success')
	const expectations: [what: string, expected: number, query: string][] = [
		[
			'tasks stopped with success',
			tasks,
			`select from task where state = ${taskStateCode.encode('stopped')} and result = ${taskResultCode.encode('success')}`,
		],
		['steps in success', steps, `select from step where state = ${success}`],
		['events of their success', steps, `select from event where kind = ${stepKind} and new = ${success}`],
		['events of the tasks', tasks * eventsOfTask, `select from event where kind <> ${stepKind}`],
		['jobs in the queue', 0, 'select from graphile_worker._private_jobs'],
		['locks', 0, 'select from lock'],
	]
	const said: string[] = []
	for (const [what, expected, query] of expectations) {
		const found = await countOf(pool, query)
		if (found !== expected)
			throw new Error(`After ${tasks} tasks there should be ${expected} ${what}, but there are ${found}: the engine lost or doubled work.`)
		said.push(`${found} ${what}`)
	}
	return said.join(', ')
}

/** Created, planning, planned, running, stopped. */
const eventsOfTask = 5

async function countOf(pool: Pool, query: string): Promise<number> {
	const { rows } = await pool.query<{ count: number }>(`select count(*) as count from (${query}) found`)
	return rows[0]?.count ?? 0
}
