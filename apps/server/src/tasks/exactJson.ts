/**
 * JSON whose integers survive: one that JavaScript's number cannot hold is a `bigint` on the way through. The engine
 * of the language tells a reviver the source text, and writes a raw text as it stands; TypeScript does not know either.
 */

type SourceReviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }
const parse = JSON.parse as (text: string, reviver: SourceReviver) => unknown

/** Digits enough to be inexact: most texts have none, and need no reviver. */
const longNumber = /\d{16}/

export function parseExact(text: string): unknown {
	if (!longNumber.test(text)) return JSON.parse(text)
	return parse(text, (_, value, { source }) =>
		typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value,
	)
}

export function stringifyExact(value: unknown): string {
	return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? rawJSON(String(part)) : part)) ?? 'null'
}
