/**
 * One execution and one text per frame, selection and variables: 50 pages that watch the same thing cost what one costs.
 *
 * A frame of the hub is one object for all who get it. What a document makes of it is kept beside it, as long as it lives.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { isConnectionFailure } from '@taskyard/store/sqlState'
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql'
import type { Context } from '../context.ts'
import type { SubscriptionDocument } from './documents.ts'
import { internalCause, shownError } from './errors.ts'

/** The text of `{ data, errors }`, serialised once. */
export interface SharedResult extends ExecutionResult {
	readonly text: string
}

/** Between two executions of a frame whose rest could not be read, and how often it is tried. */
const retryPause = 250
const retries = 240

export interface SharedFrames {
	/** What a subscription answers: a stream of shared results, or why there is none. */
	subscribe(args: ExecutionArgs, document: SubscriptionDocument): Promise<AsyncIterableIterator<SharedResult> | ExecutionResult>
}

export function createSharedFrames(): SharedFrames {
	const results = new WeakMap<object, Map<string, Promise<SharedResult>>>()

	function resultOf(frame: object, key: string, args: ExecutionArgs): Promise<SharedResult> {
		let ofFrame = results.get(frame)
		if (!ofFrame) {
			ofFrame = new Map()
			results.set(frame, ofFrame)
		}
		let result = ofFrame.get(key)
		if (!result) {
			result = executeFrame(frame, args)
			ofFrame.set(key, result)
		}
		return result
	}

	return {
		async subscribe(args, document) {
			const stream = await createSourceEventStream(args)
			if (!(Symbol.asyncIterator in stream)) return stream
			const variables = args.variableValues ?? {}
			const key = `${document.key} ${JSON.stringify(document.resultVariables.map((name) => variables[name] ?? null))}`
			return mapFrames(stream[Symbol.asyncIterator](), (frame) => resultOf(frame as object, key, args))
		},
	}
}

/** While the database is away a frame waits for it: its watchers miss nothing, and are not told of what heals by itself. */
async function executeFrame(frame: object, args: ExecutionArgs): Promise<SharedResult> {
	const context = args.contextValue as Context
	let result = await execute({ ...args, rootValue: frame })
	for (let tried = 0; tried < retries && failedForConnection(result); tried++) {
		await delay(retryPause, undefined, { ref: false })
		result = await execute({ ...args, rootValue: frame })
	}
	const { data, errors } = result
	const shown = errors?.map((error) => shownError(error, context))
	return { ...result, text: JSON.stringify(shown ? { data, errors: shown } : { data }) }
}

function failedForConnection({ errors }: ExecutionResult): boolean {
	return errors?.some((error) => isConnectionFailure(internalCause(error))) ?? false
}

/** By hand: a generator would hold the stream open while it waits for a frame. */
function mapFrames(
	frames: AsyncIterator<unknown, unknown>,
	map: (frame: unknown) => Promise<SharedResult>,
): AsyncIterableIterator<SharedResult> {
	const ended = { done: true as const, value: undefined }
	return {
		async next() {
			const frame = await frames.next()
			return frame.done ? ended : { done: false, value: await map(frame.value) }
		},
		async return() {
			await frames.return?.()
			return ended
		},
		async throw(error) {
			await frames.return?.()
			throw error
		},
		[Symbol.asyncIterator]() {
			return this
		},
	}
}
