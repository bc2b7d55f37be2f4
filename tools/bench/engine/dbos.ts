/**
 * The peer of the engine bench: `@dbos-inc/dbos-sdk`, tuned as its documentation says. Workflows are started in the
 * processes that run them, without a queue, because that is its fastest way; no traces, no notifications. How many
 * processes, connections and workflows at once are best is tried out before the rounds.
 */

import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectionOptions, type Pool } from '@taskyard/store/connection'
import { stepsPerTask } from './workload.ts'

export const dbosName = '@dbos-inc/dbos-sdk'

export interface DbosSettings {
	readonly processes: number
	/** Connections of each process. */
	readonly connections: number
	/** Workflows under way in each process. */
	readonly atOnce: number
}

export interface Dbos {
	/** Runs so many workflows of ten steps and answers the milliseconds from the first start to the last end. */
	run(workflows: number): Promise<number>
	stop(): Promise<void>
}

/** What is tried: a process for each of two cores or fewer, pools from its default of 10 to 50. */
export const dbosCandidates: readonly DbosSettings[] = [
	{ processes: 1, connections: 10, atOnce: 100 },
	{ processes: 1, connections: 20, atOnce: 100 },
	{ processes: 2, connections: 5, atOnce: 50 },
	{ processes: 2, connections: 10, atOnce: 50 },
	{ processes: 2, connections: 20, atOnce: 200 },
	{ processes: 2, connections: 50, atOnce: 1000 },
	{ processes: 3, connections: 10, atOnce: 50 },
]

const directory = fileURLToPath(new URL('../peers/dbos/', import.meta.url))

/** Installs the peer on first use. Answers why it is missing, or null. */
export function installDbos(say: (line: string) => void): string | null {
	const wanted = (JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')) as { dependencies: Record<string, string> })
		.dependencies[dbosName]
	const manifest = path.join(directory, 'node_modules', dbosName, 'package.json')
	const installed = existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version === wanted
	if (installed) return null
	say(`installing ${dbosName} ${wanted} in ${path.relative(process.cwd(), directory)}`)
	const { status, error, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: directory, encoding: 'utf8' })
	if (status === 0) return null
	return `\`npm ci\` in ${directory} failed: ${error?.message ?? stderr.trim()}`
}

export async function openDbos(url: string, settings: DbosSettings): Promise<Dbos> {
	const peers: ChildProcess[] = []
	// One after the other: the first makes the tables.
	for (let number = 1; number <= settings.processes; number++) peers.push(await startPeer(url, settings, number))
	return {
		async run(workflows) {
			const begun = performance.now()
			await Promise.all(
				peers.map((peer, index) => {
					const share = Math.floor(workflows / peers.length) + (index < workflows % peers.length ? 1 : 0)
					peer.send({ workflows: share, atOnce: settings.atOnce })
					return answerOf(peer, 'done')
				}),
			)
			return performance.now() - begun
		},
		async stop() {
			await Promise.all(
				peers.map(async (peer) => {
					const ended = new Promise((resolve) => peer.once('exit', resolve))
					peer.send({ kind: 'stop' })
					await ended
				}),
			)
		},
	}
}

async function startPeer(url: string, { connections }: DbosSettings, number: number): Promise<ChildProcess> {
	const { host, port, user, database } = connectionOptions(url)
	// It wants a URL with a host; the pool that it is given, over the socket, is what connects.
	const named = `postgresql://${user}@localhost:${port}/${database}`
	const settings = { name: `bench-${number}`, url: named, connections, steps: stepsPerTask, connection: { host, port, user, database } }
	const peer = fork(path.join(directory, 'run.mjs'), {
		cwd: directory,
		execArgv: [],
		env: { ...process.env, BENCH_PEER: JSON.stringify(settings) },
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
	})
	await answerOf(peer, 'ready')
	return peer
}

/** The next message of a peer, which must be of that kind. */
function answerOf(peer: ChildProcess, kind: string): Promise<void> {
	return new Promise((resolve, reject) => {
		const onExit = (code: number | null): void => reject(new Error(`A process of ${dbosName} ended with ${code}; see its lines above.`))
		peer.once('exit', onExit)
		peer.once('message', (message: { kind: string; message?: string }) => {
			peer.off('exit', onExit)
			if (message.kind === kind) resolve()
			else reject(new Error(`${dbosName} failed: ${message.message ?? message.kind}`))
		})
	})
}

/** Throws unless every step and workflow of the peer was stored. */
export async function checkDbosRows(pool: Pool, workflows: number): Promise<string> {
	const { rows } = await pool.query<{ ended: number; steps: number }>(
		`select (select count(*) from dbos.workflow_status where status = 'SUCCESS') as ended, (select count(*) from dbos.operation_outputs) as steps`,
	)
	const { ended, steps } = rows[0] ?? { ended: 0, steps: 0 }
	if (ended !== workflows || steps !== workflows * stepsPerTask) {
		throw new Error(`After ${workflows} workflows ${dbosName} has stored ${ended} as ended and ${steps} steps: its rounds do not count.`)
	}
	return `${ended} workflows ended, ${steps} steps`
}
