/**
 * The time limits of the attempts of all children, as their supervisor watches them. A child sees them pass itself, and
 * says so; one that blocks its own event loop does not, and cannot be asked to end: it is killed.
 */

import type { AttemptKey, Overdue } from '@taskyard/engine/execution/supervisorLine'
import type { Log } from '@taskyard/process/log'
import { monotonicNow } from '../child/lease.ts'
import { blockedAfter, longestBlock, neighbourGrace, timeOutGrace } from '../limits.ts'
import type { Child } from './childProcess.ts'

export interface TimeOuts {
	/** The time of an attempt is over then, by the monotonic clock. */
	limited(child: Child, attempt: AttemptKey, until: number): void
	ended(child: Child, attempt: AttemptKey): void
	/** An attempt did not end although it was told to, as its child says. */
	overdue(child: Child, attempt: AttemptKey, why: Overdue): void
	/** Whether a child that does not answer is left alone, because an attempt of it still has time. */
	vouchesFor(child: Child): boolean
	/** A child has ended. */
	forget(child: Child): void
}

interface Limited extends AttemptKey {
	readonly until: number
	timer: NodeJS.Timeout
}

/** The longest that a timer can hold, in milliseconds. */
const longestTimer = 2 ** 31 - 1

export function openTimeOuts(log: Log): TimeOuts {
	const limits = new Map<Child, Map<string, Limited>>()
	const leaving = new Map<Child, NodeJS.Timeout>()

	function watch(child: Child, limited: Limited): NodeJS.Timeout {
		// A child that sees the time itself is first.
		const left = limited.until + timeOutGrace + blockedAfter - monotonicNow()
		const look = (): void => void (left > longestTimer ? (limited.timer = watch(child, limited)) : probe(child, limited))
		return setTimeout(look, Math.max(0, Math.min(left, longestTimer)))
	}

	/** Nobody has said that the attempt ended. Either its child is busy saying so, or it can say nothing. */
	function probe(child: Child, limited: Limited): void {
		const asked = monotonicNow()
		child.send({ type: 'ping' })
		limited.timer = setTimeout(() => {
			if (child.heardAt > asked && child.place === 'shared') probe(child, limited)
			else condemn(child, 'blocks its event loop')
		}, blockedAfter)
	}

	/** Kills a child for what is overdue in it; everything else of it is handed back. */
	function condemn(child: Child, because: string): void {
		if (child.condemned) return
		child.condemned = true
		const now = monotonicNow()
		for (const { task, step, attempt, until } of limits.get(child)?.values() ?? []) {
			if (until <= now && !child.overdue.some((one) => same(one, { task, step, attempt })))
				child.overdue.push({ task, step, attempt, why: 'timed_out' })
		}
		const names = child.overdue.map(({ task, step }) => `step ${step} of task ${task}`).join(', ')
		log.warn({ child: child.id }, `child ${child.id} ${because} and is killed for ${names}; what else it ran is handed back`)
		child.process.kill('SIGKILL')
	}

	return {
		limited(child, { task, step, attempt }, until) {
			const known = limits.get(child) ?? new Map<string, Limited>()
			limits.set(child, known)
			const limited = { task, step, attempt, until } as Limited
			limited.timer = watch(child, limited)
			known.set(keyOf(limited), limited)
		},
		ended(child, attempt) {
			const limited = limits.get(child)?.get(keyOf(attempt))
			if (!limited) return
			clearTimeout(limited.timer)
			limits.get(child)?.delete(keyOf(attempt))
		},
		overdue(child, { task, step, attempt }, why) {
			child.overdue.push({ task, step, attempt, why })
			if (child.place === 'own') return condemn(child, 'runs a step that does not end')
			if (leaving.has(child)) return
			log.warn({ child: child.id }, `child ${child.id} runs step ${step} of task ${task}, which does not end; it takes no new work`)
			child.leave()
			leaving.set(
				child,
				setTimeout(() => condemn(child, `has not ended ${neighbourGrace / 1000} s later`), neighbourGrace),
			)
		},
		vouchesFor(child) {
			const now = monotonicNow()
			if (now - child.heardAt > longestBlock) return false
			return [...(limits.get(child)?.values() ?? [])].some(({ until }) => until + timeOutGrace + 2 * blockedAfter > now)
		},
		forget(child) {
			for (const { timer } of limits.get(child)?.values() ?? []) clearTimeout(timer)
			limits.delete(child)
			clearTimeout(leaving.get(child))
			leaving.delete(child)
		},
	}
}

function keyOf({ task, step, attempt }: AttemptKey): string {
	return `${task}/${step}/${attempt}`
}

function same(one: AttemptKey, other: AttemptKey): boolean {
	return keyOf(one) === keyOf(other)
}
