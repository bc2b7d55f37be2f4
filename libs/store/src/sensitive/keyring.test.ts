import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { openKeyring, openKeyringInMemory, parseKeys, SealFault } from './keyring.ts'

const secret = (): string => randomBytes(32).toString('base64')
let directory = ''
let file = ''

beforeEach(() => {
	directory = mkdtempSync(path.join(os.tmpdir(), 'taskyard-keys-'))
	file = path.join(directory, 'data', 'encryption.key')
})
afterEach(() => rmSync(directory, { recursive: true }))

const write = (text: string, mode = 0o600): void => {
	openKeyring({ file }).current()
	writeFileSync(file, text)
	chmodSync(file, mode)
}

describe('keys as text', () => {
	it.each([
		['', []],
		[`a:${secret()}`, ['a']],
		[`2026-11:${secret()},old.key_1:${secret()}\n`, ['2026-11', 'old.key_1']],
		[` a:${secret()} \n\n b:${secret()} `, ['a', 'b']],
	])('%s', (text, ids) => {
		expect(parseKeys(text, 'here').map(({ id }) => id)).toEqual(ids)
	})

	const [short, good] = [randomBytes(16).toString('base64'), secret()]
	it.each([
		[`a:${short}`, 'here: entry 1 is no key; expected id:base64 with 32 bytes'],
		[`a:${good},${good}`, 'here: entry 2 is no key'],
		[`a b:${good}`, 'here: entry 1 is no key'],
		[`a:${good},a:${secret()}`, 'here: two keys have the id "a"'],
	])('%s is refused without being repeated', (text, message) => {
		const parse = (): unknown => parseKeys(text, 'here')
		expect(parse).toThrow(SealFault)
		expect(parse).toThrow(message)
		expect(parse).not.toThrow(good)
	})
})

describe('the keys of a process', () => {
	it('are those of the environment, the first for what is new, and those of the file to open what is old', () => {
		write(`file:${secret()}`)
		const keyring = openKeyring({ keys: `new:${secret()},old:${secret()}`, file })
		expect([keyring.current().id, keyring.find('old')?.id, keyring.find('file')?.id, keyring.find('none')]).toEqual([
			'new',
			'old',
			'file',
			null,
		])
	})

	it('are made in a file of mode 600 when something is sealed, and not before', () => {
		const keyring = openKeyring({ file })
		expect(keyring.find('any')).toBe(null)
		expect(readdirSync(directory)).toEqual([])
		const made = keyring.current()
		expect(statSync(file).mode & 0o777).toBe(0o600)
		expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700)
		expect(readdirSync(path.dirname(file))).toEqual(['encryption.key'])
		expect(readFileSync(file, 'utf8')).toBe(`${made.id}:${made.secret.toString('base64')}\n`)
		expect(openKeyring({ file }).current()).toEqual(made)
	})

	it('are one key when two processes make the file at once', () => {
		const [one, two] = [openKeyring({ file }), openKeyring({ file })]
		// The second has looked, and found none, before the first makes it.
		expect(two.find('any')).toBe(null)
		expect(one.current()).toEqual(two.current())
	})

	it('are read again when a key is asked for that was put into the file meanwhile', () => {
		write(`old:${secret()}`)
		const keyring = openKeyring({ file })
		expect([keyring.current().id, keyring.find('new')]).toEqual(['old', null])
		write(`new:${secret()}\nold:${secret()}`)
		expect([keyring.find('new')?.id, keyring.current().id]).toEqual(['new', 'new'])
	})

	it('are not taken from a file that others can read', () => {
		write(`a:${secret()}`, 0o640)
		expect(() => openKeyring({ file }).current()).toThrow(/can be read by others \(mode 640\): chmod 600/)
	})

	it('say where none can be made', () => {
		const leadsNowhere = path.join(directory, 'link')
		symlinkSync(path.join(directory, 'none', 'deep'), leadsNowhere)
		expect(() => openKeyring({ file: path.join(leadsNowhere, 'key') }).current()).toThrow(`none could be made in ${leadsNowhere}`)
		writeFileSync(path.join(directory, 'data'), '')
		expect(() => openKeyring({ file }).current()).toThrow(`${file} cannot be read: ENOTDIR`)
	})
})

test('keys in memory', () => {
	const keyring = openKeyringInMemory('a', 'b')
	expect([keyring.current().id, keyring.find('b')?.id, keyring.find('c')]).toEqual(['a', 'b', null])
})
