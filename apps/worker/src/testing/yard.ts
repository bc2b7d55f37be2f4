/**
 * A yard for kill tests: a PostgreSQL with the durability of production, workers as they ship, each a process with its
 * children, and the commands that a server would give.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openCommands } from '@taskyard/engine/commands/commands'
import type { Commands } from '@taskyard/engine/commands/types'
import { openPool, type Pool } from '@taskyard/store/connection'
import type { Keyring } from '@taskyard/store/sensitive/keyring'
import { type LoadedTask, loadTasks } from '@taskyard/store/tasks/loadTasks'
import { insertUser } from '@taskyard/testkit/rows'
import { durableServer, type TestServer } from '@taskyard/testkit/server'
import { waitFor } from '@taskyard/testkit/waitFor'

type Task = LoadedTask['task']

export interface WorkerProcess {
	/** Number of the supervisor. */
	readonly pid: number
	/** Numbers of its children, as the system knows them. */
	children(): number[]
	/** Waits until all its children take work. */
	ready(): Promise<void>
	/** Asks it to end, and answers its exit code when it has. */
	stop(): Promise<number | null>
	/** Kills the supervisor, and then what is left of its children, as a kill of its whole tree does. */
	killTree(): Promise<void>
	/** Resolves when the supervisor has ended. */
	readonly ended: Promise<void>
	/** What it has written to its log. */
	readonly output: () => string
}

export interface Yard {
	readonly server: TestServer
	readonly pool: Pool
	readonly owner: number
	readonly commands: Commands
	/** @param environment beside that of the yard */
	startWorker(environment?: Readonly<Record<string, string>>): WorkerProcess
	/** Starts a task and answers its id. */
	start(label: string, input: unknown): Promise<string>
	task(id: string): Promise<Task>
	/** Waits until a task is in a state. One that stands in another one for good is told at once. */
	reached(id: string, state: Task['state']): Promise<Task>
	/** Ends all that was started here. */
	close(): Promise<void>
}

export interface YardOptions {
	/** Milliseconds between two heartbeats: a child is lost after two. */
	readonly heartbeat: number
	readonly children?: number
	/** For all workers, e.g. the modules of their task types. */
	readonly environment?: Readonly<Record<string, string>>
	/** Of the commands, for sensitive fields; workers have theirs by their environment. */
	readonly keyring?: Keyring
	/** Instead of a server that is made for the yard; removed with it. */
	readonly server?: TestServer
}

/** Longest wait for a state: a worker may have to be found dead first. */
const patience = 60_000
const program = fileURLToPath(new URL('../main.ts', import.meta.url))

export async function openYard({ heartbeat, children = 2, environment = {}, ...given }: YardOptions): Promise<Yard> {
	const server = given.server ?? (await durableServer())
	const pool = openPool(server.url, { max: 4, applicationName: 'taskyard yard' })
	const owner = await insertUser(pool)
	const commands = await openCommands({
		url: server.url,
		applicationName: 'taskyard yard commands',
		...(given.keyring && { keyring: given.keyring }),
		log: () => undefined,
	})
	const workers: WorkerProcess[] = []

	async function task(id: string): Promise<Task> {
		const found = (await loadTasks(pool, [id])).get(id)
		if (!found) throw new Error(`There is no task ${id}.`)
		return found.task
	}

	return {
		server,
		pool,
		owner,
		commands,
		startWorker(more = {}) {
			const worker = startWorker(pool, {
				DATABASE_URL: server.url,
				WORKER_HEARTBEAT: String(heartbeat),
				WORKER_CHILDREN: String(children),
				LOG_LEVEL: 'info',
				LOG_FORMAT: 'human',
				...environment,
				...more,
			})
			workers.push(worker)
			return worker
		},
		async start(label, input) {
			const answer = await commands.startTask({ label, input: JSON.stringify(input), who: owner, correlationId: 'kill test' })
			if ('refusal' in answer) throw new Error(answer.refusal.message)
			return answer.task.id
		},
		task,
		async reached(id, state) {
			const found = await waitFor(
				`task ${id} to be ${state}`,
				async () => {
					const now = await task(id)
					return now.state === state || now.state === 'stopped' || (now.state === 'paused' && state === 'stopped') ? now : null
				},
				{ timeout: patience },
			)
			if (found.state !== state) throw new Error(`Task ${id} is ${found.state} and not ${state}: ${describe(found)}`)
			return found
		},
		async close() {
			await Promise.all(workers.map((worker) => worker.killTree()))
			await commands.close()
			await pool.end()
			await server.remove()
		},
	}
}

function describe(task: Task): string {
	const errors = task.steps.flatMap((step) => (step.error ? [`step ${step.index}: ${step.error.message}`] : []))
	return [`${task.result}, ${task.reason ?? 'no reason'}`, task.error?.message ?? '', ...errors].join('; ')
}

function startWorker(pool: Pool, environment: Record<string, string>): WorkerProcess {
	// With a channel, so that a worker ends also when the test itself is killed.
	const child = spawn(process.execPath, [program], { env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
	const pid = child.pid
	if (pid === undefined) throw new Error(`${program} could not be started.`)
	let output = ''
	child.stderr?.setEncoding('utf8').on('data', (text: string) => {
		output += text
	})
	const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
	return {
		pid,
		children: () => childrenOf(pid),
		ready: async () => {
			await waitFor(
				`the children of worker ${pid} to take work; it has written:\n${output}`,
				async () => {
					if (hasEnded(child)) throw new Error(`The worker has ended:\n${output}`)
					const { rows } = await pool.query<{ ready: boolean }>(
						`select count(*) = $2 as ready from child c join worker w on w.id = c.worker_id
						where w.pid = $1 and w.ended_at is null and c.ended_at is null and c.pool_id is not null`,
						[pid, Number(environment['WORKER_CHILDREN'])],
					)
					return rows[0]?.ready
				},
				{ timeout: patience },
			)
		},
		async stop() {
			child.kill('SIGTERM')
			await ended
			return child.exitCode
		},
		async killTree() {
			const children = childrenOf(pid)
			child.kill('SIGKILL')
			for (const one of children) kill(one, 'SIGKILL')
			await ended
			await waitFor(`the children of worker ${pid} to be gone`, () => children.every((one) => !isRunning(one)))
		},
		ended,
		output: () => output,
	}
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

function childrenOf(pid: number): number[] {
	try {
		return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
	} catch {
		return []
	}
}

/** Whether a process is there and has not ended: what nobody has reaped has. */
export function isRunning(pid: number): boolean {
	try {
		return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
	} catch {
		return false
	}
}

/** Sends a signal to a process that may have ended already. */
export function kill(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(pid, signal)
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
	}
}
