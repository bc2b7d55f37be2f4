/** What went wrong inside stays inside: the log has it under the request's id, the answer has the id. */

import type { Log } from '@taskyard/process/log'
import { isConnectionFailure } from '@taskyard/store/sqlState'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'

export interface Request {
	readonly log: Log
	readonly requestId: string
}

/** The cause of an error that is none of the caller's doing; null for one that the caller is told as it is. */
export function internalCause(error: unknown): Error | null {
	if (!(error instanceof GraphQLError)) return error instanceof Error ? error : new Error(String(error))
	const cause = error.originalError
	return cause && !(cause instanceof GraphQLError) ? cause : null
}

/** The error as the caller sees it. Where it is an internal one, it is logged. */
export function shownError(error: unknown, { log, requestId }: Request): GraphQLFormattedError {
	const cause = internalCause(error)
	if (cause === null) return (error as GraphQLError).toJSON()
	const place = error instanceof GraphQLError && error.path ? { path: error.path } : {}
	if (isConnectionFailure(cause)) {
		log.warn({ requestId, err: cause, ...place }, 'a request failed: the database does not answer')
		const message = 'The database does not answer. Try again in a moment; nothing that was confirmed is lost.'
		return { message, ...place, extensions: { code: 'SERVICE_UNAVAILABLE', requestId } }
	}
	log.error({ requestId, err: cause, ...place }, 'a request failed inside the server')
	const message = `Something went wrong inside the server. Its log says what, under the request id ${requestId}.`
	return { message, ...place, extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } }
}
