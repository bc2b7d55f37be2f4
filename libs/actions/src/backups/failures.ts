/** What the file system refused, as a person needs it: which file, why, and what to do. */

import { dirname } from 'node:path'
import { Failure } from '@taskyard/sdk/failure'

/** Node's name of the error, e.g. `ENOENT`. */
function codeOf(error: unknown): string {
	return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
}

/** Whether a path no longer leads to what was there. */
export function isGone(error: unknown): boolean {
	const code = codeOf(error)
	// ELOOP: a symlink has taken the place of a file that is opened without following.
	return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENXIO'
}

/** A file or directory of the source that cannot be read. */
export function sourceFailure(error: unknown, path: string): Failure {
	const code = codeOf(error)
	if (code === 'ENOENT' || code === 'ENOTDIR') {
		return new Failure(`${path} does not exist. Correct the path, or create it, then resume.`, { code: 'not_found', cause: error })
	}
	if (code === 'EACCES' || code === 'EPERM') {
		return new Failure(`${path} cannot be read: permission denied. Let this worker's user read it, or exclude it, then resume.`, {
			code: 'not_readable',
			cause: error,
		})
	}
	return new Failure(`${path} cannot be read (${code}). Repair it or exclude it, then resume.`, {
		code: 'not_readable',
		cause: error,
	})
}

/** A target that cannot be written. */
export function targetFailure(error: unknown, target: string, written: number): Failure {
	const folder = dirname(target)
	switch (codeOf(error)) {
		case 'ENOSPC':
		case 'EDQUOT':
			return new Failure(
				`There is no space left in ${folder}: ${written} bytes of the archive were written. Free space there, then resume. Nothing lies under ${target} from this try.`,
				{ code: 'no_space', cause: error, details: { target, written } },
			)
		case 'ENOENT':
		case 'ENOTDIR':
			return new Failure(`The directory ${folder} of the target does not exist. Create it, then resume.`, {
				code: 'no_such_directory',
				cause: error,
			})
		case 'EACCES':
		case 'EPERM':
		case 'EROFS':
			return new Failure(`${folder} cannot be written (${codeOf(error)}). Let this worker's user write there, then resume.`, {
				code: 'not_writable',
				cause: error,
			})
		default:
			return new Failure(`The archive cannot be written into ${folder} (${codeOf(error)}). Repair it, then resume.`, {
				code: 'not_writable',
				cause: error,
			})
	}
}

/** A few of many, for a message. */
export function some(names: readonly string[], most = 10): string {
	const shown = names.slice(0, most).join(', ')
	return names.length > most ? `${shown} and ${names.length - most} more` : shown
}
