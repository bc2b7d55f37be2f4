/** What is wrong with a query: a code for programs, a sentence for people, and the place. */

import type { Span, Token } from './lex.ts'

/** The longest query, in UTF-16 units. */
export const maxLength = 8_192
/** How deep groups, negations and alternating and/or may nest. */
export const maxDepth = 100
/** How many words a list may have. */
export const maxListSize = 1_000

export type SyntaxErrorCode =
	| 'expected_value'
	| 'expected_field'
	| 'expected_expression'
	| 'mixed_operators'
	| 'unclosed_paren'
	| 'unexpected_rparen'
	| 'empty_group'
	| 'empty_list'
	| 'unexpected_token'
	| 'too_long'
	| 'too_deep'
	| 'list_too_long'

export interface SearchError extends Span {
	readonly code: SyntaxErrorCode
	/** Names the column, what was expected and what to do. */
	readonly message: string
}

/** Places the error: the offending token, or the end of the text where one is missing. */
export function searchError(code: SyntaxErrorCode, text: string, place: Span, after?: Span): SearchError {
	const { start, end } = place
	return { code, message: `column ${start + 1}: ${sentence(code, text, place, after)}`, start, end }
}

function sentence(code: SyntaxErrorCode, text: string, place: Span, after: Span | undefined): string {
	const found = place.end > place.start ? `“${shorten(text.slice(place.start, place.end))}”` : 'the end'
	const before = after === undefined ? '' : ` after “${text.slice(after.start, after.end)}”`
	switch (code) {
		case 'expected_value':
			return `expected a value${before}, found ${found}; write the value, in quotes if it is an operator or starts with one: state = "not"`
		case 'expected_field':
			return `expected the name of a field${before}, found ${found}; write it directly behind: has ended_at`
		case 'expected_expression':
			return `expected a condition${before}, found ${found}; write one, such as state = paused, or a word to look for`
		case 'mixed_operators':
			return `expected a condition${before}, found ${found}; keep one of the two: either “and” or “or” can join two conditions`
		case 'unclosed_paren':
			return `expected a “)” for this “(”, found the end; add the “)”, or put the “(” in quotes if it belongs to a value`
		case 'unexpected_rparen':
			return `expected a condition or the end, found a “)” that has no “(”; remove it, or put it in quotes if it belongs to a value`
		case 'empty_group':
			return `expected a condition between the parentheses, found none; write one, or remove the parentheses`
		case 'empty_list':
			return `expected at least one value between the parentheses, found none; write the values: state ^ (paused, running)`
		case 'unexpected_token':
			return `expected a value, a comma or “)” in this list, found ${found}; put it in quotes if it is a value`
		case 'too_long':
			return `expected at most ${maxLength.toLocaleString('en')} characters, found ${text.length.toLocaleString('en')}; make the query shorter, or search in two steps`
		case 'too_deep':
			return `expected at most ${maxDepth} levels of “not”, parentheses and changes between “and” and “or”; split the query, or use a list: state ^ (paused, running)`
		case 'list_too_long':
			return `expected at most ${maxListSize.toLocaleString('en')} values in a list; split the list, or search by a pattern: label ~ Import*`
	}
}

/** A piece of the query that fits into a sentence. */
function shorten(piece: string): string {
	const characters = Array.from(piece)
	return characters.length > 40 ? `${characters.slice(0, 39).join('')}…` : piece
}

/** The place of a token, or the end of the text. */
export function placeOf(token: Token | undefined, text: string): Span {
	return token ?? { start: text.length, end: text.length }
}
