/** The scalars of the schema. */

import { GraphQLError, GraphQLScalarType, Kind } from 'graphql'

/** A text that stays as it is. */
function textScalar(name: string, description: string): GraphQLScalarType<string, string> {
	const parse = (value: unknown) => {
		if (typeof value !== 'string') throw new GraphQLError(`${name} is a text; pass a string`)
		return value
	}
	return new GraphQLScalarType({
		name,
		description,
		serialize: (value) => String(value),
		parseValue: parse,
		parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : undefined),
	})
}

export const Cursor = textScalar('Cursor', 'Opaque position in the change feed.')

// Not parsed here: what is wrong with an input is told by the command, with its place.
export const JsonText = textScalar('JsonText', 'A JSON document as the text that was given: order of keys and big integers survive.')

/** Inside the server an instant is milliseconds since 1970; outside it is ISO 8601 in UTC. */
export const DateTime = new GraphQLScalarType<number, string>({
	name: 'DateTime',
	description: 'An instant in UTC, ISO 8601 with milliseconds.',
	serialize: (value) => {
		if (typeof value !== 'number')
			throw new GraphQLError(`DateTime is given as milliseconds since 1970 inside the server, not as ${typeof value}`)
		return new Date(value).toISOString()
	},
	parseValue: parseInstant,
	parseLiteral: (node) => parseInstant(node.kind === Kind.STRING ? node.value : undefined),
})

function parseInstant(value: unknown): number {
	const instant = typeof value === 'string' ? Date.parse(value) : Number.NaN
	if (Number.isNaN(instant)) throw new GraphQLError('DateTime is an ISO 8601 text such as 2026-11-21T11:05:56.000Z')
	return instant
}
