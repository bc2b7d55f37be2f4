/** JSON that loses nothing on its way between author code and the database. */

import { parse, stringify } from 'lossless-json'

/** A value that JSON cannot hold, or text that is too large to be a number. The message begins with the place. */
export class JsonFault extends Error {
	override readonly name = 'JsonFault'
}

/**
 * Numbers that JSON.parse could change: sixteen digits in a row, or an exponent of three. Written so that the engine skips
 * through other text by the first characters: 28 µs for 100 kB of a plan, where `\d{16}|[eE][+-]?\d{3}` takes 280.
 */
const riskyNumber = /\d(?:\d\d\d{13}|[eE][+-]?\d\d\d)/

/** Whether such a number stands outside of all texts: a checksum or a time in a text is none, and JSON.parse keeps it. */
function holdsRiskyNumber(text: string): boolean {
	for (let from = 0; ; ) {
		const quote = text.indexOf('"', from)
		if (riskyNumber.test(quote < 0 ? text.slice(from) : text.slice(from, quote))) return true
		if (quote < 0) return false
		from = endOfText(text, quote)
	}
}

/** Index behind the quote that ends the text which the quote at `start` begins. */
function endOfText(text: string, start: number): number {
	for (let from = start + 1; ; ) {
		const quote = text.indexOf('"', from)
		if (quote < 0) return text.length
		let before = quote
		while (text[before - 1] === '\\') before--
		if ((quote - before) % 2 === 0) return quote + 1
		from = quote + 1
	}
}

/**
 * Reads JSON text. An integer is a `number` where that is exact, else a `bigint`; a number with a fraction or an
 * exponent is the nearest `number`.
 */
export function parseJson(text: string): unknown {
	// Most texts have no such number, and JSON.parse is ten times as fast.
	if (!riskyNumber.test(text) || !holdsRiskyNumber(text)) return JSON.parse(text)
	return parse(text, undefined, { parseNumber, onDuplicateKey: ({ newValue }) => newValue })
}

function parseNumber(text: string): number | bigint {
	const nearest = Number(text)
	if (/^-?\d+$/.test(text)) {
		if (Number.isSafeInteger(nearest)) return nearest
		const exact = BigInt(text)
		return Number.isFinite(nearest) && BigInt(nearest) === exact ? nearest : exact
	}
	if (!Number.isFinite(nearest)) throw new JsonFault(`the number ${text} is too large; write it as a text`)
	return nearest
}

/**
 * Writes JSON text. Properties that are undefined are left out, as JSON.stringify does; whatever else JSON cannot
 * hold is refused with its place.
 *
 * @param root what the value is, e.g. `output`: the first word of each place
 * @throws JsonFault
 */
export function stringifyJson(value: unknown, root = 'value'): string {
	const plain = checkJson(value, root) === 'plain'
	return plain
		? JSON.stringify(value)
		: (stringify(value, undefined, undefined, [{ test: isUnsafeInteger, stringify: writeExactly }]) as string)
}

/** JSON.stringify rounds integers past 2⁵³ to the shortest text that reads back the same; their exact value is kept. */
function isUnsafeInteger(value: unknown): value is number {
	return typeof value === 'number' && Math.abs(value) < 1e21 && Number.isInteger(value) && !Number.isSafeInteger(value)
}

function writeExactly(value: unknown): string {
	return BigInt(value as number).toString()
}

/** Deeper values are mistakes more often than data, and recursion must end before the stack does. */
const deepest = 500

/**
 * Refuses what JSON cannot hold, with its place. Answers whether JSON.stringify writes the value without a loss.
 *
 * @param isLeaf objects that stand for something else and are not looked into
 */
export function checkJson(value: unknown, root: string, isLeaf: (value: object) => boolean = () => false): 'plain' | 'big' {
	const path: (string | number)[] = []
	const above = new Set<object>()
	let big = false

	function refuse(what: string, advice: string): never {
		throw new JsonFault(`${placeOf(root, path)}: ${what} cannot be stored as JSON; ${advice}`)
	}

	function checkText(text: string): void {
		if (text.includes('\u0000')) refuse('a text with a NUL character', 'take the NUL out, or encode the text as base64')
		if (!text.isWellFormed()) refuse('a text with half a surrogate pair', 'use toWellFormed()')
	}

	function visit(item: unknown): void {
		switch (typeof item) {
			case 'string':
				return checkText(item)
			case 'number':
				if (!Number.isFinite(item)) refuse(String(item), 'use null or a text')
				if (isUnsafeInteger(item)) big = true
				return
			case 'bigint':
				big = true
				return
			case 'boolean':
				return
			case 'undefined':
				return refuse('undefined', 'use null, or leave the property out')
			case 'function':
				return refuse('a function', 'pass data only')
			case 'symbol':
				return refuse('a symbol', 'pass data only')
			case 'object':
				if (item !== null && !isLeaf(item)) visitObject(item)
		}
	}

	function visitObject(item: object): void {
		if (above.has(item)) refuse('an object that contains itself', 'pass a copy without the way back')
		if (path.length >= deepest) refuse(`a value nested more than ${deepest} levels deep`, 'make it flatter')
		above.add(item)
		if (Array.isArray(item)) {
			for (let index = 0; index < item.length; index++) {
				path.push(index)
				visit(item[index])
				path.pop()
			}
		} else {
			const prototype: unknown = Object.getPrototypeOf(item)
			if (prototype !== null && prototype !== Object.prototype) refuseInstance(item)
			for (const [key, part] of Object.entries(item)) {
				if (part === undefined) continue
				path.push(key)
				checkText(key)
				visit(part)
				path.pop()
			}
		}
		above.delete(item)
	}

	function refuseInstance(item: object): never {
		if (item instanceof Date) refuse('a Date', 'use toISOString()')
		if (item instanceof Map || item instanceof Set) refuse(`a ${item.constructor.name}`, 'use a list or a plain object')
		if (ArrayBuffer.isView(item)) refuse('binary data', 'encode it as base64')
		if (item instanceof Promise) refuse('a promise', 'await it')
		return refuse(`an instance of ${item.constructor?.name || 'a class'}`, 'use a plain object')
	}

	visit(value)
	return big ? 'big' : 'plain'
}

/** Longest path that is written in full. */
const longestPath = 30

/** How a place in a value is written for people: `input.files[3].size`. Of a very long one, its two ends. */
export function placeOf(root: string, path: readonly PropertyKey[]): string {
	if (path.length > longestPath) return `${placeOf(root, path.slice(0, longestPath / 2))}…${placeOf('', path.slice(-longestPath / 2))}`
	let place = root
	for (const key of path) {
		if (typeof key === 'number') place += `[${key}]`
		else if (typeof key === 'string' && /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)) place += `.${key}`
		else place += `[${JSON.stringify(String(key))}]`
	}
	return place
}
