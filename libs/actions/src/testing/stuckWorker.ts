/** A worker that gets stuck while it stores the process group of a command; it says which, and waits to be killed. */

import { runInMemory } from '@taskyard/sdk/runInMemory'
import { runCommand } from '../commands/run.ts'

await runInMemory(
	runCommand,
	{ command: process.argv[2] ?? '' },
	{
		context: () => ({
			ownProcessGroup: (group) => {
				process.stdout.write(`${group}\n`)
				return new Promise(() => setInterval(() => {}, 60_000))
			},
		}),
	},
)
