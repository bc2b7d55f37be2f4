// One process of the peer: jobs of pg-boss, fetched, continued and completed in batches. Each process has a queue of its
// own, so that it knows when its round has ended. A batch adds the next jobs of its chains and completes its own ones in
// one transaction, so that no chain breaks.
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { answerParent, sampled, settings } from '../peer.mjs'

/** Jobs that one insert adds. */
const batch = 1_000
const chains = `chains-${settings.number}`
const alerts = `alerts-${settings.number}`
const joins = `joins-${settings.number}`

const boss = new PgBoss({ ...settings.connection, max: settings.connections, useListenNotify: settings.listens })
boss.on('error', (error) => console.error(error))
boss.on('warning', () => undefined)
await boss.start()
// A table of its own for each queue is what its documentation advises for large ones.
await boss.createQueue(chains, { partition: true })
await boss.createQueue(alerts, { notify: true, partition: true })
await boss.createQueue(joins, { partition: true })
const pool = new pg.Pool({ ...settings.connection, max: settings.loops })
pool.on('error', () => undefined)
pool.on('connect', (client) => client.on('error', () => undefined))

let onJob = () => undefined
if (settings.listens) {
	await boss.work(alerts, { pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 30 }, async () => onJob())
}

/** Runs so many chains of so many jobs. */
async function round(tasks, length) {
	for (let added = 0; added < tasks; added += batch) {
		await boss.insert(
			chains,
			Array.from({ length: Math.min(batch, tasks - added) }, () => ({ data: { place: 1 } })),
		)
	}
	await work(tasks, length)
}

/** Until so many chains of so many jobs have ended. */
async function work(tasks, length) {
	let left = tasks
	await Promise.all(
		Array.from({ length: settings.loops }, async () => {
			const client = await pool.connect()
			const db = { executeSql: (text, values) => client.query(text, values) }
			try {
				while (left > 0) {
					const jobs = await boss.fetch(chains, { batchSize: settings.batch })
					if (jobs.length === 0) {
						await new Promise((resolve) => setTimeout(resolve, 1))
						continue
					}
					const ids = jobs.map((job) => job.id)
					const next = jobs.filter((job) => job.data.place < length).map((job) => ({ data: { place: job.data.place + 1 } }))
					if (next.length === 0) await boss.complete(chains, ids)
					else {
						await client.query('begin')
						await boss.insert(chains, next, { db })
						await boss.complete(chains, ids, null, { db })
						await client.query('commit')
					}
					left -= jobs.length - next.length
				}
			} finally {
				client.release()
			}
		}),
	)
}

/** A job that depends on so many others. What they make ready is found at once, not with the next look of its interval. */
async function fanOut(tasks) {
	const members = Array.from({ length: tasks }, (_, index) => ({ ref: `${index}`, name: chains, data: { place: 1 } }))
	await boss.flow([...members, { ref: 'joined', name: joins, dependsOn: members.map(({ ref }) => ref) }])
	await work(tasks, 1)
	for (;;) {
		await boss.resolveFlow()
		const jobs = await boss.fetch(joins)
		if (jobs.length > 0) return boss.complete(joins, jobs[0].id)
	}
}

answerParent(
	{
		durable: ({ tasks }) => round(tasks, settings.steps),
		single: ({ tasks }) => round(tasks, 1),
		fanOut: ({ tasks }) => fanOut(tasks),
		first: ({ samples }) =>
			sampled(samples, async () => {
				const { promise, resolve } = Promise.withResolvers()
				onJob = () => resolve(performance.now())
				const begun = performance.now()
				await boss.send(alerts, {})
				return (await promise) - begun
			}),
		count: async () => {
			const { rows } = await pool.query(`select count(*)::int as steps from pgboss.job where state = 'completed' and name = any($1)`, [
				[chains, alerts],
			])
			return { tasks: null, steps: rows[0].steps }
		},
	},
	async () => {
		await pool.end()
		await boss.stop({ graceful: false })
	},
)
