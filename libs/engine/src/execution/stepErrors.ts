/** What an author's code threw, as the error of an attempt. */

import type { Reason } from '@taskyard/model/states'
import type { StepError } from '@taskyard/model/task'
import { Failure } from '@taskyard/sdk/failure'

const longestMessage = 10_000
const longestTrace = 50_000

/** `fallback`: the reason when the failure's code names none. */
export function stepError(thrown: unknown, fallback: Reason = 'failed'): StepError {
	if (thrown instanceof Failure) {
		return {
			message: cut(thrown.message, longestMessage),
			type: 'Failure',
			code: thrown.code ?? null,
			trace: traceOf(thrown),
			details: thrown.details ?? null,
			reason: thrown.code === 'timed_out' ? 'timed_out' : fallback,
		}
	}
	if (thrown instanceof Error) {
		const code = (thrown as { code?: unknown }).code
		return {
			message: cut(thrown.message || thrown.name, longestMessage),
			type: thrown.name,
			code: typeof code === 'string' ? code : null,
			trace: traceOf(thrown),
			details: null,
			reason: fallback,
		}
	}
	return { message: cut(String(thrown), longestMessage), type: typeof thrown, code: null, trace: null, details: null, reason: fallback }
}

export function isRetryableFailure(thrown: unknown): boolean {
	return !(thrown instanceof Failure) || thrown.retryable
}

function traceOf(error: Error): string | null {
	const cause = error.cause instanceof Error ? `\nCaused by: ${error.cause.stack ?? error.cause.message}` : ''
	return error.stack ? cut(error.stack + cause, longestTrace) : null
}

function cut(text: string, length: number): string {
	return text.length <= length ? text : `${text.slice(0, length)}… (${text.length - length} more characters)`
}
