/** The HTTP server: page, API, socket and health on one port of this machine. */

import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import fastifyWebsocket from '@fastify/websocket'
import fastifyApollo from '@as-integrations/fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Context, Services } from './context.ts'
import { createApollo } from './graphql/apollo.ts'
import { createSocketHandler } from './graphql/socket.ts'
import { correlationHeader, correlationOf } from './http/correlation.ts'
import { serveHealth } from './http/health.ts'
import { builtPage, servePage } from './http/page.ts'
import { refuseForeignOrigins } from './http/sameOrigin.ts'
import { serveApi, wantsJson } from './rest/serveApi.ts'
import { buildSchema } from './schema/buildSchema.ts'

/** Until there is access control nobody else may reach it. */
export const address = '127.0.0.1'

const largestRequest = 4 * 1024 * 1024
const largestMessage = 256 * 1024

export interface ServerOptions {
	/** 0: any free one. */
	readonly port: number
	/** Directory of the built page. */
	readonly page?: string
	/** Where remote services call back, when something forwards them from there. */
	readonly publicUrl?: string
}

export interface Server {
	readonly url: string
	readonly port: number
	/** Takes no more requests, ends the sockets, and waits for what is under way. */
	close(): Promise<void>
}

/** Opens the server. Rejects when the port is taken. */
export async function openServer(services: Services, { port, page = builtPage, publicUrl }: ServerOptions): Promise<Server> {
	const schema = buildSchema()
	const apollo = createApollo(schema, services.log)
	await apollo.start()
	const http = Fastify({
		bodyLimit: largestRequest,
		genReqId: () => randomUUID(),
		requestIdHeader: false,
		// What is sent is taken as it is, or refused with all that is wrong in it.
		ajv: { customOptions: { allErrors: true, coerceTypes: false, removeAdditional: false, useDefaults: false, allowUnionTypes: true } },
	})
	// First, so that it knows a refused upgrade and closes its connection.
	await http.register(fastifyWebsocket, { options: { maxPayload: largestMessage }, preClose: endSockets })
	refuseForeignOrigins(http, publicUrl === undefined ? null : new URL(publicUrl).host)
	http.addHook('onRequest', async (request, reply) => {
		reply.header('x-request-id', request.id)
	})
	// A form of a foreign page can be sent as text, never as JSON.
	http.removeContentTypeParser('text/plain')
	http.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
		const status = error.statusCode ?? 500
		if (status >= 500) services.log.error({ requestId: request.id, err: error }, 'a request failed inside the server')
		const message =
			status >= 500 ? `Something went wrong inside the server. Its log says what, under the request id ${request.id}.` : error.message
		return reply.code(status).send({ errors: [{ message: status === 415 ? wantsJson(request.headers['content-type']) : message }] })
	})
	await http.register(fastifyApollo(apollo), {
		path: '/graphql',
		method: ['POST'],
		context: async (request): Promise<Context> => ({
			...services,
			requestId: request.id,
			correlationId: correlationOf(request.headers[correlationHeader]),
		}),
	})
	serveSocket(http, createSocketHandler(schema, services))
	serveApi(http, services)
	serveHealth(http, services.database)
	servePage(http, page)
	await http.listen({ host: address, port })
	const listening = (http.server.address() as AddressInfo).port
	return {
		url: `http://${address}:${listening}`,
		port: listening,
		async close() {
			await http.close()
			await apollo.stop()
		},
	}
}

function serveSocket(http: FastifyInstance, handler: ReturnType<typeof createSocketHandler>): void {
	http.route({
		method: 'GET',
		url: '/graphql',
		handler: (_request, reply) =>
			reply.code(404).send({
				errors: [{ message: 'GraphQL is asked with POST and content-type: application/json, or by a WebSocket for subscriptions.' }],
			}),
		wsHandler: handler,
	})
}

/** How long a page has to answer that the server goes away. */
const farewell = 1_000

/** Tells every page to come back later. One that does not answer is cut off: it would hold up the stop. */
function endSockets(this: FastifyInstance, done: () => void): void {
	const { clients } = this.websocketServer
	for (const client of clients) client.close(1001, 'The server stops.')
	const cut = setTimeout(() => {
		for (const client of clients) client.terminate()
	}, farewell)
	this.websocketServer.close(() => {
		clearTimeout(cut)
		done()
	})
}
