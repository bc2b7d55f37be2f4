// One process of the peer: a runner of graphile-worker and the jobs that it takes. Each process has a task identifier of
// its own, so that it knows when its round has ended.
import { Logger, makeWorkerUtils, parseCronItems, run, runMigrations } from 'graphile-worker'
import pg from 'pg'
import { answerParent, sampled, settings } from '../peer.mjs'

/** Jobs that one `add_jobs` adds. */
const batch = 1_000

const pool = new pg.Pool({ ...settings.connection, max: settings.connections })
pool.on('error', () => undefined)
pool.on('connect', (client) => client.on('error', () => undefined))
const logger = new Logger(() => (level, message) => {
	if (level === 'error') console.error(message)
})
await runMigrations({ pgPool: pool, logger })

let ran = 0
let onJob = () => undefined
const nothing = `nothing-${settings.number}`
const runner = await run({
	pgPool: pool,
	logger,
	concurrency: settings.atOnce,
	noHandleSignals: true,
	parsedCronItems: parseCronItems([]),
	taskList: {
		[nothing]: async () => {
			ran += 1
			onJob()
		},
	},
	preset: { worker: settings.preset },
})
const utils = await makeWorkerUtils({ pgPool: pool, logger })

answerParent(
	{
		single: async ({ tasks }) => {
			const end = ran + tasks
			const { promise, resolve } = Promise.withResolvers()
			onJob = () => {
				if (ran === end) resolve()
			}
			for (let added = 0; added < tasks; added += batch) {
				await utils.addJobs(Array.from({ length: Math.min(batch, tasks - added) }, () => ({ identifier: nothing, payload: {} })))
			}
			await promise
			onJob = () => undefined
		},
		first: ({ samples }) =>
			sampled(samples, async () => {
				const { promise, resolve } = Promise.withResolvers()
				onJob = () => resolve(performance.now())
				const begun = performance.now()
				await utils.addJob(nothing, {})
				return (await promise) - begun
			}),
		// It keeps nothing of a job that has ended: what ran is what its handlers counted.
		count: async () => {
			const { rows } = await pool.query('select count(*)::int as left from graphile_worker._private_jobs')
			return { tasks: ran - rows[0].left, steps: null }
		},
	},
	async () => {
		await runner.stop()
		await pool.end()
	},
)
