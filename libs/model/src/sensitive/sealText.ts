/**
 * Seals what is sensitive within a JSON text. All else stays as it was given, byte for byte: the order of keys, large
 * numbers, spaces.
 */

import type { Place } from './marks.ts'
import { sealedKey } from './sealed.ts'
import type { Secrets } from './secrets.ts'

export interface SealRules {
	/** Where it says which places are sensitive; each of them counts. */
	readonly places: readonly Place[]
	/** Any text that contains one of these is sealed, wherever it stands. */
	readonly secrets: Secrets | null
	/** References to outputs, `{ "$output": … }`, stay as they are: what they stand for is sealed where it is made. */
	readonly references?: boolean
	/** Answers the JSON text of a sealed value. `known`: secrets that the value contains. */
	seal(json: string, known: readonly string[]): string
}

const referenceStart = '{"$output":'
const sealedStart = `{"${sealedKey}":`

/** @param text valid JSON */
export function sealText(text: string, rules: SealRules): string {
	return new Walk(text, rules).sealed()
}

class Walk {
	readonly #text: string
	readonly #rules: SealRules
	#at = 0
	/** Up to here the text is in the pieces. */
	#taken = 0
	#pieces: string[] = []

	constructor(text: string, rules: SealRules) {
		this.#text = text
		this.#rules = rules
	}

	sealed(): string {
		this.#value(this.#rules.places, false)
		return this.#pieces.join('') + this.#text.slice(this.#taken)
	}

	/** @param whole it is a part of what is sensitive as a whole, and holds references, which must stay */
	#value(places: readonly Place[], whole: boolean): void {
		this.#space()
		const start = this.#at
		const text = this.#text
		if (text.startsWith(sealedStart, start)) return this.#skip()
		if (this.#rules.references && text.startsWith(referenceStart, start)) return this.#skip()
		const sensitive = whole || places.some((place) => place.isSensitive)
		if (!sensitive && places.length === 0 && !this.#rules.secrets) return this.#skip()
		if (sensitive) {
			const end = endOfValue(text, start)
			const json = text.slice(start, end)
			if (!this.#rules.references || !json.includes(referenceStart)) return this.#replace(start, this.#others(json))
		}
		const first = text[start]
		if (first === '{') this.#object(places, sensitive)
		else if (first === '[') this.#list(places, sensitive)
		else this.#leaf(start)
	}

	#leaf(start: number): void {
		const { secrets } = this.#rules
		const end = endOfValue(this.#text, start)
		const json = this.#text.slice(start, end)
		const found = secrets ? secrets.foundIn(json.startsWith('"') ? (JSON.parse(json) as string) : json) : []
		// A number is a secret as a whole or not at all.
		if (found.length > 0 && (json.startsWith('"') || found.includes(json))) this.#replace(start, found)
		else this.#at = end
	}

	/** What else a sensitive text is made of: an address that contains a password. */
	#others(json: string): string[] {
		const value: unknown = json.startsWith('"') && this.#rules.secrets ? JSON.parse(json) : null
		return typeof value === 'string' ? (this.#rules.secrets?.foundIn(value) ?? []).filter((found) => found !== value) : []
	}

	#object(places: readonly Place[], whole: boolean): void {
		const start = this.#at
		const before = { taken: this.#taken, pieces: this.#pieces.length }
		this.#at += 1
		for (let first = true; !this.#ends('}'); first = false) {
			if (!first) this.#at += 1
			this.#space()
			const keyStart = this.#at
			this.#at = endOfValue(this.#text, keyStart)
			const key = JSON.parse(this.#text.slice(keyStart, this.#at)) as string
			const found = this.#rules.secrets?.foundIn(key) ?? []
			if (found.length > 0) {
				// A key cannot be sealed, its object can.
				this.#taken = before.taken
				this.#pieces.length = before.pieces
				return this.#replace(start, found)
			}
			this.#space()
			this.#at += 1
			this.#value(below(places, key), whole)
		}
	}

	#list(places: readonly Place[], whole: boolean): void {
		this.#at += 1
		for (let index = 0; !this.#ends(']'); index++) {
			if (index > 0) this.#at += 1
			this.#value(below(places, index), whole)
		}
	}

	/** Whether a list or object ends here, behind which it goes on then. */
	#ends(bracket: string): boolean {
		this.#space()
		if (this.#text[this.#at] !== bracket) return false
		this.#at += 1
		return true
	}

	#space(): void {
		while (' \n\r\t'.includes(this.#text[this.#at] ?? '.')) this.#at += 1
	}

	#skip(): void {
		this.#at = endOfValue(this.#text, this.#at)
	}

	#replace(start: number, known: readonly string[]): void {
		const end = endOfValue(this.#text, start)
		this.#pieces.push(this.#text.slice(this.#taken, start), this.#rules.seal(this.#text.slice(start, end), known))
		this.#taken = end
		this.#at = end
	}
}

function below(places: readonly Place[], key: string | number): Place[] {
	return places.flatMap((place) => place.below(key) ?? [])
}

/** Index behind the value that begins at `start`. */
function endOfValue(text: string, start: number): number {
	const first = text[start]
	if (first === '"') return endOfString(text, start)
	if (first !== '{' && first !== '[') {
		let at = start
		while (at < text.length && !',]} \n\r\t'.includes(text[at] ?? ',')) at += 1
		return at
	}
	let level = 0
	for (let at = start; at < text.length; at++) {
		const character = text[at]
		if (character === '"') at = endOfString(text, at) - 1
		else if (character === '{' || character === '[') level += 1
		else if ((character === '}' || character === ']') && --level === 0) return at + 1
	}
	return text.length
}

function endOfString(text: string, start: number): number {
	for (let at = start + 1; at < text.length; at++) {
		if (text[at] === '\\') at += 1
		else if (text[at] === '"') return at + 1
	}
	return text.length
}
