import type { FormattedExecutionResult } from 'graphql-ws'
import { createClient } from 'graphql-ws/client'
import type { TypedDocumentString } from '../graphql/generated/graphql.ts'
import { type Clock, createClock } from './clock.ts'
import { type Connection, type ConnectionFact, nextConnection } from './connection.ts'
import { createFrameQueue } from './frames.ts'
import { createSource, type Source } from './source.ts'

export interface FollowOptions<Result, Variables> {
	readonly variables: Variables
	/** Called within an animation frame, in order. */
	readonly next: (result: Result) => void
	/** What the server is asked for after a break: the cursor, or the last line, that this result brought. */
	readonly resume: (result: Result) => Partial<Variables>
	/** Called when the server refuses; the page tries again by itself. */
	readonly refused?: (message: string) => void
}

/** The page's one socket: who follows what, how the connection stands, what time it is. */
export interface Live {
	readonly connection: Source<Connection>
	readonly clock: Clock
	/** Follows a subscription for ever, over every break. Returns how to stop. */
	follow<Result, Variables extends Record<string, unknown>>(
		document: TypedDocumentString<Result, Variables>,
		options: FollowOptions<NoInfer<Result>, NoInfer<Variables>>,
	): () => void
}

const shortestWait = 250
const longestWait = 15_000
/** A ping each 10 s whose answer may take 5: a silent socket is noticed within 15 s. */
const pingInterval = 10_000
const pongDeadline = 5_000

/** A random delay, so that the pages of a restarted server do not come back all at once. */
export function backOff(tries: number, random: () => number = Math.random): number {
	return random() * Math.min(longestWait, shortestWait * 2 ** Math.min(tries, 10)) + shortestWait / 2
}

/** Opens the socket, and opens it again whenever it ends. */
export function createLive(url: string): Live {
	const connection = createSource<Connection>(
		navigator.onLine ? { kind: 'connecting', since: Date.now() } : { kind: 'offline', since: Date.now() },
	)
	const clock = createClock(connection)
	const inNextFrame = createFrameQueue()
	const learn = (fact: ConnectionFact) => connection.set(nextConnection(connection.get(), fact))
	let heard = Date.now()
	let silence: ReturnType<typeof setTimeout> | undefined

	const client = createClient({
		url,
		lazy: false,
		keepAlive: pingInterval,
		connectionAckWaitTimeout: pongDeadline,
		retryAttempts: Number.POSITIVE_INFINITY,
		shouldRetry: () => true,
		retryWait: (tries) => waitForNetwork(backOff(tries)),
		// Each subscription tries again by itself, and with it the socket.
		onNonLazyError: () => {},
		on: {
			connected: () => learn({ kind: 'acknowledged' }),
			closed: () => {
				clearTimeout(silence)
				learn({ kind: 'closed', heard })
			},
			message: () => {
				heard = Date.now()
			},
			ping: (received) => {
				if (received) return
				silence = setTimeout(() => client.terminate(), pongDeadline)
			},
			pong: (received) => {
				if (received) clearTimeout(silence)
			},
		},
	})

	addEventListener('offline', () => {
		learn({ kind: 'network_lost', heard })
		client.terminate()
	})
	addEventListener('online', () => learn({ kind: 'network_back' }))
	setInterval(() => learn({ kind: 'time_passed', at: Date.now() }), 1000)

	return {
		connection,
		clock,
		follow(document, options) {
			// The socket sends this object again when it comes back, with the variables that it then has.
			const variables = { ...options.variables }
			const payload = { query: document.toString(), variables }
			type Result = Parameters<typeof options.next>[0]
			let stopped = false
			let tries = 0
			let stop = () => {}
			let waiting: ReturnType<typeof setTimeout> | undefined
			const again = () => {
				if (stopped) return
				waiting = setTimeout(start, backOff(tries))
				tries += 1
			}
			const start = () => {
				stop = client.subscribe<Result>(payload, {
					next({ data, errors }: FormattedExecutionResult<Result, unknown>) {
						if (errors?.length) options.refused?.(errors.map(({ message }) => message).join(' '))
						if (!data) return
						tries = 0
						Object.assign(variables, options.resume(data))
						inNextFrame(() => {
							if (!stopped) options.next(data)
						})
					},
					error(reason) {
						if (Array.isArray(reason)) options.refused?.(reason.map(({ message }: { message: string }) => message).join(' '))
						again()
					},
					complete: again,
				})
			}
			start()
			return () => {
				stopped = true
				clearTimeout(waiting)
				stop()
			}
		},
	}
}

/** Waits, but no longer than until the network or the viewer comes back. */
function waitForNetwork(milliseconds: number): Promise<void> {
	return new Promise((resolve) => {
		const proceed = () => {
			if (document.hidden && !navigator.onLine) return
			clearTimeout(timer)
			removeEventListener('online', proceed)
			document.removeEventListener('visibilitychange', proceed)
			resolve()
		}
		const timer = setTimeout(proceed, milliseconds)
		addEventListener('online', proceed)
		document.addEventListener('visibilitychange', proceed)
	})
}
