/**
 * The supervisor of a worker: spawns the children, renews their leases, passes on cancels, hands over what a dead child
 * leaves, and sweeps. It runs no author code, so nothing that an author does can stop its heartbeat.
 */

import { hostname } from 'node:os'
import { urgentQueue } from '@taskyard/dispatch/jobs'
import { openClock } from '@taskyard/engine/clock'
import { openDoor } from '@taskyard/engine/decisions/door'
import { endAbandonedGroups } from '@taskyard/engine/recovery/processGroups'
import { endAttemptsOf, recoverChildren } from '@taskyard/engine/recovery/recoverChildren'
import { openSweep } from '@taskyard/engine/sweep/sweep'
import { changeChannel, openWakeUp } from '@taskyard/engine/wakeUp'
import {
	endChild,
	endWorker,
	heartbeat,
	livingChildren,
	nameProcess,
	registerChild,
	registerWorker,
} from '@taskyard/engine/workers/presence'
import type { Environment } from '@taskyard/process/environment'
import type { Log } from '@taskyard/process/log'
import { processStartTime } from '@taskyard/sdk/processGroup'
import type { Pool } from '@taskyard/store/connection'
import { ensurePartitions } from '@taskyard/store/partitions'
import { openKeyring } from '@taskyard/store/sensitive/keyring'
import { monotonicNow } from '../child/lease.ts'
import { engineLog } from '../engineLog.ts'
import { drainLimit, longestRespawnPause, respawnPause, sweepInterval } from '../limits.ts'
import type { FromChild } from '../messages.ts'
import { type Child, spawnChild } from './childProcess.ts'
import { openControl } from './control.ts'
import { openOwnChildren } from './ownChildren.ts'
import { openTimeOuts } from './timeOuts.ts'

export interface SupervisorOptions {
	readonly environment: Environment
	readonly url: string
	readonly pool: Pool
	readonly bootId: string
	readonly version: string
	readonly log: Log
}

export interface Supervisor {
	readonly worker: number
	/** Drains the children and takes the worker off the list. */
	stop(): Promise<void>
}

export async function openSupervisor(options: SupervisorOptions): Promise<Supervisor> {
	const { environment, pool, bootId, log } = options
	const interval = environment.workerHeartbeat
	const leaseLength = 2 * interval
	const children = new Map<number, Child>()
	/** From the first moment of a child until what it left is handed over. */
	const lives = new Set<Promise<void>>()
	const timeOuts = openTimeOuts(log)
	let stopping = false
	await ensurePartitions(pool)
	const clock = await openClock(pool)
	const door = openDoor({ pool, onCommit: openWakeUp(pool, changeChannel), worthRepeating: () => !stopping, log: engineLog(log) })
	const recovery = { pool, door, clock, bootId, log: engineLog(log) }
	await endVanished()
	const worker = await register()

	function register(): Promise<number> {
		return registerWorker(pool, {
			node: hostname(),
			bootId,
			pid: process.pid,
			version: options.version,
			queues: [...new Set([...environment.workerQueues, urgentQueue])],
			capacity: environment.workerChildren * environment.workerConcurrency,
		})
	}

	/** Children of this node whose processes are gone need not be waited for until their leases end. */
	async function endVanished(): Promise<void> {
		for (const child of await livingChildren(pool, bootId)) {
			const started = await processStartTime(child.pid)
			if (started === null || (child.start_time !== null && started !== child.start_time)) await endChild(pool, child.id)
		}
		await endAbandonedGroups(pool, bootId, engineLog(log))
		await recoverChildren(recovery)
	}

	/** Keeps one place filled: a child that ends, or takes nothing new, is followed by another. */
	async function keepPlace(): Promise<void> {
		let pause = respawnPause
		while (!stopping) {
			const born = performance.now()
			const left = Promise.withResolvers<boolean>()
			const life = live('shared', (child) => {
				void child.left.then(() => left.resolve(child.process.exitCode === null && child.process.signalCode === null))
			})
			life.catch((error: Error) =>
				log.error({ err: error }, 'a child could not be started or handed over; the sweep will find what it left'),
			)
			// One that leaves goes on beside its successor; what one that has ended leaves is handed over first.
			if (
				await Promise.race([
					left.promise,
					life.then(
						() => false,
						() => false,
					),
				])
			)
				continue
			await life.catch(() => undefined)
			pause = performance.now() - born > longestRespawnPause ? respawnPause : Math.min(longestRespawnPause, pause * 2)
			if (!stopping) await later(pause)
		}
	}

	/** From the registration of a child to the end of what it leaves. */
	function live(place: Child['place'], onBorn: (child: Child) => void): Promise<void> {
		const life = accompany(place, onBorn)
		lives.add(life)
		const done = (): void => void lives.delete(life)
		life.then(done, done)
		return life
	}

	async function accompany(place: Child['place'], onBorn: (child: Child) => void): Promise<void> {
		const asked = monotonicNow()
		const id = await registerChild(pool, worker, leaseLength)
		if (!stopping) {
			const child = spawnChild({ child: id, worker, bootId, place, leaseLength, leaseUntil: asked + leaseLength }, onMessage)
			children.set(id, child)
			onBorn(child)
			await nameChild(child)
			await child.ended
			children.delete(id)
			timeOuts.forget(child)
			const { exitCode: code, signalCode: signal } = child.process
			if (!stopping && code !== 0) log.warn({ child: id, code, signal }, 'a child has ended; what it ran is recovered')
			if (child.condemned) await endAttemptsOf(recovery, id, child.overdue)
		}
		await endChild(pool, id)
		if (!stopping) await recoverChildren(recovery)
	}

	async function nameChild(child: Child): Promise<void> {
		const { pid } = child.process
		if (pid === undefined) return
		await nameProcess(pool, child.id, pid, (await processStartTime(pid)) ?? 0).catch((error: Error) =>
			log.warn({ child: child.id, err: error }, 'the number of a child could not be stored'),
		)
	}

	const ownChildren = openOwnChildren({
		limit: environment.workerOwnChildren,
		live: (onBorn) => live('own', onBorn),
		decline: noteCapacity,
		log,
	})

	/** Why the step does not begin, for whoever looks. */
	function noteCapacity(task: string, step: number): void {
		door
			.submit(task, () => [{ fact: { kind: 'declined', waitingFor: { kind: 'capacity', keys: { step } }, at: clock.now() } }])
			.catch((error: Error) => log.debug({ err: error }, 'what a step waits for could not be stored'))
	}

	function onMessage(child: Child, message: FromChild): void {
		switch (message.type) {
			case 'pong':
				child.answered = true
				child.busy = message.busy
				return
			case 'ready':
				child.ready = true
				log.info({ child: child.id, taskTypes: message.taskTypes }, child.place === 'own' ? 'own child is ready' : 'child is ready')
				if (child.place === 'own') ownChildren.free(child)
				return
			case 'needsOwnChild':
				ownChildren.ask(message.task, message.step)
				return
			case 'limited':
				timeOuts.limited(child, message, message.until)
				return
			case 'ended':
				timeOuts.ended(child, message)
				return
			case 'overdue':
				timeOuts.overdue(child, message, message.why)
				return
			case 'free':
				ownChildren.free(child)
		}
	}

	let beatenSince: number | null = null

	/** Renews the leases of those who answered, and asks all again. Those that others have declared dead are ended, also if they sleep. */
	async function beat(): Promise<boolean> {
		const asked = monotonicNow()
		const all = [...children.values()]
		const answered = new Set(all.filter((child) => child.answered || !child.ready || timeOuts.vouchesFor(child)))
		for (const child of all) {
			child.answered = false
			child.send({ type: 'ping' })
		}
		try {
			const ids = (some: Iterable<Child>) => [...some].map((child) => child.id)
			const { living, now } = await heartbeat(pool, worker, ids(all), ids(answered), leaseLength)
			beatenSince ??= asked
			clock.calibrate(now)
			for (const child of all) {
				if (!living.has(child.id)) {
					log.warn({ child: child.id }, 'the lease of this child is over; it is ended')
					child.process.kill('SIGKILL')
				} else if (answered.has(child)) child.send({ type: 'lease', until: asked + leaseLength, now })
			}
			look()
			return true
		} catch (error) {
			beatenSince = null
			log.warn({ err: error }, 'the heartbeat did not reach the database; it is repeated')
			return false
		}
	}

	/** Cancels and fences, as each child finds them among what it runs. */
	function look(): void {
		for (const child of children.values()) child.send({ type: 'look' })
	}

	const sweep = openSweep({
		...recovery,
		keyring: openKeyring({ keys: environment.encryptionKeys, file: environment.encryptionKeyFile }),
		lease: leaseLength,
		mayDeclareDead: () => beatenSince !== null && monotonicNow() - beatenSince > leaseLength,
	})
	const places = Array.from({ length: environment.workerChildren }, () => keepPlace())
	// A lease outlives one interval, and not two: a heartbeat that failed is repeated before the next one is due.
	const beats = repeatEvery(interval, beat, Math.min(1_000, interval / 5))
	const sweeps = repeatEvery(sweepInterval, async () => {
		await sweep.run().catch((error: Error) => {
			if (!stopping) log.warn({ err: error }, 'the sweep failed; it runs again')
		})
		return true
	})
	const control = openControl(options.url, look, log)

	return {
		worker,
		async stop() {
			stopping = true
			await Promise.all([sweeps.stop(), control.stop()])
			ownChildren.stop()
			for (const child of children.values()) child.send({ type: 'drain' })
			const impatience = setTimeout(() => {
				for (const child of children.values()) child.process.kill('SIGKILL')
			}, drainLimit)
			await Promise.all([...children.values()].map((child) => child.ended))
			clearTimeout(impatience)
			await beats.stop()
			wakeAll()
			await Promise.all(places)
			await Promise.allSettled(lives)
			await endWorker(pool, worker)
			await recoverChildren(recovery).catch((error: Error) =>
				log.warn({ err: error }, 'what the children left is recovered by another worker'),
			)
			await door.idle()
		},
	}
}

const sleepers = new Set<() => void>()

function later(milliseconds: number): Promise<void> {
	return new Promise((resolve) => {
		const done = (): void => {
			clearTimeout(timer)
			sleepers.delete(done)
			resolve()
		}
		const timer = setTimeout(done, milliseconds)
		sleepers.add(done)
	})
}

function wakeAll(): void {
	for (const wake of sleepers) wake()
}

/** Does something again and again, never twice at once; sooner when it says that it has failed. */
function repeatEvery(interval: number, work: () => Promise<boolean>, pauseAfterFailure = interval): { stop(): Promise<void> } {
	let stopped = false
	let running = false
	let underWay: Promise<void> = Promise.resolve()
	let soon: NodeJS.Timeout | undefined
	const timer = setInterval(run, interval)
	async function once(): Promise<void> {
		const succeeded = await work()
		running = false
		if (!succeeded && !stopped) soon = setTimeout(run, pauseAfterFailure)
	}
	function run(): void {
		if (running || stopped) return
		running = true
		underWay = once()
	}
	run()
	return {
		async stop() {
			stopped = true
			clearInterval(timer)
			clearTimeout(soon)
			await underWay
		},
	}
}
