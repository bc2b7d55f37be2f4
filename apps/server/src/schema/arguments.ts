/** Checks of arguments that the types of the schema cannot express. A fault names the argument and what is expected. */

import { GraphQLError } from 'graphql'

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/**
 * The id as the database writes it. What is no uuid is the id of nothing: a reader gets null for it, and who names a
 * verb gets the fault.
 */
export function knownId(id: string): string | null
export function knownId(id: string, verb: string): string
export function knownId(id: string, verb?: string): string | null {
	if (uuid.test(id)) return id.toLowerCase()
	if (verb === undefined) return null
	throw badArgument(`id: there is no task "${id.slice(0, 80)}" to ${verb}; expected an id such as 019a0b1c-2d3e-7f00-8000-0123456789ab`)
}

/** How many of something a page has. */
export function pageSize(first: number, most: number): number {
	if (first >= 1 && first <= most) return first
	throw badArgument(`first: expected a number from 1 to ${most}, but it is ${first}`)
}

export function wholeNumber(name: string, value: number): number {
	if (Number.isSafeInteger(value) && value >= 0) return value
	throw badArgument(`${name}: expected a whole number from 0 on, but it is ${value}`)
}

function badArgument(message: string): GraphQLError {
	return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
}
