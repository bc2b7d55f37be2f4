/**
 * The keys that sensitive values are sealed with. They come from the environment, else from a file that is made when the
 * first value is sealed. The first key seals; all of them open, so that keys rotate: a new one is put in front, and old
 * ones stay for as long as something is sealed with them.
 */

import { randomBytes } from 'node:crypto'
import { chmodSync, linkSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'

export interface Key {
	/** Stands beside each text that is sealed with it. */
	readonly id: string
	/** 32 bytes. */
	readonly secret: Buffer
}

export interface Keyring {
	/** Seals what is new. @throws SealFault when there is none and none can be made */
	current(): Key
	/** @throws SealFault when the file of keys cannot be used */
	find(id: string): Key | null
	/** Where keys are looked for, for messages. */
	readonly places: string
}

/** A value could not be sealed or opened. The message says which key is missing, and where keys are looked for. */
export class SealFault extends Error {
	override readonly name = 'SealFault'
	readonly code = 'encryption_key'
}

export interface KeyringOptions {
	/** `id:base64,…` of the environment variable ENCRYPTION_KEYS. */
	readonly keys?: string | undefined
	/** Of mode 600; made when something is to be sealed and there is no key. */
	readonly file: string
}

const variable = 'ENCRYPTION_KEYS'
const keyBytes = 32

/**
 * Reads keys as they are written in the environment and in the file: `id:base64`, separated by commas or lines.
 *
 * @throws SealFault naming the place, never the text
 */
export function parseKeys(text: string, place: string): Key[] {
	const keys: Key[] = []
	for (const [index, entry] of text
		.split(/[\s,]+/)
		.filter(Boolean)
		.entries()) {
		const match = /^([\w.-]{1,64}):([A-Za-z0-9+/]+=*)$/.exec(entry)
		const secret = Buffer.from(match?.[2] ?? '', 'base64')
		if (!match?.[1] || secret.length !== keyBytes) {
			throw new SealFault(
				`${place}: entry ${index + 1} is no key; expected id:base64 with ${keyBytes} bytes, such as 2026-11:$(openssl rand -base64 ${keyBytes})`,
			)
		}
		if (keys.some(({ id }) => id === match[1])) throw new SealFault(`${place}: two keys have the id "${match[1]}"; give each its own`)
		keys.push({ id: match[1], secret })
	}
	return keys
}

/** Opens the keys of a process. The file is read when it is needed, and again when an id is asked for that was not in it. */
export function openKeyring({ keys: text = '', file }: KeyringOptions): Keyring {
	const given = parseKeys(text, variable)
	let read: readonly Key[] = []

	function look(): readonly Key[] {
		read = readKeyFile(file)
		return read
	}

	const named = (keys: readonly Key[], id: string): Key | undefined => keys.find((key) => key.id === id)

	return {
		places: `the environment variable ${variable} and the file ${file}`,
		current() {
			const [key] = given.length > 0 ? given : read.length > 0 ? read : look()
			return key ?? makeKeyFile(file)
		},
		find: (id) => named(given, id) ?? named(read, id) ?? named(look(), id) ?? null,
	}
}

/** Of a process that was given no keys. */
export const noKeyring: Keyring = {
	places: 'nothing: it was started without keys',
	current() {
		throw new SealFault('This process was started without encryption keys.')
	},
	find: () => null,
}

/** Keys of this process alone: what is sealed with them is lost with it. For tests. */
export function openKeyringInMemory(...ids: readonly string[]): Keyring {
	const keys = (ids.length > 0 ? ids : ['memory']).map((id) => ({ id, secret: randomBytes(keyBytes) }))
	return {
		places: 'the memory of this process',
		current: () => keys[0] as Key,
		find: (id) => keys.find((key) => key.id === id) ?? null,
	}
}

function readKeyFile(file: string): Key[] {
	let mode: number
	let text: string
	try {
		mode = statSync(file).mode
		text = readFileSync(file, 'utf8')
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
		throw new SealFault(`The file of encryption keys ${file} cannot be read: ${(error as Error).message}.`, { cause: error })
	}
	if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
		throw new SealFault(`The file of encryption keys ${file} can be read by others (mode ${(mode & 0o777).toString(8)}): chmod 600 it.`)
	}
	return parseKeys(text, file)
}

/** Two processes may make it at once: the first one counts, and no half of a file is ever read. */
function makeKeyFile(file: string): Key {
	const fresh = { id: randomBytes(4).toString('hex'), secret: randomBytes(keyBytes) }
	const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
	try {
		mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
		writeFileSync(draft, `${fresh.id}:${fresh.secret.toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true })
		chmodSync(draft, 0o600)
		try {
			linkSync(draft, file)
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
		} finally {
			unlinkSync(draft)
		}
	} catch (error) {
		throw new SealFault(
			`There is no encryption key, and none could be made in ${file}: ${(error as Error).message}. Set ${variable}, or make the file.`,
			{ cause: error },
		)
	}
	const [key] = readKeyFile(file)
	if (key) return key
	throw new SealFault(`The file of encryption keys ${file} holds no key: write id:base64 into it, or remove it.`)
}
