import { globSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

/** One import in a source file. */
export interface Import {
	/** from the root of the checkout */
	readonly file: string
	readonly line: number
	/** as written: `./plan.ts`, `@taskyard/model/plan`, `node:fs`, `pg` */
	readonly target: string
	/** `import type` leaves no trace in the running program. */
	readonly typeOnly: boolean
	/** `import('…')` runs only when it is reached. */
	readonly dynamic: boolean
}

const statement = /^[ \t]*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?(['"])([^'"]+)\2/gm
const call = /\bimport\(\s*(['"])([^'"]+)\1/g
const comment = /\/\*[\s\S]*?\*\/|^[ \t]*\/\/.*$/gm

/** Every import of one file's text. Comments are blanked first, so that examples in them do not count. */
export function importsOf(file: string, source: string): Import[] {
	const text = source.replace(comment, (found) => found.replace(/[^\n]/g, ' '))
	const lineAt = (index: number) => text.slice(0, index).split('\n').length
	const found: Import[] = []
	for (const match of text.matchAll(statement)) {
		const [whole, type, , target = ''] = match
		found.push({ file, line: lineAt(match.index + whole.search(/\S/)), target, typeOnly: type !== undefined, dynamic: false })
	}
	for (const match of text.matchAll(call)) {
		found.push({ file, line: lineAt(match.index), target: match[2] ?? '', typeOnly: false, dynamic: true })
	}
	return found
}

/** Whether a file is there for tests only: a test, or what tests of one room share in its folder `testing/`. */
export const isTest = (file: string): boolean => /\.test\.tsx?$|\/testing\//.test(file)

/** The sources of a room, from the root of the checkout. */
export const sourcesOf = (root: string, room: string): string[] => globSync(`${room}/src/**/*.{ts,tsx}`, { cwd: root }).sort()

/** Every import in the sources of a room. */
export const importsOfRoom = (root: string, room: string): Import[] =>
	sourcesOf(root, room).flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')))

/** The file that a relative import of a file means. */
export const relativeTarget = (file: string, target: string): string => posix.normalize(posix.join(dirname(file), target))
