/** Which file a command's first word means, found before anything is started. */

import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { Failure } from '@taskyard/sdk/failure'

/**
 * The file that a name stands for: a path from the working directory on, or the first in PATH.
 *
 * @throws Failure that says what is missing
 */
export async function findProgram(name: string, directory: string, path: string): Promise<string> {
	if (name.includes('/')) {
		const file = resolve(directory, name)
		const state = await stateOf(file)
		if (state === 'program') return file
		throw state === 'missing'
			? new Failure(`The program ${file} does not exist on this node. Install it, or correct the path, then resume.`, { code: 'not_found' })
			: new Failure(`${file} cannot be executed. Make it an executable file that this worker's user may run (chmod +x), then resume.`, {
					code: 'not_executable',
				})
	}
	let blocked: string | null = null
	for (const folder of path.split(delimiter)) {
		// An empty entry of PATH is the working directory.
		const file = join(resolve(directory, folder), name)
		const state = name === '' ? 'missing' : await stateOf(file)
		if (state === 'program') return file
		if (state === 'blocked') blocked ??= file
	}
	if (blocked !== null) {
		throw new Failure(
			`${blocked} cannot be executed. Make it an executable file that this worker's user may run (chmod +x), then resume.`,
			{
				code: 'not_executable',
			},
		)
	}
	throw new Failure(
		`The program “${name}” is in no directory of this node's PATH (${path}). Install it, or write its full path, then resume.`,
		{
			code: 'not_found',
		},
	)
}

async function stateOf(file: string): Promise<'program' | 'blocked' | 'missing'> {
	try {
		// Root may execute what anybody may, but not a directory.
		if (!(await stat(file)).isFile()) return 'blocked'
	} catch {
		return 'missing'
	}
	return access(file, constants.X_OK).then(
		() => 'program' as const,
		() => 'blocked' as const,
	)
}
