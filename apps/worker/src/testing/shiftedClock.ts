/** Processes whose wall clock is wrong. */

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * Sets the clock of a whole process by libfaketime, for its native parts as well. Its monotonic clock stays, as it does
 * when somebody sets a machine's clock.
 */
export function byFaketime(hours: number): Record<string, string> {
	let library: string
	try {
		library = execFileSync('faketime', ['-f', '+0s', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim()
	} catch (error) {
		throw new Error(
			'faketime could not be run: install it (Debian: apt-get install faketime), for this test sets the clocks of processes.',
			{
				cause: error,
			},
		)
	}
	return { LD_PRELOAD: library, FAKETIME: `${hours < 0 ? '' : '+'}${hours}h`, FAKETIME_DONT_FAKE_MONOTONIC: '1' }
}

const preload = fileURLToPath(new URL('./shiftedDate.ts', import.meta.url))

/** Sets what `Date` says, where there is no faketime. */
export function byDate(hours: number): Record<string, string> {
	return { NODE_OPTIONS: [process.env.NODE_OPTIONS, `--import=${preload}`].filter(Boolean).join(' '), TASKYARD_HOURS_OFF: String(hours) }
}
