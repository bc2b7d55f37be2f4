/** Starts work at a service, again and again while that makes sense, with one key for all of it. */

import type { StepContext } from '@taskyard/sdk/definition'
import { abortReason, Failure } from '@taskyard/sdk/failure'
import { suspend, type Suspended } from '@taskyard/sdk/suspend'
import { cancelRequest, cancelUnit } from './cancel.ts'
import type { Given } from './input.ts'
import { request, type ServiceAnswer } from './request.ts'
import type { Started, Starting } from './states.ts'
import { judge, whereabouts } from './taskResource.ts'
import { waitForEnd } from './waitForEnd.ts'

/** Longest wait for the answer to one start, in milliseconds: it says no more than that the work is accepted. */
const longestAnswer = 60_000
/** How long it is awaited when the step is cancelled meanwhile, in milliseconds: less than a cancel has. */
const lastAnswer = 3_000

/** Statuses after which another start makes sense. A 409 says that one with the same key is still looked at. */
const worthRepeating: ReadonlySet<number> = new Set([408, 409, 425, 429, 500, 502, 503, 504])

/** Answers what the step waits for, or its output when the service was done at once. */
export async function start(given: Given, context: StepContext, starting: Starting): Promise<unknown> {
	const { externalWork } = context
	const unit = await externalWork.begin(given.url)
	// The attempt that was told where it is has died before it could wait for it. Who is to call back is asked again, for
	// the address that it was given may be used up.
	if (unit.address !== null && !given.callback) return waitForEnd(given, startedAs(starting, unit.key, unit.address), null)
	const early = cancelRequest(given, unit)
	if (early) await externalWork.keep(unit.key, { cancel: early })
	const left = starting.since + given.start_timeout * 1000 - Date.now()
	if (left <= 0) throw tooLate(given, null)
	const extra = given.callback ? { callback_url: (await context.callback()).url } : null
	if (!(await context.stillMine())) throw abortReason('not_mine')
	let answer: ServiceAnswer
	try {
		answer = await request({
			method: 'POST',
			url: given.url,
			headers: { ...given.headers, 'idempotency-key': unit.key },
			body: extra ? { ...(given.body as object | undefined), ...extra } : (given.body ?? {}),
			timeout: Math.min(left, longestAnswer),
			signal: aWhileAfter(context.signal),
		})
		if (worthRepeating.has(answer.status))
			throw new Failure(`The service answered the start with ${answer.status}.`, { code: 'start_failed' })
	} catch (error) {
		context.signal.throwIfAborted()
		return again(given, context, starting, error)
	}
	return accepted(given, context, startedAs(starting, unit.key, null), answer)
}

/** Cut off at once, a start would leave work of which nobody has learned where it is: its answer is awaited a little. */
function aWhileAfter(signal: AbortSignal): AbortSignal {
	const controller = new AbortController()
	const wait = () => setTimeout(() => controller.abort(signal.reason), lastAnswer).unref()
	if (signal.aborted) wait()
	else signal.addEventListener('abort', wait, { once: true })
	return controller.signal
}

const startedAs = ({ since }: Starting, key: string, address: string | null): Started => ({
	phase: 'started',
	key,
	address,
	since,
	seen: 'waiting',
})

async function again(given: Given, context: StepContext, { since, failures }: Starting, error: unknown): Promise<Suspended> {
	if (!(error instanceof Failure) || !error.retryable) throw error
	const starts = failures + 1
	if (starts > given.proxy_action_retry_count)
		throw new Failure(
			`The work could not be started in ${starts} ${starts === 1 ? 'try' : 'tries'}; the last one: ${error.message} Look after the service, then resume.`,
			{
				code: 'start_failed',
				retryable: false,
				details: { tries: starts, last: error.code },
				cause: error,
			},
		)
	const next = Date.now() + given.retry_interval * 1000
	if (next >= since + given.start_timeout * 1000) throw tooLate(given, error)
	await context.log(
		`Start ${starts} of ${given.proxy_action_retry_count + 1} has failed: ${error.message} The next one is in ${given.retry_interval} s.`,
	)
	return suspend({ state: { phase: 'starting', since, failures: starts } satisfies Starting, until: new Date(next) })
}

function tooLate({ start_timeout }: Given, last: Failure | null): Failure {
	return new Failure(
		`The service has not accepted the work within ${start_timeout} s.${last ? ` The last answer: ${last.message}` : ''} Look after the service, then resume.`,
		{ code: 'start_timed_out', retryable: false, ...(last && { cause: last }) },
	)
}

async function accepted(given: Given, context: StepContext, started: Started, answer: ServiceAnswer): Promise<unknown> {
	const { externalWork } = context
	const { key } = started
	if (answer.status < 200 || answer.status > 299) {
		// The service has looked at it and wants none of it.
		if (answer.status >= 400) await externalWork.over(key)
		throw new Failure(
			`The service refused the start with ${answer.status}${said(answer)}. Correct the input or the service, then resume.`,
			{
				code: 'start_refused',
				retryable: false,
				details: { status: answer.status },
			},
		)
	}
	const body = 'json' in answer.body ? answer.body.json : null
	const judgement = answer.location === null ? judge(body) : null
	if (judgement?.is === 'completed') {
		await externalWork.over(key)
		return judgement.output
	}
	if (judgement?.is === 'failed') {
		await externalWork.over(key)
		throw new Failure(judgement.message, { code: judgement.code, retryable: false, details: judgement.details })
	}
	const { address, id } = whereabouts(answer.location, body, given.url)
	if (address === null) {
		if (given.callback) return waitForEnd(given, started, id)
		throw new Failure(
			`The service accepted the work with ${answer.status} and did not say where it is: a Location, or an address in the body as task, href or url, was expected. It may be under way there.`,
			{ code: 'no_task_resource', retryable: false },
		)
	}
	if (new URL(address).origin !== new URL(given.url).origin)
		throw new Failure(
			`The service says that the work is at ${address}, which is not on ${new URL(given.url).origin}: the headers of this task would be sent to somebody else.`,
			{ code: 'foreign_address', retryable: false },
		)
	const cancel = cancelRequest(given, { key, address })
	const kept = await externalWork.keep(key, { address, ...(cancel && { cancel }) })
	// Started before, and there is a second unit now: the service does not know the key.
	if (kept.address !== null && kept.address !== address) {
		await context.log(`The service has started the work a second time, at ${address}; that one is cancelled.`)
		await cancelUnit(given, { key, address }, context)
	}
	return waitForEnd(given, { ...started, address: kept.address ?? address }, id)
}

const said = ({ body }: ServiceAnswer): string => {
	const text = 'garbage' in body ? body.garbage : body.json === null ? '' : JSON.stringify(body.json)
	return text === '' ? '' : `: ${text.slice(0, 500)}`
}
