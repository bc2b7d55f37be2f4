/**
 * Errors that author code throws where nobody awaits them: in a timer, or in an event that nobody listens to. Node.js tells
 * the process, and the context of asynchronous calls tells whose they are: the attempt fails, its neighbours go on.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import type { AttemptKey } from './supervisorLine.ts'

interface Thrower {
	readonly attempt: AttemptKey
	readonly fail: (thrown: unknown) => void
}

const throwers = new AsyncLocalStorage<Thrower>()

/** Runs author code; rejects with what it throws, and with what fails in its name elsewhere. */
export function withStrayErrors<Result>(attempt: AttemptKey, work: () => Promise<Result>): Promise<Result> {
	return new Promise((resolve, reject) => {
		throwers.run({ attempt, fail: reject }, work).then(resolve, reject)
	})
}

/** Fails the attempt whose code is to blame, and names it; null when it was no attempt. For `uncaughtException`. */
export function failStray(thrown: unknown): AttemptKey | null {
	const thrower = throwers.getStore()
	thrower?.fail(thrown)
	return thrower?.attempt ?? null
}

/** The attempt whose code is running, for the log. */
export function attemptToBlame(): AttemptKey | null {
	return throwers.getStore()?.attempt ?? null
}
