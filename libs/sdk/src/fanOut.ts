/** What a step says when it starts many sub-tasks and waits for them without a worker. */

import type { FailWhen, FanOutPolicy } from '@taskyard/model/fanOut'
import { Failure } from './failure.ts'

export interface FanOutOptions {
	/** How many may be under way at a time. Default: all. */
	readonly limit?: number
	/**
	 * How many must fail before the step does: `any` (default), `all`, or more than a share between 0 and 1. One that was
	 * cancelled has failed.
	 */
	readonly failWhen?: FailWhen
	/** Whether the others go on, and are waited for, once too many have failed (default), or are cancelled at once. */
	readonly leaveRunning?: boolean
	/** Of the sub-tasks, from -10 to 10. Default: that of their type, or of this task. */
	readonly priority?: number
	/** Default: that of their type, or of this task when the type names none. */
	readonly queue?: string
}

/** The rules of a fan-out, with defaults. Throws a Failure that names what is wrong. */
export function fanOutPolicy({ limit, failWhen = 'any', leaveRunning = true }: FanOutOptions): FanOutPolicy {
	if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1 && limit <= largestLimit))
		throw wrong('limit', `a whole number from 1 to ${largestLimit}`, limit)
	if (typeof failWhen === 'object' ? !(failWhen.share >= 0 && failWhen.share <= 1) : failWhen !== 'any' && failWhen !== 'all')
		throw wrong('failWhen', '"any", "all", or { share } with a number between 0 and 1', failWhen)
	if (typeof leaveRunning !== 'boolean') throw wrong('leaveRunning', 'true or false', leaveRunning)
	return { limit: limit ?? null, failWhen, leaveRunning }
}

const largestLimit = 2 ** 31 - 1

function wrong(field: string, expected: string, found: unknown): Failure {
	return new Failure(`fanOut, ${field}: expected ${expected}, found ${JSON.stringify(found)}`, {
		code: 'invalid_fan_out',
		retryable: false,
	})
}
