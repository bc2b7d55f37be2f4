/** What work elsewhere says by a one-time token: progress and lines, and once an event or the outcome of the step. */

import { createHash } from 'node:crypto'
import { findCallback, type StoredCallback, useUpCallback } from '@taskyard/store/callbacks/callbacks'
import { reportFromElsewhere } from '@taskyard/store/callbacks/reportFromElsewhere'
import { inTransaction, type PoolClient } from '@taskyard/store/connection'
import type { Keyring } from '@taskyard/store/sensitive/keyring'
import { loadTasks } from '@taskyard/store/tasks/loadTasks'
import { answerRefusal, RefusedInside, storeEvent, wrongEvent } from '../events/storeEvent.ts'
import { atFailurePoint } from '../failurePoint.ts'
import { repeatWhile } from '../repetition.ts'
import { refuse } from './refuse.ts'
import type { EventOptions } from './sendEvent.ts'
import type { Refused, SendEvent, UseCallback, UseCallbackAnswer } from './types.ts'

/** Longest text of all lines of one call, in characters. */
const longestLines = 1024 * 1024

export async function useCallback(options: EventOptions, order: UseCallback): Promise<UseCallbackAnswer> {
	const { progress, lines = [] } = order
	if (!tokenShape.test(order.token)) return noSuchCallback()
	if (progress !== undefined && !(progress >= 0 && progress <= 1))
		return refuse('invalid_event', `The progress is ${progress}; expected a number from 0 to 1.`)
	if (lines.reduce((sum, line) => sum + line.length + 1, 0) > longestLines)
		return refuse('invalid_event', `The lines have more than ${longestLines} characters. Send them in several calls.`)
	const event = eventOf(order)
	const wrong = event && wrongEvent(event)
	if (wrong) return wrong
	const answer = await answerRefusal<UseCallbackAnswer>(
		repeatWhile(options.worthRepeating, () =>
			inTransaction(options.pool, (client) => use(client, order, event, options.clock.now(), options.keyring)),
		),
	)
	if (atFailurePoint && 'task' in answer) await atFailurePoint('event.committed', answer.task.id)
	return answer
}

const tokenShape = /^[\w-]{20,100}$/

function noSuchCallback(): Refused {
	return refuse('no_such_callback', 'There is no such callback: the token is wrong, or its task was deleted.')
}

/** Null where only progress or lines are told. */
function eventOf({ token, id, name, payload, outcome }: UseCallback): Omit<SendEvent, 'task' | 'step'> | null {
	if (name === undefined && payload === undefined && outcome === undefined) return null
	return {
		id: id ?? `callback ${createHash('sha256').update(token).digest('hex').slice(0, 32)}`,
		name: name ?? 'callback',
		...(payload !== undefined && { payload }),
		...(outcome && { outcome }),
		who: null,
	}
}

async function use(
	client: PoolClient,
	{ token, progress, lines = [] }: UseCallback,
	event: Omit<SendEvent, 'task' | 'step'> | null,
	at: number,
	keyring: Keyring,
): Promise<UseCallbackAnswer> {
	const known = await findCallback(client, token)
	const loaded = known && (await loadTasks(client, [known.task], true)).get(known.task)
	// Whoever uses it up has the lock of the task: what it says of itself is read again under that lock.
	const callback = loaded && (await findCallback(client, token))
	if (!callback) return noSuchCallback()
	const unusable = whyNot(callback, loaded.task.state === 'stopped')
	if (unusable) return unusable
	const { task, step } = callback
	if (progress !== undefined || lines.length > 0)
		await reportFromElsewhere(client, {
			task,
			step,
			attempt: loaded.task.steps[step]?.attempt ?? callback.attempt,
			progress: progress ?? null,
			lines,
			at,
		})
	if (event) {
		if (!(await useUpCallback(client, token))) throw new RefusedInside(used(at))
		if (atFailurePoint) await atFailurePoint('callback.used', task)
		await storeEvent(client, loaded, { ...event, task, step }, at, keyring)
	}
	return { task: { id: task }, step, usedUp: event !== null }
}

function whyNot({ usedAt, expiresAt, expired }: StoredCallback, stopped: boolean): Refused | null {
	if (usedAt !== null) return used(usedAt)
	if (expired) return refuse('callback_expired', `The token expired at ${instant(expiresAt ?? 0)}.`)
	return stopped ? refuse('already_stopped', 'The task has already stopped; nothing waits for this answer.') : null
}

function used(at: number): Refused {
	return refuse('callback_used', `The token was used at ${instant(at)}, and is good for one answer only.`)
}

const instant = (at: number): string => new Date(at).toISOString()
