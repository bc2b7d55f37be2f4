import type { FormattedExecutionResult } from 'graphql-ws'
import { createClient } from 'graphql-ws/client'
import { WebSocket } from 'ws'
import { CommandFailure, exitCodes } from '../commandFailure.ts'
import type { TypedDocumentString } from '../graphql/generated/graphql.ts'
import type { ServerAddress } from './address.ts'

export interface LiveOptions {
	/** Milliseconds without an answer after which the connection counts as lost for good. */
	readonly patience?: number
	/** The connection broke, and is tried again: why. */
	readonly broken: (why: string) => void
	/** It is back, and went on where it was. */
	readonly whole: () => void
}

export interface FollowOptions<Result, Variables> {
	readonly variables: Variables
	readonly next: (result: Result) => void
	/** What the server is asked for after a break: the cursor, or the last line, that this result brought. */
	readonly resume: (result: Result) => Partial<Variables>
}

/** One socket to a server, opened again whenever it ends, until that fails for too long. */
export interface Live {
	/** Follows a subscription over every break. Answers how to stop. */
	follow<Result, Variables extends Record<string, unknown>>(
		document: TypedDocumentString<Result, Variables>,
		options: FollowOptions<Result, Variables>,
	): () => void
	/** Rejects when the connection is lost for good. */
	readonly lost: Promise<never>
	close(): void
}

const usualPatience = 30_000
const shortestWait = 200
const longestWait = 3_000
/** A ping each 10 s whose answer may take 5: a silent socket is noticed within 15 s. */
const pingInterval = 10_000
const pongDeadline = 5_000

const backOff = (tries: number): number => Math.min(longestWait, shortestWait * 2 ** tries) * (0.5 + Math.random() / 2)

export function openLive(server: ServerAddress, { patience = usualPatience, broken, whole }: LiveOptions): Live {
	const lost = Promise.withResolvers<never>()
	lost.promise.catch(() => undefined)
	let deadline: NodeJS.Timeout | undefined
	let silence: NodeJS.Timeout | undefined
	let closed = false
	/** Whether a break was told that is not over yet. */
	let told = false
	let why = 'it does not answer'
	const stops = new Set<() => void>()
	let socket: WebSocket | undefined

	const close = () => {
		if (closed) return
		closed = true
		clearTimeout(deadline)
		clearTimeout(silence)
		for (const stop of stops) stop()
		// The polite way waits for the other side, which may be silent.
		socket?.terminate()
		// It waits for a connection that is being made, and fails with it.
		Promise.resolve(client.dispose()).catch(() => undefined)
	}
	const giveUpLater = () => {
		deadline ??= setTimeout(() => {
			close()
			lost.reject(
				new CommandFailure(
					`the connection to ${server.name} was lost and did not come back within ${patience / 1_000} s (${why}).`,
					exitCodes.noConnection,
				),
			)
		}, patience)
	}
	const learnBreak = (reason: string) => {
		if (closed) return
		why = reason
		if (!told) broken(reason)
		told = true
		giveUpLater()
	}
	const learnSign = () => {
		clearTimeout(deadline)
		deadline = undefined
		if (told) whole()
		told = false
	}

	const client = createClient({
		url: server.socket,
		webSocketImpl: WebSocket,
		keepAlive: pingInterval,
		connectionAckWaitTimeout: pongDeadline,
		retryAttempts: Number.POSITIVE_INFINITY,
		shouldRetry: () => !closed,
		retryWait: (tries) => new Promise((resolve) => setTimeout(resolve, backOff(tries)).unref()),
		on: {
			opened: (opened) => {
				socket = opened as WebSocket
			},
			error: (error) => learnBreak(error instanceof Error ? error.message : ((error as { message?: string }).message ?? 'it broke')),
			closed: (event) => {
				clearTimeout(silence)
				learnBreak(`closed with ${(event as { code?: number }).code ?? 'no code'}`)
			},
			ping: (received) => {
				if (!received) silence = setTimeout(() => client.terminate(), pongDeadline)
			},
			pong: (received) => {
				if (received) clearTimeout(silence)
			},
		},
	})
	giveUpLater()

	return {
		lost: lost.promise,
		close,
		follow(document, options) {
			// The socket sends this object again when it comes back, with the variables that it then has.
			const variables = { ...options.variables }
			type Result = Parameters<typeof options.next>[0]
			let stopped = false
			let tries = 0
			let end = () => {}
			let waiting: NodeJS.Timeout | undefined
			const again = () => {
				if (stopped || closed) return
				waiting = setTimeout(start, backOff(tries))
				tries += 1
			}
			const refused = (errors: readonly { readonly message: string }[]) => learnBreak(errors.map(({ message }) => message).join(' '))
			const start = () => {
				end = client.subscribe<Result>(
					{ query: document.toString(), variables },
					{
						next({ data, errors }: FormattedExecutionResult<Result, unknown>) {
							if (stopped) return
							if (errors?.length) refused(errors)
							if (!data) return
							tries = 0
							learnSign()
							Object.assign(variables, options.resume(data))
							options.next(data)
						},
						error(reason) {
							if (Array.isArray(reason)) refused(reason as { message: string }[])
							again()
						},
						complete: again,
					},
				)
			}
			const stop = () => {
				stopped = true
				clearTimeout(waiting)
				stops.delete(stop)
				end()
			}
			stops.add(stop)
			start()
			return stop
		},
	}
}
