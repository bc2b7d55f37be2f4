/**
 * Splits a command line into words, as a shell does with quotes and backslashes, and nothing more: `$`, `*`, `>`, `#`
 * and `~` are ordinary characters, since no shell is there to give them a meaning.
 */

/** A command line that cannot be split. The message names the column. */
export class CommandSyntaxError extends Error {
	override readonly name = 'CommandSyntaxError'
}

/** Whether a command line asks for a shell. A quoted `|` does too: whoever reads the line need not parse it to know. */
export function wantsShell(command: string): boolean {
	return /\||&&|;/.test(command)
}

/** The words of a command line. */
export function splitCommand(command: string): string[] {
	const words: string[] = []
	let word: string | null = null
	let at = 0

	function fail(column: number, message: string): never {
		throw new CommandSyntaxError(`column ${column + 1}: ${message}`)
	}

	while (at < command.length) {
		const character = command[at] as string
		if (/\s/.test(character)) {
			if (word !== null) words.push(word)
			word = null
			if (character === '\n' && words.length > 0 && command.slice(at).trim() !== '') {
				fail(at, 'a second line; join commands with “;” or “&&”, which run them in a shell')
			}
			at++
		} else if (character === "'") {
			const end = command.indexOf("'", at + 1)
			if (end < 0) fail(at, "the quote ' that opens here is not closed")
			word = (word ?? '') + command.slice(at + 1, end)
			at = end + 1
		} else if (character === '"') {
			const opened = at++
			word ??= ''
			while (command[at] !== '"') {
				if (at >= command.length) fail(opened, 'the quote " that opens here is not closed')
				const next = command[at + 1] ?? ''
				// Between double quotes a backslash protects these only, and stands for itself before any other character.
				if (command[at] === '\\' && /["\\$`\n]/.test(next)) {
					if (next !== '\n') word += next
					at += 2
				} else {
					word += command[at++]
				}
			}
			at++
		} else if (character === '\\') {
			const next = command[at + 1]
			if (next === undefined) fail(at, 'a backslash at the end has nothing to protect; write \\\\ for the backslash itself')
			if (next !== '\n') word = (word ?? '') + next
			at += 2
		} else {
			word = (word ?? '') + character
			at++
		}
	}
	if (word !== null) words.push(word)
	return words
}

/** Characters that people write for a shell, in a line that no shell will read; null when there are none. */
export function shellCharacters(command: string): string | null {
	const bare = command.replace(/\\.|'[^']*'|"[^"]*"/gs, '')
	const found = new Set(bare.match(/[$*?<>&`~]/g))
	return found.size > 0 ? [...found].join(' ') : null
}
