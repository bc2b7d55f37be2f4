/** `apps/worker` as it ships: built, with its default settings, in processes of its own. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Environment, readEnvironment } from '@taskyard/process/environment'
import type { Pool } from '@taskyard/store/connection'
import { waitFor } from '@taskyard/testkit/waitFor'

export interface BenchWorker {
	readonly settings: Environment
	/** Of the children that run steps. */
	readonly children: readonly number[]
	/** Ends it in order, and waits until it has ended. */
	stop(): Promise<void>
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const built = path.join(root, 'apps/worker/dist/main.js')
const source = path.join(root, 'apps/worker/src/main.ts')
const noopTasks = fileURLToPath(new URL('noopTasks.ts', import.meta.url))

/** Builds the project, and answers how the worker is started: as it was built, or else, with the reason said, from its sources. */
export function buildWorker(say: (line: string) => void): string[] {
	const project = run('tools/build.mjs')
	// What does not build may be no part of the worker, the page for instance.
	if (project.status !== 0 && run('node_modules/typescript/bin/tsc', '-b', 'apps/worker').status !== 0) {
		say(
			`The build failed, so the worker runs from its sources, which is not what ships; correct what it names:\n${project.stderr.trimEnd()}`,
		)
		return [source]
	}
	return ['--conditions=compiled', built]
}

function run(...words: string[]): { status: number | null; stderr: string } {
	return spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' })
}

export interface WorkerOptions {
	/** As `buildWorker` answered. */
	readonly words: readonly string[]
	readonly url: string
	readonly pool: Pool
	readonly logFile: string
	/** Where its processes leave their CPU profiles when they end. */
	readonly profile: string | null
}

/** Starts a worker and waits until each of its children takes work. */
export async function startWorker({ words, url, pool, logFile, profile }: WorkerOptions): Promise<BenchWorker> {
	// Nothing that is set where the bench is started may change what is measured.
	const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(WORKER_|LOG_|NODE_OPTIONS)/.test(name)))
	const environment = {
		...inherited,
		DATABASE_URL: url,
		WORKER_TASKS: noopTasks,
		...(profile && { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` }),
	}
	const settings = readEnvironment(environment)
	const log = openSync(logFile, 'w')
	const child = spawn(process.execPath, words, { cwd: root, stdio: ['ignore', log, log], env: environment })
	closeSync(log)
	const ended = new Promise<void>((resolve) => {
		child.once('error', () => resolve())
		child.once('exit', () => resolve())
	})
	const endWithBench = (): void => void child.kill('SIGKILL')
	process.once('exit', endWithBench)
	const outcome = await waitFor(
		'all children of the worker to take work',
		async () => {
			if (hasEnded(child)) return 'ended'
			const { rows } = await pool.query<{ ready: boolean }>(
				'select count(*) = $1 as ready from child where pool_id is not null and ended_at is null',
				[settings.workerChildren],
			)
			return rows[0]?.ready && 'ready'
		},
		{ timeout: 30_000 },
	).catch((error: Error) => error.message)
	if (outcome !== 'ready') {
		child.kill('SIGTERM')
		await ended
		throw new Error(`The worker did not begin to work (${outcome}). The end of its log:\n${endOf(logFile)}`)
	}
	const { rows } = await pool.query<{ pid: number }>('select pid from child where pool_id is not null and ended_at is null order by id')
	return {
		settings,
		children: rows.map((row) => row.pid),
		async stop() {
			child.kill('SIGTERM')
			await ended
			process.off('exit', endWithBench)
		},
	}
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

const endOf = (file: string): string => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n')
