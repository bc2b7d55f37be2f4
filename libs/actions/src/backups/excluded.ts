/** Patterns that leave files out of a backup. */

import { Minimatch } from 'minimatch'

/**
 * Whether a path, relative to the source, is excluded. A pattern without a slash meets names at any depth (`*.log`,
 * `node_modules`), one with a slash meets paths from the source on (`/build`, `cache/**`), one with a slash at its end
 * directories only. What an excluded directory holds is excluded with it.
 */
export function excludes(patterns: readonly string[]): (path: string, isDirectory: boolean) => boolean {
	const matchers = patterns.map((pattern) => {
		const directoriesOnly = pattern.endsWith('/')
		const bare = directoriesOnly ? pattern.slice(0, -1) : pattern
		const matcher = new Minimatch(bare.startsWith('/') ? bare.slice(1) : bare, {
			dot: true,
			matchBase: !bare.includes('/'),
			nocomment: true,
			nonegate: true,
		})
		return { matcher, directoriesOnly }
	})
	return (path, isDirectory) => matchers.some(({ matcher, directoriesOnly }) => (isDirectory || !directoriesOnly) && matcher.match(path))
}
