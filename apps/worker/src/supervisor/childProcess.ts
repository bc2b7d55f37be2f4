/** One child process as its supervisor holds it. */

import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type ChildSettings, writeChildSettings } from '../child/settings.ts'
import type { FromChild, ToChild } from '../messages.ts'

export interface Child {
	readonly id: number
	readonly process: ChildProcess
	/** Answered since the last ping. */
	answered: boolean
	/** Has loaded the authors' code. Until then it counts as answering: that may take a moment. */
	ready: boolean
	/** Steps that it runs, as it last said. */
	busy: number
	send(message: ToChild): void
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
	const child: Child = {
		id: settings.child,
		process: spawned,
		answered: true,
		ready: false,
		busy: 0,
		send(message) {
			if (spawned.connected) spawned.send(message, () => undefined)
		},
		ended: promise,
	}
	spawned.on('message', (message) => onMessage(child, message as FromChild))
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
