/** Where an archive is written: its final name, and the names of attempts beside it. */

import { constants } from 'node:fs'
import { access, readdir, realpath, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { StepContext } from '@taskyard/sdk/definition'
import { Failure } from '@taskyard/sdk/failure'
import { isGone, targetFailure } from './failures.ts'

/** What all names of unfinished archives look like. */
export const unfinished = /^\.taskyard-[\w-]+-\d+-\d+\.partial$/

/** The unfinished archive of one attempt. The name has a fixed length, since a target's may be as long as names can be. */
export function partialName({ taskId, step, attempt }: Pick<StepContext, 'taskId' | 'step' | 'attempt'>): string {
	return `.taskyard-${taskId}-${step}-${attempt}.partial`
}

/** The target with its directory resolved. Refuses early what could not be written after hours of work. */
export async function checkTarget(target: string): Promise<string> {
	try {
		const folder = await realpath(dirname(target))
		await access(folder, constants.W_OK | constants.X_OK)
		const real = join(folder, basename(target))
		const found = await stat(real).catch((error: unknown) => {
			if (isGone(error)) return null
			throw error
		})
		if (found?.isDirectory()) {
			throw new Failure(`The target ${target} is a directory. Name a file in it, such as ${join(target, 'backup.tar.gz')}.`, {
				code: 'not_writable',
			})
		}
		if (found && !found.isFile()) {
			throw new Failure(`The target ${target} is not a regular file, and must not be replaced by one. Name another file.`, {
				code: 'not_writable',
			})
		}
		return real
	} catch (error) {
		throw error instanceof Failure ? error : targetFailure(error, target, 0)
	}
}

/**
 * Removes what earlier attempts of this step have left. An attempt that is late and still lives can then no longer
 * rename its file onto the finished archive: its name is gone.
 */
export async function removeEarlierPartials(folder: string, context: Pick<StepContext, 'taskId' | 'step' | 'attempt'>): Promise<void> {
	const earlier = new Set(Array.from({ length: context.attempt - 1 }, (_, index) => partialName({ ...context, attempt: index + 1 })))
	if (earlier.size === 0) return
	for (const name of await readdir(folder)) if (earlier.has(name)) await unlink(join(folder, name)).catch(ignoreGone)
}

function ignoreGone(error: unknown): void {
	if (!isGone(error)) throw error
}
