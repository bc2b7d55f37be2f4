/** Calls programs at the addresses that they have given. */

import { wrongUrl } from '@taskyard/sdk/callableUrl'

/** How long a call may take, in milliseconds. */
export const longestCall = 10_000

/** Calls with JSON. Any answer but a good one is an error; a redirect is none, for it would lead past what may be called. */
export async function callBack(url: string, body: object): Promise<void> {
	const wrong = wrongUrl(url)
	if (wrong) throw new Error(`The address ${wrong}.`)
	const response = await fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
		redirect: 'manual',
		signal: AbortSignal.timeout(longestCall),
	})
	await response.body?.cancel()
	if (!response.ok) throw new Error(`The program answered with ${response.status}.`)
}
