/** Sends an event to a step: one transaction, so that it is stored and has woken the step, or neither. */

import { inTransaction } from '@taskyard/store/connection'
import type { Keyring } from '@taskyard/store/sensitive/keyring'
import { loadTasks } from '@taskyard/store/tasks/loadTasks'
import { answerRefusal, storeEvent, wrongEvent } from '../events/storeEvent.ts'
import { atFailurePoint } from '../failurePoint.ts'
import { repeatWhile } from '../repetition.ts'
import { isTaskId, noSuchTask } from './refuse.ts'
import type { SendEvent, SendEventAnswer } from './types.ts'
import type { TransactionOptions } from './unlockTask.ts'

export interface EventOptions extends TransactionOptions {
	/** Seals what is sensitive in the output that an event brings. */
	readonly keyring: Keyring
}

export async function sendEvent(options: EventOptions, order: SendEvent): Promise<SendEventAnswer> {
	if (!isTaskId(order.task)) return noSuchTask(order.task)
	const wrong = wrongEvent(order)
	if (wrong) return wrong
	const id = order.task.toLowerCase()
	const answer = await answerRefusal<SendEventAnswer>(
		repeatWhile(options.worthRepeating, () =>
			inTransaction(options.pool, async (client) => {
				const loaded = (await loadTasks(client, [id], true)).get(id)
				if (!loaded) return noSuchTask(order.task)
				const { repeated } = await storeEvent(client, loaded, order, options.clock.now(), options.keyring)
				return { task: { id }, repeated }
			}),
		),
	)
	if (atFailurePoint && 'task' in answer) await atFailurePoint('event.committed', id)
	return answer
}
