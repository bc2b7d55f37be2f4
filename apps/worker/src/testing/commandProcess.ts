/** The commands in a process of their own, as a server has them: it does what its starter says, and can be killed meanwhile. */

import { openCommands } from '@taskyard/engine/commands/commands'
import type { Commands } from '@taskyard/engine/commands/types'

export interface ToCommands {
	readonly number: number
	readonly command: Exclude<keyof Commands, 'close' | 'readSettings'>
	readonly order: unknown
}

export type FromCommands = { readonly number: number } & ({ readonly answer: unknown } | { readonly error: string })

const url = process.env.DATABASE_URL
if (!url) throw new Error('DATABASE_URL is not set: this process is started by startCommands.')
const commands = await openCommands({ url, applicationName: 'taskyard yard commands', log: () => undefined })

process.on('disconnect', () => process.exit())
process.on('message', ({ number, command, order }: ToCommands) => {
	const say = (message: FromCommands): void => void process.send?.(message)
	;(commands[command] as (order: unknown) => Promise<unknown>)(order).then(
		(answer) => say({ number, answer }),
		(error: Error) => say({ number, error: error.message }),
	)
})
process.send?.({ number: 0, answer: 'ready' } satisfies FromCommands)
