/**
 * Children for one step at a time: what may not share a process, because it can be ended only with it. They are made when
 * a step asks, kept warm for a while, and as many as allowed; further steps wait here in the order in which they asked.
 * What waits is a hint: lost with this process, it is found by the sweep.
 */

import type { Log } from '@taskyard/process/log'
import { longestRespawnPause, mostWaitingForOwnChildren, ownChildWarmth, respawnPause } from '../limits.ts'
import type { Child } from './childProcess.ts'

export interface OwnChildren {
	/** A step that can start needs a child of its own. */
	ask(task: string, step: number): void
	/** The child has loaded the authors' code, or is done with its step. */
	free(child: Child): void
	/** Nothing more begins. */
	stop(): void
}

export interface OwnChildrenOptions {
	/** Most children at a time. */
	readonly limit: number
	/** Starts one, and resolves when it has ended and what it ran is handed over. */
	readonly live: (onBorn: (child: Child) => void) => Promise<void>
	/** There is no room for a step now. */
	readonly decline: (task: string, step: number) => void
	readonly log: Log
}

interface Wanted {
	readonly key: string
	readonly task: string
	readonly step: number
	declined: boolean
}

interface Place {
	child: Child | null
	/** The step that it runs. */
	given: Wanted | null
	/** Somebody asked for that step meanwhile: it may have to begin again, and nobody asks twice. */
	again: boolean
	/** It can be given a step. */
	free: boolean
	warmth: NodeJS.Timeout | null
}

function isAlive({ process }: Child): boolean {
	return process.exitCode === null && process.signalCode === null
}

export function openOwnChildren({ limit, live, decline, log }: OwnChildrenOptions): OwnChildren {
	const wanted = new Map<string, Wanted>()
	const places = new Set<Place>()
	let stopping = false
	let pause = respawnPause
	let pausing: NodeJS.Timeout | null = null

	function fill(): void {
		if (stopping) return
		for (const place of places) {
			const [next] = wanted.values()
			if (!next) break
			if (place.free && place.child && isAlive(place.child)) give(place, place.child, next)
		}
		const coming = (): number => [...places].filter((place) => place.given === null).length
		while (wanted.size > coming() && places.size < limit && !pausing) open()
		let rank = 0
		for (const step of wanted.values()) {
			if (rank++ < coming() || step.declined) continue
			step.declined = true
			decline(step.task, step.step)
		}
	}

	function give(place: Place, child: Child, step: Wanted): void {
		wanted.delete(step.key)
		if (place.warmth) clearTimeout(place.warmth)
		place.warmth = null
		place.free = false
		place.given = step
		child.send({ type: 'run', task: step.task, step: step.step })
	}

	function open(): void {
		const place: Place = { child: null, given: null, again: false, free: false, warmth: null }
		places.add(place)
		void live((child) => {
			place.child = child
		})
			.catch((error: Error) =>
				log.error({ err: error }, 'an own child could not be started or handed over; the sweep will find what it left'),
			)
			.finally(() => {
				if (place.warmth) clearTimeout(place.warmth)
				// One that was let go for want of work has left its place already.
				if (!places.delete(place)) return
				if (place.given && place.again) want(place.given)
				// Not at once: what ends its process each time would do so at full speed.
				fillLater()
			})
	}

	function want({ key, task, step }: Wanted): void {
		if (!stopping && wanted.size < mostWaitingForOwnChildren) wanted.set(key, { key, task, step, declined: false })
	}

	function fillLater(): void {
		if (pausing || stopping) return
		pausing = setTimeout(() => {
			pausing = null
			fill()
		}, pause)
		pause = Math.min(longestRespawnPause, pause * 2)
	}

	return {
		ask(task, step) {
			const key = `${task}/${step}`
			const place = [...places].find(({ given }) => given?.key === key)
			if (place) place.again = true
			else if (!wanted.has(key)) want({ key, task, step, declined: false })
			fill()
		},
		free(child) {
			const place = [...places].find((one) => one.child === child)
			if (!place) return
			if (place.given) {
				pause = respawnPause
				if (place.again) want(place.given)
			}
			place.given = null
			place.again = false
			place.free = true
			fill()
			if (!place.free) return
			place.warmth = setTimeout(() => {
				places.delete(place)
				child.send({ type: 'drain' })
			}, ownChildWarmth)
		},
		stop() {
			stopping = true
			wanted.clear()
			if (pausing) clearTimeout(pausing)
			for (const place of places) if (place.warmth) clearTimeout(place.warmth)
		},
	}
}
