/**
 * Cuts a query into tokens. Positions are indexes of the JavaScript string (UTF-16 units); every text can be cut, so there are
 * no errors here: a missing closing quote is forgiven, and what is misplaced is for the parser to say.
 */

/** A piece of the query: from `start` up to, not including, `end`. */
export interface Span {
	readonly start: number
	readonly end: number
}

/** A word as it counts (quotes and their backslashes removed), with the place where it is written, quotes included. */
export interface Word extends Span {
	readonly value: string
	readonly quoted: boolean
}

export type Comparator = 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'like' | 'unlike'
export type ListOperator = 'in' | 'notin'
export type NullTest = 'null' | 'notnull'
export type Operator = Comparator | ListOperator | NullTest | 'and' | 'or' | 'not'

export interface WordToken extends Word {
	readonly type: 'word'
}

type MarkType = Operator | 'lparen' | 'rparen' | 'comma'

/** A token without a text of its own, of some types. */
export type Mark<Type extends MarkType> = Type extends MarkType ? Span & { readonly type: Type } : never
export type MarkToken = Mark<MarkType>

export type Token = WordToken | MarkToken

// Not `\s`: other Unicode spaces are ordinary characters of a word.
const whiteSpace = ' \t\n\r\f\v'
const operatorStart = '&|=<>^!~-'
const wordEnd = `${whiteSpace}=~<>&|(),`

const symbols: ReadonlyMap<string, MarkType> = new Map([
	['(', 'lparen'],
	[')', 'rparen'],
	[',', 'comma'],
	['&', 'and'],
	['&&', 'and'],
	['|', 'or'],
	['||', 'or'],
	['!', 'not'],
	['-', 'not'],
	['=', 'eq'],
	['==', 'eq'],
	['!=', 'ne'],
	['<>', 'ne'],
	['>', 'gt'],
	['>=', 'gte'],
	['<', 'lt'],
	['<=', 'lte'],
	['~', 'like'],
	['!~', 'unlike'],
	['^', 'in'],
	['!^', 'notin'],
])

const keywords: ReadonlyMap<string, Operator> = new Map([
	['and', 'and'],
	['or', 'or'],
	['not', 'not'],
	['set?', 'notnull'],
	['has', 'notnull'],
	['null?', 'null'],
	['before', 'lt'],
	['after', 'gt'],
	['at', 'eq'],
])

/**
 * Whether a word means itself when it is written without quotes.
 *
 * @example isBare('a-b') // true; 'two words', 'and' and '-5' are not
 */
export function isBare(word: string): boolean {
	const [token, ...others] = lex(word)
	return token?.type === 'word' && !token.quoted && token.value === word && others.length === 0
}

/** Cuts a query into tokens, from left to right. */
export function lex(text: string): Token[] {
	const tokens: Token[] = []
	let at = 0
	while (at < text.length) {
		const character = text.charAt(at)
		if (whiteSpace.includes(character)) {
			at += 1
			continue
		}
		const token = character === '"' ? quotedWord(text, at) : (mark(text, at) ?? bareWord(text, at))
		tokens.push(token)
		at = token.end
	}
	return tokens
}

/** A structure token or symbol operator: two characters if the pair is one, else one. */
function mark(text: string, start: number): MarkToken | null {
	for (const length of operatorStart.includes(text.charAt(start)) ? [2, 1] : [1]) {
		const symbol = text.slice(start, start + length)
		const type = symbols.get(symbol)
		if (type !== undefined) return { type, start, end: start + symbol.length }
	}
	return null
}

function quotedWord(text: string, start: number): WordToken {
	let value = ''
	let at = start + 1
	while (at < text.length && text.charAt(at) !== '"') {
		if (text.charAt(at) === '\\') at += 1
		value += text.charAt(at)
		at += 1
	}
	return { type: 'word', value, quoted: true, start, end: Math.min(at + 1, text.length) }
}

function bareWord(text: string, start: number): Token {
	let end = start + 1
	while (end < text.length && !wordEnd.includes(text.charAt(end)) && !comparesFrom(text, end)) end += 1
	const value = text.slice(start, end)
	const keyword = keywords.get(value.toLowerCase())
	return keyword === undefined ? { type: 'word', value, quoted: false, start, end } : { type: keyword, start, end }
}

/** `!=` and `!~` end the word before them, so that `state!=paused` needs no spaces; any other `!` is part of the word. */
function comparesFrom(text: string, at: number): boolean {
	return text.charAt(at) === '!' && '=~'.includes(text.charAt(at + 1)) && at + 1 < text.length
}
