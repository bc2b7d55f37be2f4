/** The page: files that the build made, and its entry for every address that the page itself routes. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Where the build puts the page. */
export const builtPage = join(import.meta.dirname, '../../../web/dist')

/** Nothing from elsewhere, no inline script, nobody's frame. */
const contentSecurity = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self' data:",
	"font-src 'self' data:",
	"connect-src 'self'",
	"manifest-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
].join('; ')

const securityHeaders = {
	'content-security-policy': contentSecurity,
	'x-content-type-options': 'nosniff',
	'x-frame-options': 'DENY',
	'referrer-policy': 'no-referrer',
	'cross-origin-opener-policy': 'same-origin',
	'cross-origin-resource-policy': 'same-origin',
}

export function servePage(http: FastifyInstance, directory: string): void {
	http.addHook('onSend', async (_request, reply) => {
		reply.headers(securityHeaders)
	})
	http.register(fastifyStatic, {
		root: directory,
		preCompressed: true,
		cacheControl: false,
		suppressWarning: true,
		// Names of assets contain their hash: what such an address says never changes.
		setHeaders: (reply, path) => {
			reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
		},
	})
	http.setNotFoundHandler((request, reply) => {
		if (!isRoute(request)) {
			return reply
				.code(404)
				.type('text/plain; charset=utf-8')
				.send(`There is nothing at ${request.method} ${request.url.slice(0, 200)}. The page is at /, the API at /graphql.\n`)
		}
		if (!existsSync(join(directory, 'index.html'))) {
			return reply.code(503).type('text/plain; charset=utf-8').send('The page is not built. Run "npm run build" and load it again.\n')
		}
		return reply.header('cache-control', 'no-cache').sendFile('index.html')
	})
}

/** An address that a person may have in the bar: no file, asked for as a document. */
function isRoute(request: FastifyRequest): boolean {
	if (request.method !== 'GET' && request.method !== 'HEAD') return false
	const path = request.url.split('?', 1)[0] ?? ''
	const accept = request.headers.accept ?? '*/*'
	return !/\.\w+$/.test(path) && (accept.includes('text/html') || accept.includes('*/*'))
}
