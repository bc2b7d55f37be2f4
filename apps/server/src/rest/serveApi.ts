/** REST below `/api`, for programs: JSON in, JSON or a problem out. Who may ask, and how much, is as for GraphQL. */

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError } from 'graphql'
import type { Context, Services } from '../context.ts'
import { shownError } from '../graphql/errors.ts'
import { correlationHeader, correlationOf } from '../http/correlation.ts'
import { memberTexts, writeAnswer } from './exactText.ts'
import { openApiDocument } from './openApi.ts'
import { preferredWait } from './preferWait.ts'
import { problem, problemType } from './problem.ts'
import type { Route, RouteAnswer } from './route.ts'
import { routes } from './routes.ts'

const jsonType = 'application/json; charset=utf-8'
/** Faults that are told of one body at most. */
const mostFaults = 20

export function serveApi(http: FastifyInstance, services: Services): void {
	http.register(
		async (api) => {
			const bodies = new WeakMap<FastifyRequest, string>()
			const closing = Promise.withResolvers<RouteAnswer>()
			api.addHook('preClose', (done) => {
				closing.resolve(problem(503, 'service_unavailable', 'The server stops. Tasks go on: ask again when it is back, with the same id.'))
				done()
			})
			api.removeContentTypeParser('application/json')
			api.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text: string, done) => {
				try {
					const body: unknown = text.trim() === '' ? {} : JSON.parse(text)
					bodies.set(request, text)
					done(null, body)
				} catch (error) {
					done(Object.assign(error as Error, { statusCode: 400 }))
				}
			})
			api.setErrorHandler((error: FastifyError, request, reply) => send(reply, faultOf(error, request, services)))
			api.get('/openapi.json', (_request, reply) => send(reply, { status: 200, body: openApiDocument(routes) }))
			for (const route of routes) serveRoute(api, route, services, bodies, closing.promise)
			// Else it were the page's to answer.
			api.all('/*', (request, reply) => send(reply, nothingThere(request, reply)))
		},
		{ prefix: '/api' },
	)
}

function serveRoute(
	api: FastifyInstance,
	route: Route,
	services: Services,
	bodies: WeakMap<FastifyRequest, string>,
	closing: Promise<RouteAnswer>,
): void {
	api.route({
		method: route.method,
		url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
		schema: {
			...(route.body && { body: route.body }),
			...(route.query && { querystring: { type: 'object', properties: route.query } }),
		},
		// Also where nothing has to be said: what a foreign page can send without being asked has another type, or none.
		preValidation: async (request) => {
			if (route.method === 'POST' && !isJson(request)) throw Object.assign(new Error('not JSON'), { statusCode: 415 })
			request.body ??= {}
		},
		async handler(request, reply) {
			const correlationId = correlationOf(request.headers[correlationHeader])
			const context: Context = { ...services, requestId: request.id, correlationId }
			const wait = route.waits ? preferredWait(request.headers.prefer) : null
			const answered = route.handle({
				context,
				path: request.params as Record<string, string>,
				query: request.query as Record<string, string>,
				body: request.body,
				texts: memberTexts(bodies.get(request) ?? ''),
				wait,
			})
			// Who waits for a task does not hold up the stop.
			const answer = await (wait === null ? answered : Promise.race([answered, closing]))
			reply.header(correlationHeader, correlationId)
			if (wait !== null) reply.header('preference-applied', `wait=${wait / 1000}`)
			return send(reply, answer)
		},
	})
}

const isJson = (request: FastifyRequest): boolean => /^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')

function send(reply: FastifyReply, { status, headers = {}, body }: RouteAnswer): FastifyReply {
	const type = status >= 400 ? problemType : jsonType
	return reply
		.code(status)
		.headers({ 'cache-control': 'no-store', ...headers, 'content-type': type })
		.send(writeAnswer(body))
}

function faultOf(error: FastifyError, request: FastifyRequest, services: Services): RouteAnswer {
	if (error.validation) {
		const found = error.validation.map(({ instancePath, keyword, params, message }) => {
			if (keyword === 'required') return { path: `${instancePath}/${String(params.missingProperty)}`, message: 'is required' }
			if (keyword === 'additionalProperties')
				return { path: `${instancePath}/${String(params.additionalProperty)}`, message: 'is not known here' }
			return { path: instancePath, message: message ?? 'does not fit' }
		})
		const where = found.slice(0, 3).map(({ path, message }) => `${path || 'the body'} ${message}`)
		const more = found.length > where.length ? `; and ${found.length - where.length} more` : ''
		return problem(422, 'invalid_request', `The ${error.validationContext ?? 'request'} does not fit: ${where.join('; ')}${more}.`, {
			faults: found.slice(0, mostFaults),
		})
	}
	if (error instanceof GraphQLError && error.extensions.code === 'BAD_USER_INPUT') return problem(422, 'invalid_request', error.message)
	const { statusCode: status = 500 } = error
	if (status === 400) return problem(400, 'invalid_json', `The body is no JSON: ${error.message}.`)
	if (status === 413) return problem(413, 'request_refused', `${error.message}. Send less, or name a file in the input.`)
	if (status === 415) return problem(415, 'request_refused', wantsJson(request.headers['content-type']))
	if (status < 500) return problem(status, 'request_refused', error.message)
	const { message, extensions } = shownError(error, { log: services.log, requestId: request.id })
	const away = extensions?.code === 'SERVICE_UNAVAILABLE'
	return problem(away ? 503 : 500, away ? 'service_unavailable' : 'internal_error', message, { requestId: request.id })
}

function nothingThere(request: FastifyRequest, reply: FastifyReply): RouteAnswer {
	const [path = ''] = request.url.slice('/api'.length).split('?', 1)
	const others = routes.filter((route) => new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path))
	const named = `${request.method} ${request.url.slice(0, 200)}`
	if (others.length === 0) return problem(404, 'no_such_route', `There is nothing at ${named}. /api/openapi.json says what there is.`)
	const allowed = [...new Set(others.map(({ method }) => method))].join(', ')
	reply.header('allow', allowed)
	return problem(405, 'method_not_allowed', `${named} is not served; ${allowed} is.`)
}

/** What is said of a body of another type. */
export function wantsJson(contentType: string | undefined): string {
	return `A POST needs content-type: application/json, but it is ${contentType ? `"${contentType.slice(0, 100)}"` : 'not given'}.`
}
