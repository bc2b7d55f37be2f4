/** One child process as its supervisor holds it. */

import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AttemptKey, Overdue } from '@taskyard/engine/execution/supervisorLine'
import { monotonicNow } from '../child/lease.ts'
import { type ChildSettings, writeChildSettings } from '../child/settings.ts'
import type { FromChild, ToChild } from '../messages.ts'

export interface Child {
	readonly id: number
	readonly place: ChildSettings['place']
	readonly process: ChildProcess
	/** Answered since the last ping. */
	answered: boolean
	/** When it was last heard, by the monotonic clock. */
	heardAt: number
	/** Has loaded the authors' code. Until then it counts as answering: that may take a moment. */
	ready: boolean
	/** Steps that it runs, as it last said. */
	busy: number
	/** Attempts that did not end in time, and why they were to. */
	readonly overdue: (AttemptKey & { readonly why: Overdue })[]
	/** It is killed for what is overdue: its other attempts are handed back. */
	condemned: boolean
	send(message: ToChild): void
	/** It takes nothing new: another takes its place while it finishes. */
	leave(): void
	/** Resolves when it leaves, and when it has ended. */
	readonly left: Promise<void>
	/** Resolves when the process has ended. */
	readonly ended: Promise<void>
}

const own = import.meta.url
const program = fileURLToPath(new URL(own.endsWith('.ts') ? '../child/main.ts' : '../child/main.js', own))

/** Ends with its supervisor even if that is killed: by the kernel where there is `setpriv`, by the closed channel elsewhere. */
export function spawnChild(settings: ChildSettings, onMessage: (child: Child, message: FromChild) => void): Child {
	const command = [process.execPath, ...process.execArgv, program]
	const [file, ...words] = hasSetpriv() ? ['setpriv', '--pdeathsig', 'KILL', ...command] : command
	const spawned = spawn(file as string, words, {
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
		env: { ...process.env, ...writeChildSettings(settings) },
	})
	const { promise, resolve } = Promise.withResolvers<void>()
	const leaving = Promise.withResolvers<void>()
	const child: Child = {
		id: settings.child,
		place: settings.place,
		process: spawned,
		answered: true,
		heardAt: monotonicNow(),
		ready: false,
		busy: 0,
		overdue: [],
		condemned: false,
		send(message) {
			if (spawned.connected) spawned.send(message, () => undefined)
		},
		leave: () => leaving.resolve(),
		left: Promise.race([promise, leaving.promise]),
		ended: promise,
	}
	spawned.on('message', (message) => {
		child.heardAt = monotonicNow()
		onMessage(child, message as FromChild)
	})
	spawned.on('error', () => resolve())
	spawned.on('exit', () => resolve())
	return child
}

let found: boolean | undefined

function hasSetpriv(): boolean {
	found ??= (process.env.PATH ?? '').split(':').some((directory) => {
		try {
			accessSync(`${directory}/setpriv`, constants.X_OK)
			return true
		} catch {
			return false
		}
	})
	return found
}
