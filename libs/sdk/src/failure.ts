/** What authors throw, and what is kept of anything that was thrown. */

import type { StepError } from '@taskyard/model/task'
import { stringifyJson } from '@taskyard/model/json'

/** Tells a Failure from another error even where an author's package brought its own copy of this file. */
const brand = Symbol.for('taskyard.Failure')

export interface FailureOptions {
	/** A word for programs, e.g. `no_space`. */
	readonly code?: string
	/** Whether another automatic try makes sense. Default true; the step's retry policy says how often. */
	readonly retryable?: boolean
	/** JSON value that is kept and shown with the error. */
	readonly details?: unknown
	readonly cause?: unknown
}

/**
 * A step's own failure, with what a person or a program needs to go on.
 *
 * @example throw new Failure(`${host} refuses the connection: start its service, then resume`, { code: 'refused' })
 */
export class Failure extends Error {
	override readonly name: string = 'Failure'
	readonly code: string | null
	readonly retryable: boolean
	readonly details: unknown

	constructor(message: string, options: FailureOptions = {}) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause })
		this.code = options.code ?? null
		this.retryable = options.retryable ?? true
		this.details = options.details ?? null
		Object.defineProperty(this, brand, { value: true })
	}
}

/** Why an attempt's signal is aborted. After `not_mine` nothing it does counts. */
export type AbortCode = 'cancelled' | 'timed_out' | 'handed_back' | 'not_mine'

const abortMessages: Record<AbortCode, string> = {
	cancelled: 'The step was cancelled.',
	timed_out: 'The step did not end within its time limit.',
	handed_back: 'The worker stops; the step is handed back.',
	not_mine: 'The step is no longer this worker’s: another attempt took over.',
}

/** What `context.signal.reason` is: throwing it ends the step as what happened to it. */
export function abortReason(code: AbortCode, message: string = abortMessages[code]): Failure {
	return new Failure(message, { code, retryable: code === 'timed_out' })
}

const longestMessage = 8 * 1024
const longestTrace = 32 * 1024
const deepestCause = 5

/** What is stored of anything that was thrown, and whether another automatic try makes sense. */
export function stepErrorOf(thrown: unknown): { readonly error: StepError; readonly retryable: boolean } {
	const failure = isFailure(thrown) ? thrown : null
	const code = failure ? failure.code : errorCode(thrown)
	return {
		error: {
			message: storable(messageOf(thrown), longestMessage),
			type: typeOf(thrown),
			code: code === null ? null : storable(code, 100),
			trace: thrown instanceof Error ? storable(traceOf(thrown), longestTrace) : null,
			details: storableDetails(failure?.details),
			reason: failure?.code === 'timed_out' ? 'timed_out' : 'failed',
		},
		retryable: failure?.retryable ?? true,
	}
}

function isFailure(thrown: unknown): thrown is Failure {
	return thrown instanceof Error && brand in thrown
}

function errorCode(thrown: unknown): string | null {
	return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null
}

function messageOf(thrown: unknown): string {
	if (thrown instanceof Error) return thrown.message || `${typeOf(thrown)} without a message`
	if (typeof thrown === 'string' && thrown !== '') return thrown
	return `the step threw ${describe(thrown)} instead of an error; throw a Failure with a message`
}

function describe(thrown: unknown): string {
	try {
		return typeof thrown === 'object' && thrown !== null ? `an object ${stringifyJson(thrown)}` : `the ${typeof thrown} ${String(thrown)}`
	} catch {
		return `a value of type ${typeof thrown}`
	}
}

function typeOf(thrown: unknown): string {
	if (!(thrown instanceof Error)) return typeof thrown
	return storable(String(thrown.name || thrown.constructor.name), 100)
}

function traceOf(error: Error): string {
	const traces = []
	let current: unknown = error
	for (let depth = 0; current instanceof Error && depth < deepestCause; depth++) {
		traces.push(`${depth > 0 ? 'Caused by: ' : ''}${current.stack ?? `${current.name}: ${current.message}`}`)
		current = current.cause
	}
	return traces.join('\n')
}

function storableDetails(details: unknown): unknown {
	if (details === undefined || details === null) return null
	try {
		stringifyJson(details, 'details')
		return details
	} catch (fault) {
		return { lost: `The details of this failure could not be kept. ${fault instanceof Error ? fault.message : ''}`.trim() }
	}
}

/** PostgreSQL's text holds neither NUL nor half a surrogate pair. */
function storable(text: string, longest: number): string {
	const cut = text.length > longest ? `${text.slice(0, longest - 1)}…` : text
	return cut.replaceAll('\u0000', '\uFFFD').toWellFormed()
}
