/** JSON with numbers as they were written: 9007199254740993 stays what it is. */

/** What Node.js has, and the types of the language do not yet. */
interface ExactJson {
	parse(text: string, revive: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown
	rawJSON(text: string): unknown
}

const exact = JSON as unknown as ExactJson

/** Reads JSON text; `JSON.stringify` writes its numbers as they stood there. Throws a SyntaxError. */
export function parseExact(text: string): unknown {
	return exact.parse(text, (_key, value, { source }) => (typeof value === 'number' && source !== undefined ? exact.rawJSON(source) : value))
}
