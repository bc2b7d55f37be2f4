/** Asks a server over HTTP. What it refuses is thrown as a Failure with the code and the faults that the server gave. */

import { parseJson, stringifyJson } from '@taskyard/model/json'
import { Failure } from '../failure.ts'
import { commandRefused } from '../taskFailures.ts'

export interface Connection {
	/** Without a slash at the end. */
	readonly url: string
	/** Sent with every request. */
	readonly headers: Readonly<Record<string, string>>
	/** How long a request is repeated that got no answer, in milliseconds. */
	readonly patience: number
}

export interface Asked {
	readonly method?: 'GET' | 'POST' | 'DELETE'
	/** Below `/api`. */
	readonly path: string
	readonly body?: unknown
	/** How long the server is to wait for a task, in milliseconds. */
	readonly wait?: number
	/** What the request is for: the message of a refusal begins with it. */
	readonly what: string
	/** Whether another request after one without an answer could do something twice. */
	readonly once?: true
	readonly signal?: AbortSignal
}

export interface Answered {
	readonly status: number
	/** Read without a loss: an integer past 2⁵³ is a `bigint`. */
	readonly body: unknown
}

/** How long an answer may take beyond what was asked for, in milliseconds. */
const slowest = 30_000
const longestPause = 2_000

/** @throws Failure with the code of the server's refusal, or `no_connection` */
export async function request(connection: Connection, asked: Asked): Promise<Answered> {
	const since = performance.now()
	for (let pause = 50; ; pause = Math.min(pause * 2, longestPause)) {
		const answer = await ask(connection, asked)
		if ('body' in answer) return answer
		asked.signal?.throwIfAborted()
		const over = performance.now() - since + pause > connection.patience
		if (over || (asked.once && answer.arrived)) throw noConnection(connection.url, asked, answer)
		await new Promise((resolve) => setTimeout(resolve, pause))
	}
}

interface Unanswered {
	readonly cause: unknown
	/** Whether nobody knows if the request has come through. */
	readonly arrived: boolean
}

async function ask(
	{ url, headers }: Connection,
	{ method = 'POST', path, body, wait, what, signal }: Asked,
): Promise<Answered | Unanswered> {
	const limit = AbortSignal.timeout(Math.min(slowest + (wait ?? 0), 2 ** 31 - 1))
	const text = method === 'POST' ? stringifyJson(body ?? {}, 'body') : undefined
	let response: Response
	let said: string
	try {
		response = await fetch(`${url}/api${path}`, {
			method,
			headers: {
				accept: 'application/json',
				...(text !== undefined && { 'content-type': 'application/json' }),
				...(wait !== undefined && { prefer: `wait=${Math.ceil(wait / 1000)}` }),
				...headers,
			},
			...(text !== undefined && { body: text }),
			signal: signal ? AbortSignal.any([limit, signal]) : limit,
		})
		said = await response.text()
	} catch (cause) {
		return { cause, arrived: !neverArrived.has(codeOf(cause)) }
	}
	if (response.ok) return { status: response.status, body: parseJson(said) }
	// The database may have gone away behind its commit.
	if (response.status === 503) return { cause: new Error(detailOf(said)), arrived: true }
	throw refusalOf(url, response.status, said, what)
}

/** Where the reason of `fetch` is, and its code if it has one. */
function codeOf(error: unknown): string {
	const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown }
	return typeof code === 'string' ? code : cause === undefined ? '' : codeOf(cause)
}

const neverArrived: ReadonlySet<string> = new Set([
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'UND_ERR_CONNECT_TIMEOUT',
])

interface Problem {
	readonly code: string
	readonly detail: string
	readonly faults?: readonly unknown[]
}

function problemOf(text: string): Problem | null {
	try {
		const read = JSON.parse(text) as Partial<Problem> | null
		return typeof read?.code === 'string' && typeof read.detail === 'string' ? { ...read, code: read.code, detail: read.detail } : null
	} catch {
		return null
	}
}

const detailOf = (text: string): string => problemOf(text)?.detail ?? text.trim().slice(0, 500)

function refusalOf(url: string, status: number, text: string, what: string): Failure {
	const problem = problemOf(text)
	if (!problem) return new Failure(`${what}: ${url} answers ${status}: ${detailOf(text)}`, { code: 'no_taskyard', retryable: false })
	if (status < 500) return commandRefused(problem.code, `${what}: ${problem.detail}`, problem.faults)
	return new Failure(`${what}: ${problem.detail}`, { code: problem.code })
}

function noConnection(url: string, { what, once }: Asked, { cause, arrived }: Unanswered): Failure {
	const why = cause instanceof Error ? codeOf(cause) || cause.message : 'the connection broke'
	const unsure = once && arrived ? ' It may have been done all the same: look before you ask again.' : ''
	return new Failure(`${what}: ${url} does not answer (${why}).${unsure}`, { code: 'no_connection', retryable: !once || !arrived, cause })
}
