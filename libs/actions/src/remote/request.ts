/** One request to a service, with a limit to its time and to the size of its answer. */

import { wrongUrl } from '@taskyard/sdk/callableUrl'
import { Failure } from '@taskyard/sdk/failure'

export interface ServiceRequest {
	readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
	readonly url: string
	readonly headers: { readonly [name: string]: string }
	/** A JSON value. */
	readonly body?: unknown
	/** Milliseconds for the whole answer. */
	readonly timeout: number
	readonly signal: AbortSignal
}

export interface ServiceAnswer {
	readonly status: number
	readonly location: string | null
	readonly body: { readonly json: unknown } | { readonly garbage: string }
}

/** Longest answer in bytes. */
const longestAnswer = 1024 * 1024

/**
 * @throws Failure with one of the codes `unreachable`, `no_answer`, `answer_cut_off`, `answer_too_large`; the signal's
 * reason when it is aborted
 */
export async function request({ method, url, headers, body, timeout, signal }: ServiceRequest): Promise<ServiceAnswer> {
	const wrong = wrongUrl(url)
	if (wrong) throw new Failure(`The address ${url} ${wrong}.`, { code: 'wrong_address', retryable: false })
	const limit = AbortSignal.timeout(Math.max(1, Math.round(timeout)))
	let status = 0
	try {
		const response = await fetch(url, {
			method,
			headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
			...(body !== undefined && { body: JSON.stringify(body) }),
			// It would lead past the addresses that may be called, with all headers.
			redirect: 'manual',
			signal: AbortSignal.any([signal, limit]),
		})
		status = response.status
		return { status, location: response.headers.get('location'), body: jsonOf(await textOf(response)) }
	} catch (error) {
		signal.throwIfAborted()
		if (error instanceof Failure) throw error
		const service = new URL(url).origin
		if (limit.aborted) throw new Failure(`${service} did not answer within ${timeout / 1000} s.`, { code: 'no_answer', cause: error })
		const { cause = error } = error as Error
		const why = cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : String(cause)
		if (status === 0 && isRefusal(cause)) throw new Failure(`${service} cannot be reached: ${why}.`, { code: 'unreachable', cause: error })
		throw new Failure(`${service} broke off its answer: ${why}.`, { code: 'answer_cut_off', cause: error })
	}
}

/** Nothing has arrived there. */
function isRefusal(cause: unknown): boolean {
	const code = (cause as NodeJS.ErrnoException | null)?.code ?? ''
	return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'].includes(code)
}

async function textOf(response: Response): Promise<string> {
	const chunks: Uint8Array[] = []
	let size = 0
	for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
		size += chunk.length
		if (size > longestAnswer)
			throw new Failure(
				`The answer has more than ${longestAnswer} bytes, which are the most. Let the service answer with an address instead.`,
				{
					code: 'answer_too_large',
				},
			)
		chunks.push(chunk)
	}
	return Buffer.concat(chunks).toString('utf8')
}

function jsonOf(text: string): ServiceAnswer['body'] {
	if (text.trim() === '') return { json: null }
	try {
		return { json: JSON.parse(text) as unknown }
	} catch {
		return { garbage: text.slice(0, 100) }
	}
}
