/** The OpenAPI document: the table of routes as other programs read it. */

import { pathNames, type DescribedAnswer, type Route, type Schema } from './route.ts'
import { schemas } from './schemas.ts'

const json = (schema: Schema): object => ({ 'application/json': { schema } })

const problemAnswer = {
	description: 'Nothing was done, and why.',
	content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}

export function openApiDocument(routes: readonly Route[]): object {
	const paths: Record<string, Record<string, object>> = {}
	for (const route of routes) (paths[`/api${route.path}`] ??= {})[route.method.toLowerCase()] = operationOf(route)
	return {
		openapi: '3.1.1',
		info: {
			title: 'Taskyard',
			version: '1',
			description: 'Start, watch and act on tasks. A command that is repeated does no harm: see each operation.',
		},
		servers: [{ url: '/' }],
		paths,
		components: { schemas },
	}
}

function operationOf({ operationId, summary, path, query = {}, waits, body, answers }: Route): object {
	const inPath = pathNames(path).map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }))
	const inQuery = Object.entries(query).map(([name, { description, ...schema }]) => ({ name, in: 'query', description, schema }))
	const headers = [
		{
			name: 'x-correlation-id',
			in: 'header',
			description: 'Follows a task that this request starts.',
			schema: { type: 'string' },
		},
		...(waits ? [{ name: 'prefer', in: 'header', description: '`wait=SECONDS`, at most 300.', schema: { type: 'string' } }] : []),
	]
	return {
		operationId,
		summary,
		parameters: [...inPath, ...inQuery, ...headers],
		...(body && { requestBody: { required: (body.required ?? []).length > 0, content: json(body) } }),
		responses: {
			...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, answerOf(answer)])),
			default: problemAnswer,
		},
	}
}

function answerOf({ description, schema, location }: DescribedAnswer): object {
	const where = { location: { description: 'Where the task is.', schema: { type: 'string' } } }
	return { description, ...(location && { headers: where }), content: json(schema) }
}
