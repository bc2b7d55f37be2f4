/** Why a request was not carried out: RFC 9457, application/problem+json. */

import type { CommandRefusal, Fault, Refusal } from '@taskyard/engine/commands/types'
import type { RouteAnswer } from './route.ts'

export const problemType = 'application/problem+json; charset=utf-8'

/** What is wrong with the request itself, before a command was asked. */
type RequestFault = 'invalid_json' | 'invalid_request' | 'no_such_route' | 'method_not_allowed' | 'request_refused'
type InternalFault = 'internal_error' | 'service_unavailable'
export type ProblemCode = CommandRefusal | RequestFault | InternalFault

export interface Problem {
	readonly type: string
	readonly title: string
	readonly status: number
	/** For people: what was expected, and what to do. */
	readonly detail: string
	/** For programs. */
	readonly code: ProblemCode
	readonly faults: readonly Fault[]
	/** Names the request in the log of the server. */
	readonly requestId?: string
}

const titles = {
	400: 'The request cannot be read',
	403: 'Not allowed',
	404: 'Not found',
	405: 'Method not allowed',
	409: 'It does not fit the state of things',
	410: 'Gone',
	413: 'Too large',
	415: 'Not JSON',
	422: 'The request has faults',
	500: 'Something went wrong inside the server',
	503: 'Not available now',
} as const
type ProblemStatus = keyof typeof titles

/** A refusal that is not named here is about the state of the task: 409. */
const statusOfRefusal: Partial<Record<CommandRefusal, ProblemStatus>> = {
	not_found: 404,
	no_such_step: 404,
	no_such_callback: 404,
	callback_used: 410,
	callback_expired: 410,
	dangerous_actions_off: 403,
	unknown_task_type: 422,
	invalid_input: 422,
	invalid_id: 422,
	invalid_dependency: 422,
	invalid_start_time: 422,
	invalid_queue: 422,
	invalid_priority: 422,
	invalid_event: 422,
	invalid_bulk: 422,
	unknown_setting: 422,
	invalid_setting: 422,
}

/** The status with which a refusal is answered. */
export const refusalStatus = (code: CommandRefusal): ProblemStatus => statusOfRefusal[code] ?? 409

export function problem(
	status: number,
	code: ProblemCode,
	detail: string,
	more: { readonly faults?: readonly Fault[]; readonly requestId?: string } = {},
): RouteAnswer & { readonly body: Problem } {
	const title = titles[status as ProblemStatus] ?? titles[status >= 500 ? 500 : 400]
	return { status, body: { type: `urn:taskyard:problem:${code}`, title, status, detail, code, faults: [], ...more } }
}

/** A command was refused: nothing changed. */
export function refused({ code, message, faults }: Refusal): RouteAnswer & { readonly body: Problem } {
	return problem(refusalStatus(code), code, message, { faults })
}
