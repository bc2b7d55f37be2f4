import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { quote } from 'shell-quote'
import { describe, expect, test } from 'vitest'
import { CommandSyntaxError, shellCharacters, splitCommand, wantsShell } from './splitCommand.ts'

describe('splitCommand', () => {
	test.each<[string, string[]]>([
		['echo a b', ['echo', 'a', 'b']],
		['  echo \t a  ', ['echo', 'a']],
		['echo "a b" \'c d\'', ['echo', 'a b', 'c d']],
		['echo a"b c"d', ['echo', 'ab cd']],
		['echo "" \'\'', ['echo', '', '']],
		['echo a\\ b', ['echo', 'a b']],
		['echo "a\\"b"', ['echo', 'a"b']],
		['echo "a\\nb"', ['echo', 'a\\nb']],
		['echo "\\\\"', ['echo', '\\']],
		["echo 'a\\'", ['echo', 'a\\']],
		['echo "a\\\nb"', ['echo', 'ab']],
		['echo a\\\nb', ['echo', 'ab']],
		["echo 'a\nb'", ['echo', 'a\nb']],
		['echo "a\\\\\nb"', ['echo', 'a\\\nb']],
		['echo a\n', ['echo', 'a']],
		['echo $HOME * > x # y ~', ['echo', '$HOME', '*', '>', 'x', '#', 'y', '~']],
		['echo ü 😀', ['echo', 'ü', '😀']],
		['', []],
		['   ', []],
	])('%j', (command, words) => {
		expect(splitCommand(command)).toEqual(words)
	})

	test.each([
		['echo "a', 'column 6: the quote " that opens here is not closed'],
		['echo "a\\', 'column 6: the quote " that opens here is not closed'],
		["echo 'a", 'column 6'],
		['echo a\\', 'column 7: a backslash at the end'],
		['echo a\necho b', 'column 7: a second line'],
	])('refuses %j', (command, message) => {
		expect(() => splitCommand(command)).toThrow(CommandSyntaxError)
		expect(() => splitCommand(command)).toThrow(message)
	})

	test('gives back what was quoted', () => {
		const word = fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '\\', '$', '*', '|', '\t', 'é', '#', '`', '!') })
		fc.assert(
			fc.property(fc.array(word), (words) => {
				expect(splitCommand(quote(words))).toEqual(words)
			}),
		)
	})

	test('splits as /bin/sh does, where no character has a meaning of its own', () => {
		const line = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '"', "'", '\\'), maxLength: 12 })
		fc.assert(
			fc.property(line, (text) => {
				let words: string[]
				try {
					words = splitCommand(text)
				} catch {
					return
				}
				const output = execFileSync('/bin/sh', ['-c', `printf '%s\\0' . ${text}`], { encoding: 'utf8' })
				expect(output.split('\0').slice(1, -1)).toEqual(words)
			}),
			{ numRuns: 60 },
		)
	})
})

describe('wantsShell', () => {
	test.each([
		['a | b', true],
		['a && b', true],
		['a; b', true],
		["echo 'a|b'", true],
		['a & b', false],
		['a > b', false],
	])('%s: %s', (command, expected) => {
		expect(wantsShell(command)).toBe(expected)
	})
})

describe('shellCharacters', () => {
	test.each([
		['echo $HOME *.txt', '$ *'],
		['echo "$HOME" \'*\' \\*', null],
		['ls a-b', null],
	])('%s: %s', (command, expected) => {
		expect(shellCharacters(command)).toBe(expected)
	})
})
