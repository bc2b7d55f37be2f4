/**
 * The attempts that a process runs, and what ends them before their time: a limit, a cancel, somebody else who took over.
 * Each is asked first, by its signal; what does not listen is given up, or killed with its process.
 */

import type { Step, Task } from '@taskyard/model/task'
import type { Pool } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import type { Keyring } from '@taskyard/store/sensitive/keyring'
import type { AbortCode } from '@taskyard/sdk/failure'
import type { Door } from '../decisions/door.ts'
import { atFailurePoint } from '../failurePoint.ts'
import { attemptsToEnd } from '../workers/attemptsToEnd.ts'
import { abort, beginAttempt, keyOf, type Running } from './attemptContext.ts'
import { overdueFact } from './outcome.ts'
import type { Overdue, SupervisorLine } from './supervisorLine.ts'
import { attemptTimeLeft } from './timeLimit.ts'

interface Options {
	readonly pool: Pool
	readonly door: Door
	readonly clock: IdSource
	readonly keyring: Keyring
	readonly child: number
	readonly place: 'shared' | 'own' | 'alone'
	readonly supervisor: SupervisorLine | null
	readonly cancelDeadline: number
	readonly grace: number
	readonly log: (level: 'error' | 'warning' | 'info' | 'debug', message: string) => void
}

export interface RunningAttempts {
	begin(task: string, step: Step): Running
	end(attempt: Running): void
	/** Watches over the time of an attempt that has a limit, until `unlimit`. */
	limit(attempt: Running, task: Task, step: Step): void
	unlimit(attempt: Running): void
	/** Asks the database which are to end, and signals them. */
	look(): Promise<void>
	abortAll(why: AbortCode): void
	/** Without what was given up. */
	readonly size: number
	/** Given up, and their code has not ended. */
	readonly givenUp: number
}

/** The longest that a timer can hold, in milliseconds. */
const longestTimer = 2 ** 31 - 1

export function openRunningAttempts(options: Options): RunningAttempts {
	const { door, clock, place, supervisor, grace, cancelDeadline, log } = options
	const running = new Map<string, Running>()
	let givenUp = 0

	function unlimit(attempt: Running): void {
		if (!attempt.limit) return
		clearTimeout(attempt.limit)
		attempt.limit = null
		supervisor?.ended(attempt)
	}

	function timeIsOver(attempt: Running): void {
		// A cancel has its own deadline, and is what people will read.
		if (attempt.aborted) return unlimit(attempt)
		abort(attempt, 'timed_out')
		attempt.limit = setTimeout(() => overdue(attempt, 'timed_out'), grace)
	}

	/** What had to end has not. Beside others it is given up; in a child of its own it is killed first. */
	function overdue(attempt: Running, why: Overdue): void {
		if (running.get(attempt.key) !== attempt) return
		const { task, step } = attempt
		log('warning', `Attempt ${attempt.attempt} of step ${step} of task ${task} ${overdueText(why)}.`)
		if (place === 'own') {
			supervisor?.overdue(attempt, why)
			return
		}
		attempt.givenUp = true
		givenUp += 1
		running.delete(attempt.key)
		unlimit(attempt)
		void noteOverdue(attempt, why).catch((error: Error) =>
			log('error', `What became of step ${step} of task ${task} could not be stored: ${error.message}`),
		)
		supervisor?.overdue(attempt, why)
	}

	async function noteOverdue(attempt: Running, why: Overdue): Promise<void> {
		if (atFailurePoint && why === 'cancelled') await atFailurePoint('cancel.deadline', attempt.task)
		await door.submit(attempt.task, (now) => {
			const fact = overdueFact(now, attempt, why, clock.now())
			return fact && [{ fact }]
		})
	}

	function overdueText(why: Overdue): string {
		return why === 'timed_out'
			? `was told that its time is over, and has not ended ${grace / 1000} s later: it counts as timed out`
			: `has not ended ${cancelDeadline / 1000} s after its cancel: it is given up`
	}

	/** The phase of a task's cancel; that of a step has none. */
	function noteSignal(task: string): void {
		door
			.submit(task, (now) => (now.task.cancel === 'none' ? null : [{ fact: { kind: 'cancel_signalled', at: clock.now() } }]))
			.catch((error: Error) => log('error', `The cancel of task ${task} could not be noted: ${error.message}`))
	}

	return {
		begin(task, step) {
			const attempt = beginAttempt(options.keyring, task, step)
			running.set(attempt.key, attempt)
			return attempt
		},
		end(attempt) {
			if (attempt.deadline) clearTimeout(attempt.deadline)
			if (attempt.givenUp) givenUp -= 1
			else running.delete(attempt.key)
		},
		limit(attempt, task, step) {
			const left = attemptTimeLeft(task, step, clock.now())
			if (left === null) return
			const wait = (rest: number): void => {
				const piece = Math.max(0, Math.min(rest, longestTimer))
				attempt.limit = setTimeout(() => (rest > piece ? wait(rest - piece) : timeIsOver(attempt)), piece)
			}
			wait(left)
			// Who blocks the event loop stops this timer as well.
			supervisor?.limited(attempt, left)
		},
		unlimit,
		async look() {
			if (running.size === 0) return
			const signalled = new Set<string>()
			for (const { task, step, attempt: number, cancelled } of await attemptsToEnd(options.pool, options.child, [...running.values()])) {
				const attempt = running.get(keyOf(task, step, number))
				if (!attempt || attempt.aborted) continue
				abort(attempt, cancelled ? 'cancelled' : 'not_mine')
				if (!cancelled) continue
				attempt.deadline = setTimeout(() => overdue(attempt, 'cancelled'), cancelDeadline)
				signalled.add(task)
			}
			for (const task of signalled) {
				if (atFailurePoint) await atFailurePoint('cancel.signalled', task)
				noteSignal(task)
			}
		},
		abortAll(why) {
			for (const attempt of running.values()) abort(attempt, why)
		},
		get size() {
			return running.size
		},
		get givenUp() {
			return givenUp
		},
	}
}
