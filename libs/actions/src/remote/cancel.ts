/** Ends work at a service. */

import type { CancelRequest, ExternalUnit, StepContext } from '@taskyard/sdk/definition'
import { Failure } from '@taskyard/sdk/failure'
import type { Given } from './input.ts'
import { request } from './request.ts'

/** In milliseconds. */
const longestAnswer = 10_000

/** Null as long as the service has not said where the work is, and the input does not say how to find it by its key. */
export function cancelRequest({ cancel_url: url, headers }: Given, { key, address }: ExternalUnit): CancelRequest | null {
	if (url !== undefined) return { method: 'POST', url: url.replaceAll('{key}', encodeURIComponent(key)), headers, body: {} }
	return address === null ? null : { method: 'PATCH', url: address, headers, body: { state: 'canceled' } }
}

/** Throws while the service does not answer properly: it is to be asked again. */
export async function cancelUnit(given: Given, unit: ExternalUnit, context: StepContext): Promise<void> {
	const order = cancelRequest(given, unit)
	if (!order) return context.log('The service has never said where the work is, so it cannot be cancelled there.')
	const { status } = await request({ ...order, timeout: longestAnswer, signal: context.signal })
	if ((status < 200 || status > 299) && ![404, 409, 410].includes(status))
		throw new Failure(`The service answered the cancel with ${status}; it is asked again.`, { code: 'cancel_failed' })
	await context.log(`Cancelled at the service, which answered with ${status}.`)
}
