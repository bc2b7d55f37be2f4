/** A peer that runs: processes of its own, which answer a message for each round. */

import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '@taskyard/testkit/waitFor'
import { peerDirectory } from './installPeer.ts'
import type { PeerPlan, PeerSettings } from './peers.ts'
import { type Load, pause, pauseBeforeEvent, type Sample, stepsOf, stepsPerTask } from './workload.ts'

export interface Peer {
	/** Runs so many tasks and answers the milliseconds from the first start to the last end. */
	run(load: Load, tasks: number): Promise<number>
	/** Runs a task with so many sub-tasks; answers the milliseconds from its start until it has ended with all of them. */
	fanOut(subTasks: number): Promise<number>
	/** One after the other while nothing else is under way; answers the milliseconds of each. */
	sample(what: Sample, samples: number): Promise<number[]>
	/** Throws unless everything that was run is stored, or was at least counted. Answers in words what was. */
	checkRows(): Promise<string>
	/** What a server of its own says of how it stores; null where our PostgreSQL stores. */
	storage(): Promise<string | null>
	/** Processes of Node.js, and those of a server of its own. */
	pids(): Promise<number[]>
	stop(): Promise<void>
}

/** A round that takes longer hangs, in milliseconds. */
const limit = 180_000

interface Counted {
	/** Null for what the peer does not know. */
	readonly tasks: number | null
	readonly steps: number | null
}

/** `place` is what the processes need to know of where they store. */
export async function openPeer(plan: PeerPlan, settings: PeerSettings, place: Readonly<Record<string, unknown>>): Promise<Peer> {
	const started: ChildProcess[] = []
	const stop = async (): Promise<void> => {
		// The first one last: the others use its server.
		for (const peer of [...started].reverse()) await stopProcess(peer)
	}
	try {
		// One after the other: the first makes the tables, or starts the server.
		for (let number = 1; number <= settings.processes; number++) {
			started.push(await startProcess(plan, { ...settings, ...place, number, steps: stepsPerTask, pause, waits: pauseBeforeEvent }))
		}
	} catch (error) {
		await stop()
		throw error
	}
	const first = started[0] as ChildProcess
	const ran = { tasks: 0, steps: 0 }
	const count = (what: Load | Sample, tasks: number): void => {
		ran.tasks += tasks
		ran.steps += tasks * stepsOf(what)
	}
	return {
		async run(load, tasks) {
			const shares = started.map((_, index) => Math.floor(tasks / started.length) + (index < tasks % started.length ? 1 : 0))
			const begun = performance.now()
			await Promise.all(started.map((peer, index) => ask(plan, peer, { kind: load, tasks: shares[index] })))
			count(load, tasks)
			return performance.now() - begun
		},
		async sample(what, samples) {
			const milliseconds = (await ask(plan, first, { kind: what, samples })) as number[]
			count(what, samples)
			return milliseconds
		},
		async fanOut(subTasks) {
			const begun = performance.now()
			await ask(plan, first, { kind: 'fanOut', tasks: subTasks })
			const milliseconds = performance.now() - begun
			ran.tasks += 1
			count('single', subTasks)
			return milliseconds
		},
		async checkRows() {
			let last: Counted = { tasks: null, steps: null }
			const agrees = (counted: Counted): boolean => (counted.tasks ?? ran.tasks) === ran.tasks && (counted.steps ?? ran.steps) === ran.steps
			// What a job leaves behind may be written in the background.
			await waitFor('the peer to have stored all', async () => {
				const each = (await Promise.all(started.map((peer) => ask(plan, peer, { kind: 'count' })))) as Counted[]
				last = { tasks: total(each.map((one) => one.tasks)), steps: total(each.map((one) => one.steps)) }
				return agrees(last)
			}).catch(() => undefined)
			if (!agrees(last)) {
				throw new Error(
					`After ${ran.tasks} tasks of ${ran.steps} steps ${plan.name} counts ${last.tasks ?? 'unknown'} tasks and ${last.steps ?? 'unknown'} steps: its rounds do not count.`,
				)
			}
			return [last.tasks === null ? null : `${last.tasks} tasks`, last.steps === null ? null : `${last.steps} steps`]
				.filter((part) => part !== null)
				.join(', ')
		},
		storage: async () => (plan.storage === 'own' ? ((await ask(plan, first, { kind: 'storage' })) as string) : null),
		async pids() {
			const own = started.map((peer) => peer.pid as number)
			return plan.storage === 'own' ? [...new Set([...own, ...((await ask(plan, first, { kind: 'pids' })) as number[])])] : own
		},
		stop,
	}
}

const total = (values: readonly (number | null)[]): number | null =>
	values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0)

async function startProcess(plan: PeerPlan, settings: Readonly<Record<string, unknown>>): Promise<ChildProcess> {
	const directory = peerDirectory(plan.folder)
	const started = fork(path.join(directory, 'run.mjs'), {
		cwd: directory,
		execArgv: [],
		env: { ...process.env, BENCH_PEER: JSON.stringify(settings) },
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
	})
	await answerOf(plan, started, 'ready')
	return started
}

async function ask(plan: PeerPlan, peer: ChildProcess, message: { kind: string; [name: string]: unknown }): Promise<unknown> {
	const answer = answerOf(plan, peer, 'done')
	peer.send(message)
	return answer
}

/** The value of a peer's next message, which must be of that kind. */
function answerOf(plan: PeerPlan, peer: ChildProcess, kind: string): Promise<unknown> {
	return new Promise((resolve, reject) => {
		const fail = (why: string): void => {
			settle()
			reject(new Error(`${plan.name}: ${why}`))
		}
		const onExit = (code: number | null): void => fail(`a process ended with ${code}; see its lines above.`)
		const onMessage = (message: { kind: string; value?: unknown; message?: string }): void => {
			if (message.kind !== kind) return fail(message.message ?? message.kind)
			settle()
			resolve(message.value)
		}
		const timer = setTimeout(() => fail(`no answer within ${limit / 1000} s`), limit)
		const settle = (): void => {
			clearTimeout(timer)
			peer.off('exit', onExit)
			peer.off('message', onMessage)
		}
		peer.once('exit', onExit)
		peer.once('message', onMessage)
	})
}

async function stopProcess(peer: ChildProcess): Promise<void> {
	if (peer.exitCode !== null || peer.signalCode !== null) return
	const ended = new Promise((resolve) => peer.once('exit', resolve))
	if (peer.connected) peer.send({ kind: 'stop' })
	await Promise.race([ended, delay(15_000, null, { ref: false })])
	peer.kill('SIGKILL')
}
