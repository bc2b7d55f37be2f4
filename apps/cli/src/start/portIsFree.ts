import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const host = '127.0.0.1'

/** The port is in use; the message says by whom, if that can be told, and what to do. */
export class PortTakenError extends Error {
	override readonly name = 'PortTakenError'
}

async function canListen(port: number): Promise<boolean> {
	const server = createServer()
	const listening = Promise.withResolvers<boolean>()
	server.once('error', (error: NodeJS.ErrnoException) => {
		if (error.code === 'EADDRINUSE') listening.resolve(false)
		else
			listening.reject(
				new Error(`PORT: ${host}:${port} cannot be used (${error.code ?? error.message}). Choose another one, for example PORT=8080.`),
			)
	})
	server.listen(port, host, () => listening.resolve(true))
	const free = await listening.promise
	if (free) await new Promise<void>((resolve) => server.close(() => resolve()))
	return free
}

async function holder(port: number): Promise<string> {
	try {
		const answer = await fetch(`http://${host}:${port}/healthz`, { signal: AbortSignal.timeout(1_000) })
		if (answer.ok) return `Something that answers like a Taskyard serves there already: look at http://localhost:${port}/.`
	} catch {
		// Not a web server of ours: then who it is cannot be told from here.
	}
	return `Another program listens there.`
}

/**
 * Makes sure that the server can have its port. One that is taken is tried again for a moment: after a kill of everything, a server whose
 * launcher is gone is just about to end.
 * @throws PortTakenError
 */
export async function portIsFree(
	port: number,
	{ patienceMilliseconds = 2_000, signal }: { patienceMilliseconds?: number; signal?: AbortSignal } = {},
): Promise<void> {
	const deadline = performance.now() + patienceMilliseconds
	while (!(await canListen(port))) {
		if (performance.now() >= deadline) {
			throw new PortTakenError(
				`port ${port} of ${host} is taken. ${await holder(port)} Stop that program, or choose another port: PORT=${port === 65_535 ? port - 1 : port + 1} npm start`,
			)
		}
		await delay(100, undefined, { ...(signal && { signal }) })
	}
}
