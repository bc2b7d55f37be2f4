import { setTimeout as delay } from 'node:timers/promises'

/** What the wait for `/readyz` needs. */
export interface ReadyOptions {
	readonly signal: AbortSignal
	/** told every few seconds what is still missing */
	readonly progress: (line: string) => void
	readonly limitMilliseconds?: number
}

const tellEvery = 5_000

async function missing(url: string, signal: AbortSignal): Promise<string | undefined> {
	try {
		const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) })
		return answer.ok ? undefined : `${url} answers ${answer.status}: ${(await answer.text()).slice(0, 500)}`
	} catch (error) {
		if (isBlockedPort(error))
			throw new Error(`browsers refuse to open port ${new URL(url).port}, which belongs to another service: choose another by PORT`, {
				cause: error,
			})
		return `${url} does not answer yet`
	}
}

/** fetch keeps the same list of ports as browsers do, so what it refuses no page can be opened at. */
function isBlockedPort(error: unknown): boolean {
	return error instanceof Error && error.cause instanceof Error && error.cause.message === 'bad port'
}

/**
 * Waits until the server says that it is ready.
 * @throws when it is not within the limit, with what was missing last
 */
export async function answersReady(url: string, { signal, progress, limitMilliseconds = 120_000 }: ReadyOptions): Promise<void> {
	const begun = performance.now()
	let toldAt = begun
	for (;;) {
		const why = await missing(url, signal)
		if (why === undefined) return
		signal.throwIfAborted()
		const now = performance.now()
		if (now - begun > limitMilliseconds) throw new Error(`the server is not ready after ${limitMilliseconds / 1_000} s: ${why}`)
		if (now - toldAt > tellEvery) {
			toldAt = now
			progress(`waiting for the server since ${Math.round((now - begun) / 1_000)} s: ${why}`)
		}
		await delay(50, undefined, { signal })
	}
}
