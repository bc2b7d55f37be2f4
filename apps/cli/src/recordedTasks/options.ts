/** What the options of `taskyard task …` mean. */

import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { InvalidArgumentError } from 'commander'
import { CommandFailure } from '../commandFailure.ts'

export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value]

/** `0.5`, `50%` or `3/6`, as a fraction. */
export function fraction(value: string): number {
	const [, number, percent, total] = /^(\d+(?:\.\d+)?)(?:(%)|\/(\d+(?:\.\d+)?))?$/.exec(value.trim()) ?? []
	const part = Number(number) / (percent ? 100 : Number(total ?? 1))
	if (!(part >= 0 && part <= 1)) throw new InvalidArgumentError('expected how much is done, such as 0.5, 50% or 3/6.')
	return part
}

/** `Host:web`, a type and an id; the id may contain more colons. */
export function link(value: string, before: readonly { type: string; id: string }[] = []): { type: string; id: string }[] {
	const at = value.indexOf(':')
	if (at < 1 || at === value.length - 1) throw new InvalidArgumentError('expected a type and an id, such as Host:web.')
	return [...before, { type: value.slice(0, at), id: value.slice(at + 1) }]
}

export function seconds(value: string): number {
	const given = Number(value)
	if (value.trim() === '' || !(given > 0)) throw new InvalidArgumentError('expected seconds, such as 600.')
	return given
}

/**
 * The JSON text of an option: as it was given, or that of `@file`, or of `@-` for standard input.
 * @throws CommandFailure
 */
export async function jsonText(option: string, given: string): Promise<string> {
	const path = given.startsWith('@') ? given.slice(1) : null
	const read = path === null ? given : await (path === '-' ? text(process.stdin) : readFile(path, 'utf8')).catch(unreadable)
	try {
		JSON.parse(read)
	} catch (error) {
		const where = path === null ? option : path === '-' ? 'standard input' : path
		throw new CommandFailure(`${where} is no JSON: ${(error as Error).message}. A text needs quotes: ${option} '"done"'.`)
	}
	return read
}

function unreadable(error: Error): never {
	throw new CommandFailure(`The file cannot be read: ${error.message}.`)
}
