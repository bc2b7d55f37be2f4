import type { Log } from './log.ts'

/** Something that ends a part of the process. It may be called only once. */
export type Closer = () => Promise<void> | void

/** The ordered end of a process: what was opened last is closed first. */
export interface Shutdown {
	/** Aborted when the end begins: who waits for something stops waiting. */
	readonly signal: AbortSignal
	/** Names a part and how to close it. Once the end has begun, the part is closed at once. */
	register(name: string, close: Closer): void
	/** Closes everything, in reverse order, once; a later call waits for the same end. Answers with the names of what failed or hung. */
	stop(reason: string): Promise<readonly string[]>
	/** Stops, and exits the process with 0 (or 1 when something failed or hung), on SIGINT, SIGTERM, SIGHUP, or when the parent is gone. */
	listen(): void
}

/** What a shutdown needs to know. */
export interface ShutdownOptions {
	readonly log: Log
	/** All closers together get this long, 18 s if not said: less than the 20 s after which a launcher kills. Who hangs is named and left behind. */
	readonly limitMilliseconds?: number
	/** The process it ends; another one in tests. */
	readonly host?: ShutdownHost
}

/** The part of `process` that the end of a process needs. */
export interface ShutdownHost {
	on(event: string, listener: () => void): unknown
	exit(code: number): void
	/** monotonic milliseconds */
	now(): number
	/** true when a parent holds the other end of a channel */
	readonly hasParent: boolean
}

/** A terminal's Ctrl-C comes twice: from the terminal and forwarded by npm. What follows this close is the same wish, not a second one. */
const sameWishMilliseconds = 1_000

const thisProcess: ShutdownHost = {
	on: (event, listener) => {
		process.on(event, listener)
		// A listener on the channel to the parent would keep a process alive that has nothing else to do.
		if (event === 'disconnect') process.channel?.unref()
	},
	exit: (code) => process.exit(code),
	now: () => performance.now(),
	hasParent: process.connected ?? false,
}

/** Makes the ordered end of this process. */
export function createShutdown({ log, limitMilliseconds = 18_000, host = thisProcess }: ShutdownOptions): Shutdown {
	const parts: { name: string; close: Closer }[] = []
	const controller = new AbortController()
	let ending: Promise<readonly string[]> | undefined

	/** Closes one part within what is left of the limit; false when it failed or hung. */
	async function closePart({ name, close }: { name: string; close: Closer }, deadline: number): Promise<boolean> {
		const { promise: hung, resolve: giveUp } = Promise.withResolvers<'hung'>()
		const timer = setTimeout(() => giveUp('hung'), Math.max(0, deadline - host.now()))
		try {
			const outcome = await Promise.race([Promise.resolve().then(close), hung])
			if (outcome === 'hung')
				log.error({ part: name }, `${name} did not close within the ${limitMilliseconds / 1_000} s that a stop may take; it is left behind`)
			return outcome !== 'hung'
		} catch (error) {
			log.error({ part: name, err: error }, `${name} failed to close`)
			return false
		} finally {
			clearTimeout(timer)
		}
	}

	/** A part that is opened while the others are closing is the next to be closed. */
	async function closeAll(before: readonly string[]): Promise<readonly string[]> {
		const failed = [...before]
		const deadline = host.now() + limitMilliseconds
		for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
			if (!(await closePart(part, deadline))) failed.push(part.name)
		}
		return failed
	}

	const shutdown: Shutdown = {
		signal: controller.signal,
		register(name, close) {
			parts.push({ name, close })
			if (ending !== undefined) ending = ending.then(closeAll)
		},
		stop(reason) {
			if (ending === undefined) {
				log.info({ reason }, 'stopping')
				controller.abort(new Error(`the process is stopping: ${reason}`))
				ending = closeAll([])
			}
			return ending
		},
		listen() {
			let wishedAt: number | undefined
			const end = (reason: string) => {
				if (wishedAt !== undefined) {
					if (host.now() - wishedAt < sameWishMilliseconds) return
					log.warn({ reason }, 'asked a second time: exiting at once')
					host.exit(1)
					return
				}
				wishedAt = host.now()
				void shutdown.stop(reason).then((failed) => host.exit(failed.length === 0 ? 0 : 1))
			}
			for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) host.on(signal, () => end(signal))
			if (host.hasParent) host.on('disconnect', () => end('the parent process is gone'))
		},
	}
	return shutdown
}
