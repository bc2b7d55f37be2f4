/**
 * `Remote::Action`: work that a service carries out. It is started with POST, waited for without a worker, and cancelled
 * there with its task.
 */

import type { StepContext, StepEvent } from '@taskyard/sdk/definition'
import { defineTask } from '@taskyard/sdk/defineTask'
import { Failure } from '@taskyard/sdk/failure'
import { isSuspended, suspend, type Suspended } from '@taskyard/sdk/suspend'
import { cancelUnit } from './cancel.ts'
import { type Given, input } from './input.ts'
import { type Completed, ended, look } from './look.ts'
import { start } from './start.ts'
import type { Ended, Started, Starting, StateOfWork } from './states.ts'
import { judge } from './taskResource.ts'
import { waitForEnd } from './waitForEnd.ts'

export const remoteAction = defineTask({
	label: 'Remote::Action',
	description: 'Starts work at an HTTP service, and waits until it has ended there.',
	name: 'Remote action at {url}',
	input,
	// A start has a key of its own, so that a second one is none.
	idempotent: true,
	run,
	poll: async (given, state: StateOfWork, context) =>
		state.phase === 'started' ? outputOf(await look(given, state, context)) : run(given, context),
	cancel,
})

async function run(given: Given, context: StepContext): Promise<unknown> {
	const { wake } = context
	const state = wake?.state as StateOfWork | null | undefined
	if (!wake || !state) return start(given, context, fresh())
	const resumed = wake.reason === 'resumed'
	if (state.phase === 'ended') {
		if (resumed) return start(given, context, fresh())
		throw new Failure(state.message, { code: state.code, retryable: false, details: state.details })
	}
	if (state.phase === 'starting') return start(given, context, resumed ? fresh() : state)
	if (resumed && given.callback) return start(given, context, fresh())
	return hear(given, context, state, wake.events)
}

const fresh = (): Starting => ({ phase: 'starting', since: Date.now(), failures: 0 })

/** An event is a call of the service with its task resource. */
async function hear(given: Given, context: StepContext, state: Started, events: readonly StepEvent[]): Promise<unknown> {
	for (const { name, payload } of events) {
		const judgement = judge(payload)
		const end = await ended(context, state.key, judgement)
		if (end) return outputOf(end)
		const said = judgement.is === 'unknown' ? judgement.because : 'the work goes on'
		if (given.callback) return notUnderstood(`The service has called with the event "${name}", and not with the end of the work: ${said}.`)
		await context.log(`The event "${name}" does not end the work: ${said}.`)
	}
	return waitForEnd(given, state, null)
}

/** Its address for calls is used up with it, so another call will not come. */
function notUnderstood(what: string): Suspended {
	const message = `${what} Look after the service, then resume: it is asked again with the same key.`
	return suspend({ state: { phase: 'ended', code: 'unknown_answer', message, details: null } satisfies Ended, until: new Date() })
}

const outputOf = (end: Completed | Suspended): unknown => (isSuspended(end) ? end : end.output)

async function cancel(given: Given, state: StateOfWork, context: StepContext): Promise<void> {
	const unit = state.phase === 'started' ? state : await context.externalWork.current()
	if (!unit || state.phase === 'ended') return
	const { key, address } = unit
	await cancelUnit(given, { key, address }, context)
	// Where nobody knows how to find it, it is not over: what has stopped without it says so.
	if (address !== null || given.cancel_url !== undefined) await context.externalWork.over(key)
}
