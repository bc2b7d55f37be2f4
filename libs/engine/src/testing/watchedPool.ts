/** A pool whose statements a test can hold up, to put something between two of them. */

import { openPool, type Pool } from '@taskyard/store/connection'
import { enginePlanner } from '@taskyard/store/tasks/applyDecisions'

export interface WatchedPool {
	readonly pool: Pool
	/** Names of the prepared statements that were sent, in order. */
	readonly sent: string[]
	/** Is awaited before a statement is sent. */
	before: (statement: string) => Promise<void> | void
	/** Is awaited before the answer of a statement is passed on; what it throws takes the answer's place. */
	after: (statement: string) => Promise<void> | void
}

export function openWatchedPool(url: string): WatchedPool {
	const pool = openPool(url, { max: 3, applicationName: 'taskyard watched pool', session: enginePlanner })
	const watched: WatchedPool = { pool, sent: [], before: () => undefined, after: () => undefined }
	pool.on('connect', (client) => {
		const query = client.query.bind(client) as (...given: unknown[]) => unknown
		const watch = async (name: string, given: unknown[]): Promise<unknown> => {
			await watched.before(name)
			const result = await query(...given)
			await watched.after(name)
			return result
		}
		const send = (...given: unknown[]): unknown => {
			const [statement] = given
			const name = typeof statement === 'object' && statement !== null && 'name' in statement ? String(statement.name) : ''
			if (!name) return query(...given)
			watched.sent.push(name)
			// The pool's own `query` asks with a callback.
			const callback = given.at(-1)
			if (typeof callback !== 'function') return watch(name, given)
			watch(name, given.slice(0, -1)).then(
				(result) => callback(null, result),
				(error: Error) => callback(error),
			)
			return undefined
		}
		client.query = send as typeof client.query
	})
	return watched
}

/** Stops the next statement whose name begins so until it is let go. */
export function holdUp(watched: WatchedPool, name: string): { readonly reached: Promise<void>; letGo(): void } {
	const reached = Promise.withResolvers<void>()
	const gate = Promise.withResolvers<void>()
	const { before } = watched
	watched.before = (statement) => {
		if (!statement.startsWith(name)) return before(statement)
		watched.before = before
		reached.resolve()
		return gate.promise
	}
	return { reached: reached.promise, letGo: gate.resolve }
}

/** Begin of the names of the statements that write decisions. */
export const writeStatement = 'taskyard:applyDecisions'
