/** Starts processes that give commands, and asks them. */

import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Commands } from '@taskyard/engine/commands/types'
import type { FromCommands, ToCommands } from './commandProcess.ts'

type Name = ToCommands['command']
type Order<Command extends Name> = Parameters<Commands[Command]>[0]
type Answer<Command extends Name> = Awaited<ReturnType<Commands[Command]>>

export interface CommandProcess {
	readonly pid: number
	/** Rejects when the process ends before it has answered. */
	ask<Command extends Name>(command: Command, order: Order<Command>): Promise<Answer<Command>>
	stop(): Promise<void>
}

/** The process ended before it had answered: what was asked may have come through or not. */
export class CommandsEnded extends Error {
	constructor() {
		super('The process that gives commands has ended.')
	}
}

const program = fileURLToPath(new URL('./commandProcess.ts', import.meta.url))

/** Ends with the process that started it. */
export async function startCommands(url: string, environment: Readonly<Record<string, string>> = {}): Promise<CommandProcess> {
	const child = fork(program, { env: { ...process.env, ...environment, DATABASE_URL: url }, execArgv: [] })
	const open = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>()
	const ready = Promise.withResolvers<unknown>()
	open.set(0, ready)
	let last = 0
	child.on('message', (message) => {
		const said = message as FromCommands
		const asked = open.get(said.number)
		open.delete(said.number)
		if ('answer' in said) asked?.resolve(said.answer)
		else asked?.reject(new Error(said.error))
	})
	const ended = new Promise<void>((resolve) =>
		child.once('exit', () => {
			for (const asked of open.values()) asked.reject(new CommandsEnded())
			open.clear()
			resolve()
		}),
	)
	await ready.promise
	return {
		pid: child.pid as number,
		ask: <Command extends Name>(command: Command, order: Order<Command>) => {
			const { promise, resolve, reject } = Promise.withResolvers<unknown>()
			const number = ++last
			open.set(number, { resolve, reject })
			if (child.connected) child.send({ number, command, order } satisfies ToCommands)
			else reject(new CommandsEnded())
			return promise as Promise<Answer<Command>>
		},
		async stop() {
			child.kill('SIGKILL')
			await ended
		},
	}
}
