/** A piece of JSON text with the place where it begins. Strings and numbers keep the characters that were written. */
export interface JsonToken {
	readonly kind: 'punctuation' | 'string' | 'number' | 'word' | 'end'
	readonly text: string
	readonly at: number
}

/** Says where JSON text stops being JSON, in words for the person who typed it. */
export class JsonSyntaxError extends Error {
	override readonly name = 'JsonSyntaxError'
	readonly at: number

	constructor(text: string, at: number, expected: string) {
		const before = text.slice(0, at).split('\n')
		const found = at >= text.length ? 'the end of the text' : `“${text.slice(at, at + 12).split('\n')[0]}”`
		super(`Line ${before.length}, column ${(before.at(-1) ?? '').length + 1}: expected ${expected}, found ${found}.`)
		this.at = at
	}
}

const pattern =
	/[\t\n\r ]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]))|(true|false|null)(?!\w)|($))/y

/** Cuts JSON text into tokens, lazily; the last one is always `end`. */
export function* tokensOf(text: string): Generator<JsonToken, void, undefined> {
	let at = 0
	while (true) {
		pattern.lastIndex = at
		const match = pattern.exec(text)
		if (!match) {
			const start = at + (/^[\t\n\r ]*/.exec(text.slice(at))?.[0].length ?? 0)
			throw new JsonSyntaxError(text, start, 'a JSON value or one of { } [ ] , :')
		}
		const [whole, punctuation, string, number, word] = match
		at += whole.length
		const piece = punctuation ?? string ?? number ?? word ?? ''
		const kind = punctuation ? 'punctuation' : string ? 'string' : number ? 'number' : word ? 'word' : 'end'
		yield { kind, text: piece, at: at - piece.length }
		if (kind === 'end') return
	}
}
