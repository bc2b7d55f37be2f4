// One process of the peer: BullMQ's queue and worker on a Redis that commits each write to disk. Each process has a queue
// of its own, so that it knows when its round has ended. The first one starts the Redis.
import { openSync } from 'node:fs'
import path from 'node:path'
import { FlowProducer, Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { answerParent, sampled, settings } from '../peer.mjs'
import { startServer } from '../server.mjs'

/** Jobs that one `addBulk` adds. */
const batch = 1_000

const options = { path: settings.socket, maxRetriesPerRequest: null }
const server = settings.number === 1 ? await startRedis() : null

async function startRedis() {
	const words = ['--port', '0', '--unixsocket', settings.socket, '--dir', settings.directory, '--save', '', '--maxmemory-policy', 'noeviction']
	return startServer('redis-server', [...words, '--appendonly', 'yes', '--appendfsync', 'always'], {
		log: openSync(path.join(settings.directory, 'redis.log'), 'w'),
		answers: async () => {
			const client = new Redis({ ...options, lazyConnect: true, retryStrategy: null })
			client.on('error', () => undefined)
			try {
				await client.connect()
				return (await client.ping()) === 'PONG'
			} finally {
				client.disconnect()
			}
		},
	})
}

const connection = new Redis(options)
const connectionOfWorker = new Redis(options)
const name = `chains-${settings.number}`
const queue = new Queue(name, { connection })
const flows = new FlowProducer({ connection })
const jobOptions = { removeOnComplete: true, removeOnFail: true }

let ran = 0
let onStep = () => undefined
let onEnd = () => undefined
let onJoined = () => undefined
const worker = new Worker(
	name,
	async (job) => {
		if (job.name === 'joined') return
		ran += 1
		onStep()
		const { place, length } = job.data
		// The next job of the chain is there before this one is completed, so that no chain breaks.
		if (place < length) await queue.add('nothing', { place: place + 1, length }, jobOptions)
	},
	{ connection: connectionOfWorker, concurrency: settings.atOnce, drainDelay: 60, stalledInterval: 300_000 },
)
worker.on('completed', (job) => {
	if (job.name === 'joined') onJoined()
	else if (job.data.place === job.data.length) onEnd()
})
worker.on('error', (error) => console.error(error))
await worker.waitUntilReady()

/** Runs so many chains of so many jobs. */
async function round(tasks, length) {
	const { promise, resolve } = Promise.withResolvers()
	let left = tasks
	onEnd = () => {
		left -= 1
		if (left === 0) resolve()
	}
	for (let added = 0; added < tasks; added += batch) {
		const jobs = Array.from({ length: Math.min(batch, tasks - added) }, () => ({ name: 'nothing', data: { place: 1, length }, opts: jobOptions }))
		await queue.addBulk(jobs)
	}
	await promise
	onEnd = () => undefined
}

/** A job with so many children; it runs when they have ended. */
async function fanOut(tasks) {
	const joined = Promise.withResolvers()
	onJoined = joined.resolve
	const child = { name: 'nothing', queueName: name, data: { place: 1, length: 1 }, opts: jobOptions }
	await flows.add({ name: 'joined', queueName: name, opts: jobOptions, children: Array.from({ length: tasks }, () => child) })
	await joined.promise
}

/** From the start of a chain to what `watch` waits for; answers when the chain has ended. */
async function chain(length, atFirstStep) {
	const ended = Promise.withResolvers()
	const begun = performance.now()
	let first = null
	onStep = () => {
		first ??= performance.now()
	}
	onEnd = ended.resolve
	await queue.add('nothing', { place: 1, length }, jobOptions)
	await ended.promise
	const end = performance.now()
	onStep = () => undefined
	return (atFirstStep ? first : end) - begun
}

answerParent(
	{
		durable: ({ tasks }) => round(tasks, settings.steps),
		single: ({ tasks }) => round(tasks, 1),
		first: ({ samples }) => sampled(samples, () => chain(1, true)),
		fanOut: ({ tasks }) => fanOut(tasks),
		ten: ({ samples }) => sampled(samples, () => chain(settings.steps, false)),
		// Completed jobs are removed: what ran is what its worker counted.
		count: async () => {
			const left = await queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized', 'failed', 'paused')
			return { tasks: null, steps: ran - left }
		},
		storage: async () => {
			const said = await Promise.all(['appendonly', 'appendfsync'].map((setting) => connection.config('GET', setting)))
			const [, version] = /redis_version:(\S+)/.exec(await connection.info('server'))
			return `Redis ${version}: ${said.map(([setting, value]) => `${setting} ${value}`).join(', ')}`
		},
		pids: async () => (server ? [process.pid, server.pid] : [process.pid]),
	},
	async () => {
		await worker.close(true)
		await queue.close()
		await flows.close()
		connection.disconnect()
		connectionOfWorker.disconnect()
		await server?.stop()
	},
)
