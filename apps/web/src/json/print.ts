import type { JsonNode } from './parse.ts'
import { JsonSyntaxError, tokensOf } from './tokens.ts'

/** Writes a node as JSON text on one line; numbers and strings as they were read. */
export function printJson(node: JsonNode): string {
	switch (node.kind) {
		case 'object':
			return `{${node.entries.map(({ key, node: child }) => `${JSON.stringify(key)}:${printJson(child)}`).join(',')}}`
		case 'array':
			return `[${node.items.map(printJson).join(',')}]`
		case 'string':
		case 'number':
			return node.text
		case 'boolean':
			return String(node.value)
		case 'null':
			return 'null'
	}
}

/**
 * Indents JSON text for reading. Only white space changes: every key, string and number stays as it was given.
 * Text that is not JSON comes back untouched.
 */
export function formatJson(text: string): string {
	let depth = 0
	let out = ''
	let previous = ''
	const line = () => `\n${'  '.repeat(Math.max(depth, 0))}`
	try {
		for (const { kind, text: piece } of tokensOf(text)) {
			if (kind === 'end') break
			const opened = previous === '{' || previous === '['
			if (piece === '}' || piece === ']') {
				depth -= 1
				out += opened ? piece : line() + piece
			} else {
				if (opened || previous === ',') out += line()
				out += piece === ':' ? ': ' : piece
				if (piece === '{' || piece === '[') depth += 1
			}
			previous = piece
		}
	} catch (error) {
		if (error instanceof JsonSyntaxError) return text
		throw error
	}
	return out
}
