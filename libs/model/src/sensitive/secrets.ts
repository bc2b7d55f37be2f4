/** What an attempt knows that nobody may read: found in texts, and replaced by •••. */

import { mask } from './sealed.ts'

/** Shorter ones stand in texts by chance, and are not looked for. */
export const shortestSecret = 4

export class Secrets {
	/** The values themselves, each with the forms in which it may stand in a text. */
	readonly #forms = new Map<string, readonly string[]>()

	get size(): number {
		return this.#forms.size
	}

	/** Takes in the texts and numbers of a sensitive value. */
	add(value: unknown): void {
		if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) this.add(part)
		else if (typeof value === 'number' || typeof value === 'bigint') this.#addText(String(value))
		else if (typeof value === 'string') this.#addText(value)
	}

	addAll(others: Secrets): void {
		for (const [value, forms] of others.#forms) this.#forms.set(value, forms)
	}

	#addText(text: string): void {
		if (text.length < shortestSecret || this.#forms.has(text)) return
		this.#forms.set(text, formsOf(text))
	}

	/** The values that stand in a text. */
	foundIn(text: string): string[] {
		const found: string[] = []
		for (const [value, forms] of this.#forms) if (forms.some((form) => text.includes(form))) found.push(value)
		return found
	}

	isIn(text: string): boolean {
		for (const forms of this.#forms.values()) if (forms.some((form) => text.includes(form))) return true
		return false
	}

	/** The text with ••• in place of each value; where two overlap, in place of both. */
	redact(text: string): string {
		const found: [number, number][] = []
		for (const forms of this.#forms.values()) {
			for (const form of forms) {
				for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) found.push([at, at + form.length])
			}
		}
		if (found.length === 0) return text
		found.sort(([one], [other]) => one - other)
		let redacted = ''
		let end = 0
		for (const [from, to] of found) {
			if (from >= end) redacted += text.slice(end, from) + mask
			end = Math.max(end, to)
		}
		return redacted + text.slice(end)
	}

	/** A JSON value with its texts redacted, those of its keys too; a number that is a secret becomes •••. */
	redactValue<Value>(value: Value): Value {
		return this.#redacted(value) as Value
	}

	#redacted(value: unknown): unknown {
		if (typeof value === 'string') return this.redact(value)
		if (typeof value === 'number' || typeof value === 'bigint') return this.#forms.has(String(value)) ? mask : value
		if (typeof value !== 'object' || value === null) return value
		if (Array.isArray(value)) return value.map((item) => this.#redacted(item))
		return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.redact(key), this.#redacted(item)]))
	}
}

/** As it is, as a part of JSON, as a part of an address; and of several lines each, since logs are written line by line. */
function formsOf(text: string): string[] {
	const forms = new Set<string>()
	for (const part of [text, text.trim(), ...text.split(/[\r\n]+/).map((line) => line.trim())]) {
		if (part.length < shortestSecret) continue
		for (const form of [part, JSON.stringify(part).slice(1, -1), encodeURIComponent(part.toWellFormed())]) forms.add(form)
	}
	return [...forms]
}
