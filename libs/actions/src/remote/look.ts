/** Looks after work at a service: by its task resource, or by what the service has called with. */

import type { StepContext } from '@taskyard/sdk/definition'
import { Failure } from '@taskyard/sdk/failure'
import { suspend, type Suspended } from '@taskyard/sdk/suspend'
import { cancelUnit } from './cancel.ts'
import type { Given } from './input.ts'
import { request } from './request.ts'
import type { Ended, Started } from './states.ts'
import { type Judgement, judge } from './taskResource.ts'

/** Longest wait for the answer to one look, in milliseconds. */
const longestAnswer = 30_000

/** It ended well. */
export interface Completed {
	readonly output: unknown
}

/** One poll. What it throws is an answer that was none: it looks again. */
export async function look(given: Given, state: Started, context: StepContext): Promise<Completed | Suspended> {
	const { address, key } = state
	if (address === null) throw new Failure('There is no task resource to look at.', { code: 'no_task_resource' })
	const answer = await request({ method: 'GET', url: address, headers: given.headers, timeout: longestAnswer, signal: context.signal })
	if (answer.status === 404 || answer.status === 410) {
		const message = `The work has gone missing: the service answered with ${answer.status} for ${address}, which it had said itself. A resume starts it anew.`
		return end(context, key, { phase: 'ended', code: 'gone_missing', message, details: null })
	}
	if (answer.status < 200 || answer.status > 299)
		throw new Failure(`The service answered with ${answer.status} for ${address}.`, { code: 'poll_failed' })
	if ('garbage' in answer.body)
		throw new Failure(`The service answered for ${address} with what is no JSON: ${answer.body.garbage}`, { code: 'unknown_answer' })
	const judgement = judge(answer.body.json)
	if (judgement.is === 'unknown')
		throw new Failure(`The service answered for ${address} with what cannot be understood: ${judgement.because}.`, {
			code: 'unknown_answer',
		})
	if (judgement.is === 'running' && judgement.state === 'waiting' && Date.now() > state.since + given.start_timeout * 1000) {
		await cancelUnit(given, { key, address }, context)
		const message = `The work was accepted and not begun within ${given.start_timeout} s; it is cancelled there. A resume starts it anew.`
		return end(context, key, { phase: 'ended', code: 'start_timed_out', message, details: null })
	}
	return (await ended(context, key, judgement)) ?? suspend({ state: goesOn(state, judgement, context) })
}

/** What the service has called with, if that ends the work; null while it goes on. */
export async function ended(context: StepContext, key: string, judgement: Judgement): Promise<Completed | Suspended | null> {
	if (judgement.is === 'completed') {
		await context.externalWork.over(key)
		return { output: judgement.output }
	}
	if (judgement.is !== 'failed') return null
	const { code, message, details } = judgement
	return end(context, key, { phase: 'ended', code, message, details })
}

/** A failed poll only looks again, so the failure is left to the next run, at once. */
async function end({ externalWork }: StepContext, key: string, state: Ended): Promise<Suspended> {
	await externalWork.over(key)
	return suspend({ state, until: new Date() })
}

/** Other states make the waits short again; progress does not. */
function goesOn(state: Started, judgement: Judgement, context: StepContext): Started {
	if (judgement.is !== 'running') return state
	if (judgement.progress !== null) context.progress(judgement.progress)
	return { ...state, seen: judgement.state }
}
