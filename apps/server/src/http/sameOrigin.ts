/**
 * Until there is access control, the server speaks to this machine alone, and to pages that it served itself.
 *
 * Listening on 127.0.0.1 is not enough. A page of any origin can make the browser send requests there, and a WebSocket
 * knows no same-origin policy: such a page started a task. A name that somebody points at 127.0.0.1 makes their page
 * the same origin. So both headers are looked at, for each request and each upgrade.
 */

import type { FastifyInstance } from 'fastify'

export interface RequestOrigin {
	readonly host: string | undefined
	readonly origin: string | undefined
	/** The port that the request came in on. */
	readonly port: number
}

const localNames = ['localhost', '127.0.0.1', '[::1]']

/** Why the request is refused, in clear text; null when it is not. */
export function refusalOf({ host, origin, port }: RequestOrigin): string | null {
	const expected = localNames.map((name) => `${name}:${port}`)
	// Port 80 is left out of the header.
	const known = port === 80 ? [...expected, ...localNames] : expected
	if (host === undefined || !known.includes(host.toLowerCase())) {
		return `Refused: the request names the host ${quoted(host)}. This server answers to ${expected.join(', ')} only; open it by one of these names.`
	}
	if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
		return `Refused: the request comes from the origin ${quoted(origin)}. Only pages of http://${host.toLowerCase()} itself may use this server.`
	}
	return null
}

function quoted(value: string | undefined): string {
	return value === undefined ? '(none)' : `"${value.slice(0, 200).replace(/[^\x20-\x7e]/g, '?')}"`
}

/**
 * Whether a request is the callback of work elsewhere, forwarded by what stands at the public address. It has no origin,
 * for no page sent it, and its token is all that it may use.
 */
export function isForwardedCallback(
	url: string,
	{ host, origin }: Pick<RequestOrigin, 'host' | 'origin'>,
	publicHost: string | null,
): boolean {
	return publicHost !== null && origin === undefined && host?.toLowerCase() === publicHost && /^\/api\/callbacks\/[\w-]+$/.test(url)
}

/**
 * Refuses with 403 before anything else looks at the request, upgrades included.
 *
 * @param publicHost under which callbacks are forwarded to the server
 */
export function refuseForeignOrigins(http: FastifyInstance, publicHost: string | null): void {
	http.addHook('onRequest', async (request, reply) => {
		const { host, origin } = request.headers
		if (isForwardedCallback(request.url, { host, origin }, publicHost)) return
		const port = request.socket.localPort ?? 0
		const refusal = refusalOf({ host, origin, port })
		if (refusal !== null) return reply.code(403).type('text/plain; charset=utf-8').send(`${refusal}\n`)
	})
}
