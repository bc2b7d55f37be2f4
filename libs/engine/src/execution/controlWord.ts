/** Statements that would begin or end a transaction, by their first word. */

/** Comments and blanks before the first word; block comments may be nested, and those are not looked into. */
const before = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/|;)*/
const words = /^(?:begin|start\s+transaction|commit|end|abort|rollback(?!\s+(?:work\s+|transaction\s+)?to\b)|prepare\s+transaction)\b/i

/** The words with which a statement would begin or end the transaction, in capitals; null for any other statement. */
export function controlWord(text: string): string | null {
	const found = words.exec(text.replace(before, ''))
	return found ? found[0].replace(/\s+/g, ' ').toUpperCase() : null
}
