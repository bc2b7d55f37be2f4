/** The processes that carry tasks out, as the test sees them: what waits in each for the word, and their deaths. */

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Doing } from './reference/shapes.ts'

/** An attempt whose code waits. */
export interface HeldHere {
	readonly task: string
	readonly step: number | null
	readonly doing: Doing
	readonly attempt: number
}

export type ToHand =
	| { readonly type: 'letEnd'; readonly attempt: HeldHere }
	/** Signal what was cancelled or is another's by now. */
	| { readonly type: 'look' }
	/** Give back everything that runs. */
	| { readonly type: 'drain' }
	| { readonly type: 'stop' }

export type FromHand =
	| { readonly type: 'ready'; readonly child: number }
	| { readonly type: 'held'; readonly attempt: HeldHere }
	| { readonly type: 'gone'; readonly attempt: HeldHere }
	| { readonly type: 'looked' }

export interface RunningHand {
	readonly child: number
	/** What waits here, in the order in which it came. */
	readonly held: readonly HeldHere[]
	send(message: ToHand): void
	kill(): Promise<void>
	stop(): Promise<void>
}

const program = fileURLToPath(new URL('./hand.ts', import.meta.url))

export async function startHand(url: string): Promise<RunningHand> {
	const child = fork(program, { env: { ...process.env, DATABASE_URL: url }, execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
	const held = new Map<string, HeldHere>()
	const ready = Promise.withResolvers<number>()
	const ended = whenEnded(child)
	void ended.then(() => ready.reject(new Error('A hand has ended before it was ready: look at what it wrote.')))
	child.on('message', (message: FromHand) => {
		switch (message.type) {
			case 'ready':
				ready.resolve(message.child)
				return
			case 'held':
				held.set(JSON.stringify(message.attempt), message.attempt)
				return
			case 'gone':
				held.delete(JSON.stringify(message.attempt))
				return
			case 'looked':
		}
	})
	return {
		child: await ready.promise,
		get held() {
			return [...held.values()]
		},
		send(message) {
			if (child.connected) child.send(message)
		},
		async kill() {
			child.kill('SIGKILL')
			await ended
			held.clear()
		},
		async stop() {
			if (child.connected) child.send({ type: 'stop' } satisfies ToHand)
			const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000)
			await ended
			clearTimeout(impatience)
		},
	}
}

function whenEnded(child: ChildProcess): Promise<void> {
	return new Promise((resolve) => child.once('exit', () => resolve()))
}
