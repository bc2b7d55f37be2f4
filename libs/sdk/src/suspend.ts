/** What a step returns that waits without a worker: for an event, a time, or work that goes on elsewhere. */

import type { PollPolicy } from '@taskyard/model/task'
import type { SuspensionKind } from '@taskyard/model/states'
import { Failure } from './failure.ts'

/** How often work elsewhere is looked after. Durations are milliseconds. */
export interface PollOptions {
	/** Before the first poll, and after each that brought another state. Default 1,000. */
	readonly initial?: number
	/** Longest wait between two. Default 60,000. */
	readonly max?: number
	/** How much longer each wait is than the one before. Default 2. */
	readonly factor?: number
	/** Failed polls in a row that fail the step. Default 5. */
	readonly failures?: number
}

export interface SuspendOptions {
	/** A JSON value that the step gets back when it is woken. Left out, it gets back what it had before. */
	readonly state?: unknown
	/** Woken then, if no event has come before. */
	readonly until?: Date
	/** Fails with `suspension_timed_out` after so many milliseconds in which nothing has woken it. */
	readonly timeout?: number
	/** Calls the action's `poll` again and again; left out by a poll, it goes on as before. An event wakes the step as well. */
	readonly poll?: PollOptions
	/** What the work is called elsewhere: tasks can be found by it. */
	readonly externalId?: string
	/** Where it can be looked at. */
	readonly externalUrl?: string
}

/** Tells a suspension from an output even where an author's package brought its own copy of this file. */
const brand = Symbol.for('taskyard.Suspended')

/** What `suspend` makes: the step ends its attempt with it, and goes on when it is woken. */
export class Suspended {
	readonly kind: SuspensionKind
	/** Undefined: as it was. */
	readonly state: unknown
	/** Milliseconds since 1970. */
	readonly until: number | null
	readonly timeout: number | null
	readonly poll: PollPolicy | null
	readonly externalId: string | null
	readonly externalUrl: string | null

	constructor(kind: SuspensionKind, { state, until, timeout, externalId, externalUrl }: SuspendOptions, poll: PollPolicy | null = null) {
		this.kind = kind
		this.state = state
		this.until = until?.getTime() ?? null
		this.timeout = timeout ?? null
		this.poll = poll
		this.externalId = externalId ?? null
		this.externalUrl = externalUrl ?? null
		Object.defineProperty(this, brand, { value: true })
	}
}

export function isSuspended(value: unknown): value is Suspended {
	return typeof value === 'object' && value !== null && brand in value
}

/**
 * Ends the attempt, not the step: return it from `run` or `poll`. No worker is held meanwhile. An event or the time
 * calls `run` again, with `context.wake`; with `poll`, the action's `poll` is called.
 *
 * @example
 * run({ order }, context) {
 *   const [event] = context.wake?.events ?? []
 *   return event ? { paid: event.payload } : suspend({ timeout: 7 * 24 * 60 * 60 * 1000 })
 * }
 */
export function suspend(options: SuspendOptions = {}): Suspended {
	const { until, timeout, poll, externalId, externalUrl } = options
	if (until !== undefined && Number.isNaN(until.getTime())) throw wrong('until', 'a valid date', until)
	if (until !== undefined && poll !== undefined)
		throw wrong('until', 'nothing beside poll, whose wait says when the step is begun again', until)
	if (timeout !== undefined && !(timeout > 0 && timeout <= longestWait))
		throw wrong('timeout', 'milliseconds, more than 0 and at most a hundred years', timeout)
	for (const [name, text] of [
		['externalId', externalId],
		['externalUrl', externalUrl],
	] as const)
		if (text !== undefined && !(typeof text === 'string' && text.length > 0 && text.length <= longestText && !text.includes('\0')))
			throw wrong(name, `a text of 1 to ${longestText} characters`, text)
	return new Suspended(poll ? 'poll' : until ? 'timer' : 'event', options, poll ? policyOf(poll) : null)
}

const longestWait = 100 * 366 * 24 * 60 * 60 * 1000
const longestText = 2_000

function policyOf({ initial = 1_000, factor = 2, failures = 5, ...others }: PollOptions): PollPolicy {
	const max = others.max ?? Math.max(60_000, initial)
	if (!(initial > 0 && initial <= longestWait)) throw wrong('poll.initial', 'milliseconds, more than 0', initial)
	if (!(max >= initial && max <= longestWait)) throw wrong('poll.max', `milliseconds, not less than poll.initial, ${initial}`, max)
	if (!(factor >= 1 && Number.isFinite(factor))) throw wrong('poll.factor', 'a number of 1 or more', factor)
	if (!Number.isInteger(failures) || failures < 1) throw wrong('poll.failures', 'a whole number of 1 or more', failures)
	return { initial, max, factor, mostFailures: failures, delay: initial, failures: 0 }
}

function wrong(field: string, expected: string, found: unknown): Failure {
	return new Failure(`suspend, ${field}: expected ${expected}, found ${String(found)}`, { code: 'invalid_suspension', retryable: false })
}
