/**
 * The socket: subscriptions, and nothing else.
 *
 * graphql-ws serialises each message for each client. What a frame became is one text for all who get it, so a message
 * leaves the library with a short mark in its payload, and the text is put in its place at the edge of the socket.
 */

import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { GraphQLError, type GraphQLSchema } from 'graphql'
import { makeHandler } from 'graphql-ws/use/@fastify/websocket'
import type { WebSocket } from 'ws'
import type { Context, Services } from '../context.ts'
import { correlationHeader, correlationOf } from '../http/correlation.ts'
import { createDocuments, type SubscriptionDocument } from './documents.ts'
import { shownError } from './errors.ts'
import { createSharedFrames, type SharedResult } from './sharedFrames.ts'

/** Of one client. */
const mostSubscriptions = 100

const mark = /^(\{"id":"(?:[^"\\]|\\.)*","type":"next","payload":)\{"shared":(\d+)\}\}$/

/** The texts that wait to be sent on a socket, by number. */
class Edge {
	readonly #texts = new Map<number, string>()
	#last = 0

	constructor(socket: WebSocket) {
		const send = socket.send.bind(socket) as (data: unknown, sent?: (error?: Error) => void) => void
		socket.send = ((data: unknown, sent?: (error?: Error) => void) => {
			send(typeof data === 'string' ? this.#fill(data) : data, sent)
		}) as WebSocket['send']
	}

	/** The payload that stands for a text until the message is sent. */
	put(text: string): { readonly shared: number } {
		this.#last += 1
		this.#texts.set(this.#last, text)
		return { shared: this.#last }
	}

	#fill(message: string): string {
		const found = mark.exec(message)
		const number = Number(found?.[2])
		const text = this.#texts.get(number)
		if (!found || text === undefined) return message
		this.#texts.delete(number)
		return `${found[1]}${text}}`
	}
}

/** What the library knows of a connection; ours beside it. */
type Connection = { readonly extra: { readonly socket: WebSocket; readonly request: FastifyRequest } }

export function createSocketHandler(schema: GraphQLSchema, services: Services) {
	const documents = createDocuments(schema)
	const frames = createSharedFrames()
	const known = new WeakMap<object, SubscriptionDocument>()
	const edges = new WeakMap<WebSocket, Edge>()
	const edgeOf = ({ extra }: Connection): Edge => {
		let edge = edges.get(extra.socket)
		if (!edge) {
			edge = new Edge(extra.socket)
			edges.set(extra.socket, edge)
		}
		return edge
	}
	const contextOf = (request: FastifyRequest): Context => ({
		...services,
		requestId: randomUUID(),
		correlationId: correlationOf(request.headers[correlationHeader]),
	})

	return makeHandler({
		isProd: true,
		onSubscribe(ctx, _id, { query, operationName, variables }) {
			if (Object.keys(ctx.subscriptions).length > mostSubscriptions) {
				return [new GraphQLError(`A socket follows at most ${mostSubscriptions} subscriptions; end some before you begin another.`)]
			}
			const document = documents(query, operationName)
			if (!('document' in document)) return document
			known.set(document.document, document)
			return {
				schema,
				document: document.document,
				operationName: operationName ?? null,
				variableValues: variables ?? null,
				contextValue: contextOf(ctx.extra.request),
			}
		},
		subscribe(args) {
			const document = known.get(args.document)
			if (!document) throw new Error('a subscription is checked before it is carried out')
			return frames.subscribe(args, document)
		},
		onNext(ctx, _id, _payload, args, result) {
			if (!('text' in result)) {
				const errors = result.errors?.map((error) => shownError(error, args.contextValue as Context))
				return errors ? { ...result, errors: errors as unknown as GraphQLError[] } : undefined
			}
			return edgeOf(ctx).put((result as SharedResult).text) as object
		},
		onError(_ctx, _id, _payload, errors) {
			return errors.map((error) => shownError(error, { log: services.log, requestId: randomUUID() }))
		},
	})
}
