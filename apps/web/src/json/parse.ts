import { JsonSyntaxError, type JsonToken, tokensOf } from './tokens.ts'

/**
 * A JSON value that loses nothing: numbers and strings keep the text they were written with, objects the order of
 * their keys. `JSON.parse` would round 9007199254740993 and sort the key "10" before "a".
 */
export type JsonNode =
	| { readonly kind: 'object'; readonly entries: readonly JsonEntry[] }
	| { readonly kind: 'array'; readonly items: readonly JsonNode[] }
	| { readonly kind: 'string'; readonly text: string; readonly value: string }
	| { readonly kind: 'number'; readonly text: string }
	| { readonly kind: 'boolean'; readonly value: boolean }
	| { readonly kind: 'null' }

export interface JsonEntry {
	readonly key: string
	readonly node: JsonNode
}

/** Reads JSON text. Throws a {@link JsonSyntaxError} that names line, column and what was expected. */
export function parseJson(text: string): JsonNode {
	const tokens = tokensOf(text)
	let token: JsonToken
	const advance = () => {
		const step = tokens.next()
		if (!step.done) token = step.value
	}
	const fail = (expected: string): never => {
		throw new JsonSyntaxError(text, token.at, expected)
	}
	const sign = (piece: string) => token.kind === 'punctuation' && token.text === piece

	function value(): JsonNode {
		const { kind, text: piece } = token
		if (sign('{')) return object()
		if (sign('[')) return array()
		if (kind === 'end' || kind === 'punctuation') fail('a value')
		advance()
		if (kind === 'string') return { kind: 'string', text: piece, value: JSON.parse(piece) as string }
		if (kind === 'number') return { kind: 'number', text: piece }
		return piece === 'null' ? { kind: 'null' } : { kind: 'boolean', value: piece === 'true' }
	}

	function object(): JsonNode {
		const entries: JsonEntry[] = []
		advance()
		while (!sign('}')) {
			if (entries.length > 0) {
				if (!sign(',')) fail('“,” or “}”')
				advance()
			}
			if (token.kind !== 'string') fail('a key in double quotes')
			const key = JSON.parse(token.text) as string
			advance()
			if (!sign(':')) fail('“:”')
			advance()
			entries.push({ key, node: value() })
		}
		advance()
		return { kind: 'object', entries }
	}

	function array(): JsonNode {
		const items: JsonNode[] = []
		advance()
		while (!sign(']')) {
			if (items.length > 0) {
				if (!sign(',')) fail('“,” or “]”')
				advance()
			}
			items.push(value())
		}
		advance()
		return { kind: 'array', items }
	}

	token = { kind: 'end', text: '', at: 0 }
	advance()
	const root = value()
	if (token.kind !== 'end') fail('the end of the text')
	return root
}
