import { isRetryable } from '@taskyard/store/sqlState'

/** Milliseconds before what met a broken connection is done again. */
const pause = 100

/**
 * Does something with the database, again and again while it fails by no fault of its data and repeating is worth it. What
 * is done must be harmless when it came through although its answer was lost.
 */
export async function repeatWhile<Result>(worth: () => boolean, work: () => Promise<Result>): Promise<Result> {
	for (;;) {
		try {
			return await work()
		} catch (error) {
			if (!isRetryable(error) || !worth()) throw error
			await new Promise((resolve) => setTimeout(resolve, pause))
		}
	}
}
