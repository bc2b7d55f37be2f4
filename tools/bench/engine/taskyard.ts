/** Our side of the engine bench: tasks started through the command that the server uses, run by a worker as shipped. */

import { setTimeout as delay } from 'node:timers/promises'
import { openCommands } from '@taskyard/engine/commands/commands'
import { installQueue } from '@taskyard/engine/commands/installQueue'
import { changeChannel } from '@taskyard/engine/wakeUp'
import { connectionOptions, openPool, type Pool } from '@taskyard/store/connection'
import { migrate } from '@taskyard/store/migrate'
import { taskStateCode } from '@taskyard/store/tasks/codes'
import { insertUser } from '@taskyard/testkit/rows'
import pg from 'pg'
import { type BulkCancel, bulkCancel } from './bulkCancel.ts'
import { checkRows, type Ran } from './checkRows.ts'
import { sampleEvent } from './event.ts'
import { checkFanOut } from './fanOut.ts'
import { type BenchWorker, startWorker } from './worker.ts'
import { type FanOut, limitOfFanOut, type Load, pause, type Sample, stepsOf } from './workload.ts'

export interface Taskyard {
	readonly worker: BenchWorker
	/** Starts so many tasks at once and answers the milliseconds from the first start to the last task stopped. */
	run(load: Load, tasks: number): Promise<number>
	/** Starts one task after the other while nothing else is under way; answers the milliseconds of each. */
	sample(what: Sample, samples: number): Promise<number[]>
	/** Runs a task with so many sub-tasks; answers the milliseconds from its start until it has stopped with all of them. */
	fanOut(what: FanOut, subTasks: number): Promise<number>
	/** Cancels so many tasks that wait, while steps run beside it. */
	bulkCancel(tasks: number): Promise<BulkCancel>
	/** Throws unless all tasks, steps and events of what was run are stored, and nothing else. Answers in words what is. */
	checkRows(): Promise<string>
	/** When the last of it had ended, by this process's clock. */
	lastActive(): number
	stop(): Promise<void>
}

const labels: Readonly<Record<Load | Sample | FanOut, string>> = {
	durable: 'Bench::Nothing',
	ten: 'Bench::Nothing',
	single: 'Bench::Single',
	first: 'Bench::First',
	event: 'Bench::Event',
	fanOut: 'Bench::FanOut',
	limited: 'Bench::FanOut',
}

export interface TaskyardOptions {
	readonly url: string
	readonly worker: readonly string[]
	readonly logFile: string
	/** Where the worker's processes leave their CPU profiles. */
	readonly profile: string | null
}

export async function openTaskyard({ url, worker: words, logFile, profile }: TaskyardOptions): Promise<Taskyard> {
	await migrate(url, { also: [installQueue] })
	const pool = openPool(url, { max: 1, applicationName: 'bench' })
	const owner = await insertUser(pool)
	const worker = await startWorker({ words, url, pool, logFile, profile })
	const commands = await openCommands({
		url,
		applicationName: 'bench commands',
		log: (level, message) => console.error(`${level}: ${message}`),
	})
	const listener = new pg.Client(connectionOptions(url))
	await listener.connect()
	await listener.query(`listen ${changeChannel}`)
	const ran: Ran = { tasks: 0, steps: 0, events: 0, cancelled: 0 }
	let lastActive = performance.now()
	const count = (what: Load | Sample, tasks: number): void => {
		ran.tasks += tasks
		ran.steps += tasks * stepsOf(what)
		lastActive = performance.now()
	}
	const start = async (what: Load | Sample | FanOut, input = '{}'): Promise<string> => {
		const answer = await commands.startTask({ label: labels[what], input, who: owner, correlationId: 'bench' })
		if ('refusal' in answer) throw new Error(`A task was not started: ${answer.refusal.message}`)
		return answer.task.id
	}
	const once: Record<Sample, () => Promise<number>> = {
		async first() {
			const begun = process.hrtime.bigint()
			const id = await start('first')
			await allStopped(listener, pool, [id])
			const { rows } = await pool.query<{ output: string }>('select output from step where task_id = $1', [id])
			return Number(BigInt(JSON.parse(rows[0]?.output ?? '"0"') as string) - begun) / 1e6
		},
		async ten() {
			const begun = performance.now()
			await stoppedSoon(pool, await start('ten'))
			return performance.now() - begun
		},
		async event() {
			const id = await start('event')
			const milliseconds = await sampleEvent({ commands, pool, owner, ended: () => allStopped(listener, pool, [id]) }, id)
			ran.events += 1
			return milliseconds
		},
	}
	const run = async (load: Load, tasks: number): Promise<number> => {
		const begun = performance.now()
		await allStopped(listener, pool, await Promise.all(Array.from({ length: tasks }, () => start(load))))
		count(load, tasks)
		return performance.now() - begun
	}
	return {
		worker,
		lastActive: () => lastActive,
		run,
		async fanOut(what, subTasks) {
			const begun = performance.now()
			const limit = what === 'limited' ? limitOfFanOut : undefined
			const id = await start(what, JSON.stringify({ count: subTasks, limit }))
			await allStopped(listener, pool, [id])
			const milliseconds = performance.now() - begun
			await checkFanOut(pool, id, subTasks)
			count('single', subTasks + 1)
			return milliseconds
		},
		async bulkCancel(tasks) {
			const place = { commands, pool, owner, run: (some: number) => run('durable', some), stepsPerTask: stepsOf('durable') }
			const measured = await bulkCancel(place, tasks)
			ran.cancelled += tasks
			// The bulk is a task of one step itself.
			count('single', 1)
			return measured
		},
		async sample(what, samples) {
			const milliseconds: number[] = []
			for (let sample = 0; sample < samples; sample++) {
				milliseconds.push(await once[what]())
				await delay(pause)
			}
			count(what, samples)
			return milliseconds
		},
		checkRows: () => checkRows(pool, ran),
		async stop() {
			await commands.close()
			await worker.stop()
			await listener.end()
			await pool.end()
		},
	}
}

const oneStopped = { name: 'bench:one', text: 'select from task where id = $1 and state = $2' }
const stopped = taskStateCode.encode('stopped')

/** Looks each millisecond: a wake-up may come 25 ms after the last one. */
async function stoppedSoon(pool: Pool, id: string): Promise<void> {
	while ((await pool.query({ ...oneStopped, values: [id, stopped] })).rowCount === 0) await delay(1)
}

/**
 * Waits until all of them have stopped. It looks when there is news, and each second, for one wake-up may be lost; and
 * at one task only, the last one that was found open, so that looking costs the engine next to nothing.
 */
async function allStopped(listener: pg.Client, pool: Pool, ids: readonly string[]): Promise<void> {
	let open = ids.at(-1)
	while (open !== undefined) {
		const news = Promise.withResolvers<void>()
		const impatience = setTimeout(() => news.resolve(), 1_000)
		const onNews = (): void => news.resolve()
		listener.once('notification', onNews)
		const one = await pool.query({ ...oneStopped, values: [open, stopped] })
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
