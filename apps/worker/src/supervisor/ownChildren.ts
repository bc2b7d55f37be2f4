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
	readonly task: string
	readonly step: number
	declined: boolean
}

interface Place {
	child: Child | null
	/** The step that it runs. */
	key: string | null
	/** It can be given a step. */
	free: boolean
	/** It was free once: what ends before that would end again at once. */
	proven: boolean
	warmth: NodeJS.Timeout | null
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
			const [next] = wanted
			if (!next) break
			if (place.free) give(place, ...next)
		}
		const starting = [...places].filter((place) => place.key === null && !place.free).length
		for (let more = wanted.size - starting; more > 0 && places.size < limit && !pausing; more--) open()
		let rank = 0
		const coming = [...places].filter((place) => place.key === null).length
		for (const step of wanted.values()) {
			if (rank++ < coming || step.declined) continue
			step.declined = true
			decline(step.task, step.step)
		}
	}

	function give(place: Place, key: string, { task, step }: Wanted): void {
		wanted.delete(key)
		if (place.warmth) clearTimeout(place.warmth)
		place.warmth = null
		place.free = false
		place.key = key
		place.child?.send({ type: 'run', task, step })
	}

	function open(): void {
		const place: Place = { child: null, key: null, free: false, proven: false, warmth: null }
		places.add(place)
		void live((child) => {
			place.child = child
		})
			.catch((error: Error) =>
				log.error({ err: error }, 'an own child could not be started or handed over; the sweep will find what it left'),
			)
			.finally(() => {
				if (place.warmth) clearTimeout(place.warmth)
				places.delete(place)
				if (place.proven) fill()
				else fillLater()
			})
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
			if (stopping || wanted.has(key) || wanted.size >= mostWaitingForOwnChildren) return
			for (const place of places) if (place.key === key) return
			wanted.set(key, { task, step, declined: false })
			fill()
		},
		free(child) {
			const place = [...places].find((one) => one.child === child)
			if (!place) return
			place.key = null
			place.free = true
			place.proven = true
			pause = respawnPause
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
