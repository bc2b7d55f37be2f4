/** One runner a process: takes jobs of our queues and hands each to `handle`. */

import { EventEmitter } from 'node:events'
import { Logger, parseCronItems, run, type TaskList, type WorkerEvents } from 'graphile-worker'
import type { Pool } from 'pg'
import { identifierOf } from './jobs.ts'

export interface RunnerOptions {
	readonly pool: Pool
	readonly queues: readonly string[]
	/** Jobs handled at once. */
	readonly concurrency: number
	/**
	 * Must not throw: a job that throws burns one of its attempts and backs off until it is dead. What it throws all the
	 * same is logged, and the sweep finds the task again.
	 */
	readonly handle: (task: string) => Promise<void>
	/** Called with the id under which this process holds its jobs, each time a pool is made. */
	readonly onPool: (poolId: string) => Promise<void>
	readonly log: (level: 'error' | 'warning' | 'info' | 'debug', message: string) => void
}

export interface JobRunner {
	/** Takes no new jobs and waits for those under way. */
	stop(): Promise<void>
}

/** Waits before another runner is made after the last one gave up, in milliseconds. */
const pause = 250

/** One runner of graphile-worker. Both promises end also when it has given up and does not. */
interface OneRunner {
	readonly ended: Promise<void>
	stop(): Promise<void>
}

/**
 * Runs until stopped. graphile-worker gives up for good when the database goes away while it reports a job, so a
 * runner that ended is followed by another.
 */
export function openRunner(options: RunnerOptions): JobRunner {
	const stopping = new AbortController()
	let current: OneRunner | null = null
	const finished = (async () => {
		while (!stopping.signal.aborted) {
			try {
				current = await start(options)
				if (stopping.signal.aborted) await current.stop()
				await current.ended
			} catch (error) {
				if (!stopping.signal.aborted) options.log('warning', `The queue was lost (${(error as Error).message}); it is opened again.`)
			}
			current = null
			if (!stopping.signal.aborted) await wait(pause, stopping.signal)
		}
	})()
	return {
		async stop() {
			stopping.abort()
			// A runner that has already ended rejects its stop; what matters is that it has ended.
			await (current as OneRunner | null)?.stop().catch(() => undefined)
			await finished
		},
	}
}

async function start(options: RunnerOptions): Promise<OneRunner> {
	let inHand = 0
	/** Why it gave up. */
	let failure: Error | null = null
	const givenUp = Promise.withResolvers<void>()
	// It shuts down when it could not report a job, and waits for those in hand. If one of these reports meanwhile, it
	// waits for ever, for it counts a report too many (graphile-worker 0.18.0, `batch`): who has nothing in hand is left.
	const leave = (): void => {
		if (failure && inHand === 0) givenUp.reject(failure)
	}
	givenUp.promise.catch(() => undefined)
	const handle = async (payload: unknown): Promise<void> => {
		// A pool that keeps JSON as text gives the payload as text.
		const { task } = (typeof payload === 'string' ? JSON.parse(payload) : payload) as { task: string }
		inHand += 1
		try {
			await options.handle(task)
		} catch (error) {
			options.log('error', `Activation of task ${task} failed: ${(error as Error).stack ?? String(error)}`)
		} finally {
			inHand -= 1
			leave()
		}
	}
	const events: WorkerEvents = new EventEmitter()
	events.on('pool:create', ({ workerPool }) => {
		options
			.onPool(workerPool.id)
			.catch((error: Error) => options.log('warning', `The id of the pool could not be stored: ${error.message}`))
	})
	events.on('pool:fatalError', ({ error }) => {
		failure ??= error instanceof Error ? error : new Error(String(error))
		leave()
	})
	const taskList: TaskList = Object.fromEntries(options.queues.map((queue) => [identifierOf(queue), handle]))
	const runner = await run({
		pgPool: options.pool,
		concurrency: options.concurrency,
		noHandleSignals: true,
		parsedCronItems: parseCronItems([]),
		taskList,
		logger: new Logger(() => (level, message) => {
			// Each job is worth a line of theirs, not of ours: the history of the task says it better.
			// That there are fewer connections than jobs at once is meant so: what they write is written in groups.
			if ((level === 'error' || level === 'warning') && !message.includes('maxPoolSize')) options.log(level, message)
		}),
		preset: {
			worker: {
				localQueue: { size: options.concurrency, ttl: 1000 },
				completeJobBatchDelay: 0,
				failJobBatchDelay: 0,
				// A plan that is made while the table is empty would be kept: it sorts every job that waits, for each hundred that
				// are taken. Measured with 15,000 of them, after a vacuum of the empty table: 860 single-step tasks a second, else 4,400.
				preparedStatements: false,
			},
		},
		events,
	})
	const ended = Promise.race([runner.promise, givenUp.promise])
	// Nobody may be waiting for it any more when it ends.
	ended.catch(() => undefined)
	return {
		ended,
		stop: () => Promise.race([runner.stop(), givenUp.promise]),
	}
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
	await new Promise<void>((resolve) => {
		const timer = setTimeout(resolve, milliseconds)
		signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
	})
}
