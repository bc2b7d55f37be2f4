/**
 * Reads a query. Half-typed text is normal: the parser goes on behind each error, so that the page can underline all of them
 * and complete what is there, but only text without any error becomes a query that may be executed.
 *
 *     sequence := joiners? chain ( commas? chain )* joiners?      side by side = AND, binds weakest
 *     chain    := unary ( joiners chain )?                        and / or, nested to the right, no precedence between them
 *     unary    := not unary | group | nulltest | prefix | infix
 */

import type { Condition, Draft, Hole, Query } from './ast.ts'
import { maxDepth, maxLength, maxListSize, placeOf, type SearchError, type SyntaxErrorCode, searchError } from './errors.ts'
import {
	type Comparator,
	type ListOperator,
	lex,
	type Mark,
	type NullTest,
	type Span,
	type Token,
	type Word,
	type WordToken,
} from './lex.ts'

/** Either a whole query, or what is wrong (first things first) beside what could be understood. */
export type Parsed =
	| { readonly ok: true; readonly query: Query }
	| { readonly ok: false; readonly errors: readonly [SearchError, ...SearchError[]]; readonly draft: Draft }

type Node = Condition<Hole>
type Joiner = Mark<'and' | 'or'>

/**
 * Reads a query.
 *
 * @example parse('state = paused') // { ok: true, query: { op: 'eq', field: { value: 'state', … }, … } }
 * @example parse('state =') // { ok: false, errors: [{ code: 'expected_value', start: 7, end: 7, … }], draft: … }
 */
export function parse(text: string): Parsed {
	if (text.length > maxLength) {
		const error = searchError('too_long', text, { start: maxLength, end: text.length })
		return { ok: false, errors: [error], draft: { op: 'hole', start: 0, end: text.length } }
	}
	const parser = new Parser(text)
	const draft = parser.query()
	const [first, ...others] = parser.errors
	// A hole is made only together with an error, so without errors there is none.
	return first === undefined ? { ok: true, query: draft as Query } : { ok: false, errors: [first, ...others], draft }
}

class Parser {
	readonly errors: SearchError[] = []
	readonly #text: string
	readonly #tokens: readonly Token[]
	#at = 0

	constructor(text: string) {
		this.#text = text
		this.#tokens = lex(text)
	}

	query(): Draft {
		const whole: Span = { start: 0, end: this.#text.length }
		if (this.#tokens.length === 0) return { op: 'all', ...whole }
		const parts: Node[] = []
		do {
			parts.push(...this.#sequence(0))
			// What ends a sequence before the end of the text is a `)`. Going on behind it keeps what follows in the draft.
			const extra = this.#next('rparen')
			if (extra === undefined) break
			this.#report('unexpected_rparen', extra)
		} while (this.#at < this.#tokens.length)
		if (parts.length === 0 && this.errors.length === 0) this.#report('expected_expression', undefined)
		const tree = parts.length === 0 ? this.#hole(undefined) : join('and', parts)
		const deep = deeperThan(maxDepth, tree)
		if (deep !== null) this.#report('too_deep', deep)
		return tree
	}

	/** Conditions side by side, up to a `)` or the end; empty when there is none. */
	#sequence(depth: number): Node[] {
		const parts: Node[] = []
		this.#joiners()
		while (this.#startsUnary()) {
			parts.push(this.#chain(depth))
		}
		return parts
	}

	#chain(depth: number): Node {
		const operands = [this.#unary(depth)]
		const joiners: Joiner[] = []
		for (let joiner = this.#joiners(); joiner !== null && this.#startsUnary(); joiner = this.#joiners()) {
			joiners.push(joiner)
			operands.push(this.#unary(depth))
		}
		return nestRight(
			operands,
			joiners.map((joiner) => joiner.type),
		)
	}

	/** Skips commas and and/or. Answers with the first and/or; commas alone are left for the sequence unless they begin it. */
	#joiners(): Joiner | null {
		let first: Joiner | null = null
		let mixed = false
		for (let token = this.#peek(); token !== undefined; token = this.#peek()) {
			if (isJoiner(token)) {
				first ??= token
				if (token.type !== first.type && !mixed) {
					mixed = true
					this.#report('mixed_operators', token, first)
				}
			} else if (token.type !== 'comma') break
			this.#at += 1
		}
		return first
	}

	/** Called only where `#startsUnary`. */
	#unary(depth: number): Node {
		const token = this.#peek()
		if (token === undefined || depth > maxDepth) return this.#giveUp(token)
		if (token.type === 'word') return this.#infix(token)
		if (token.type === 'not') return this.#negation(token, depth)
		if (token.type === 'lparen') return this.#group(token, depth)
		if (token.type === 'null' || token.type === 'notnull') return this.#presence(token)
		if (token.type === 'in' || token.type === 'notin') return this.#listWithoutField(token)
		// Nothing else can begin a condition.
		return this.#comparison(null, token as Mark<Comparator>)
	}

	#negation(not: Mark<'not'>, depth: number): Node {
		this.#at += 1
		if (this.#startsUnary()) {
			const arg = this.#unary(depth + 1)
			return { op: 'not', arg, start: not.start, end: arg.end }
		}
		this.#report('expected_expression', this.#peek(), not)
		const arg = this.#hole(this.#peek())
		return { op: 'not', arg, start: not.start, end: arg.end }
	}

	#presence(test: Mark<NullTest>): Node {
		this.#at += 1
		const field = this.#word('expected_field', test)
		return { op: test.type, operator: spanOf(test), field, start: test.start, end: field.end }
	}

	#infix(field: WordToken): Node {
		this.#at += 1
		const operator = this.#peek()
		if (operator !== undefined && isComparator(operator)) return this.#comparison(wordOf(field), operator)
		if (operator?.type === 'in' || operator?.type === 'notin') {
			this.#at += 1
			const { values, end } = this.#values(operator, false)
			return { op: operator.type, field: wordOf(field), operator: spanOf(operator), values, start: field.start, end }
		}
		return { op: 'any', value: wordOf(field), start: field.start, end: field.end }
	}

	#comparison(field: Word | null, operator: Mark<Comparator>): Node {
		this.#at += 1
		const value = this.#word('expected_value', operator)
		const start = field?.start ?? operator.start
		return { op: operator.type, field, operator: spanOf(operator), value, start, end: value.end }
	}

	/** `^ a b` is short for `= a or = b`, `!^ a b` for `!= a and != b`. */
	#listWithoutField(operator: Mark<ListOperator>): Node {
		this.#at += 1
		const { values } = this.#values(operator, true)
		const comparisons = values.map((value): Node => {
			return {
				op: operator.type === 'in' ? 'eq' : 'ne',
				field: null,
				operator: spanOf(operator),
				value,
				start: value.start,
				end: value.end,
			}
		})
		return comparisons.length === 0 ? this.#hole(this.#peek()) : join(operator.type === 'in' ? 'or' : 'and', comparisons)
	}

	/** What follows `^`: a list in parentheses, else one word, or as many as there are. */
	#values(operator: Mark<ListOperator>, many: boolean): { values: Word[]; end: number } {
		const open = this.#next('lparen')
		if (open !== undefined) return this.#list(open)
		const first = this.#word('expected_value', operator)
		if (!('value' in first)) return { values: [], end: operator.end }
		const values = [first]
		while (many) {
			const token = this.#peek()
			if (token?.type === 'word') values.push(wordOf(token))
			else if (token?.type !== 'comma') break
			this.#at += 1
		}
		this.#limitList(values)
		return { values, end: values.at(-1)?.end ?? first.end }
	}

	#list(open: Token): { values: Word[]; end: number } {
		const values: Word[] = []
		let misplaced = false
		let inner = 0
		for (let token = this.#peek(); token !== undefined; token = this.#peek()) {
			this.#at += 1
			if (token.type === 'word') values.push(wordOf(token))
			else if (token.type === 'rparen' && inner === 0) {
				if (values.length === 0 && !misplaced) this.#report('empty_list', { start: open.start, end: token.end })
				this.#limitList(values)
				return { values, end: token.end }
			} else if (token.type !== 'comma') {
				// One message for the whole list, and its inner parentheses do not end it.
				if (!misplaced) this.#report('unexpected_token', token)
				misplaced = true
				if (token.type === 'lparen') inner += 1
				if (token.type === 'rparen') inner -= 1
			}
		}
		this.#report('unclosed_paren', open)
		return { values, end: this.#text.length }
	}

	#limitList(values: readonly Word[]): void {
		const extra = values[maxListSize]
		if (extra !== undefined) this.#report('list_too_long', extra)
	}

	#group(open: Token, depth: number): Node {
		this.#at += 1
		const parts = this.#sequence(depth + 1)
		const close = this.#next('rparen')
		const end = close?.end ?? this.#text.length
		if (close === undefined) this.#report('unclosed_paren', open)
		else if (parts.length === 0) this.#report('empty_group', { start: open.start, end })
		return parts.length === 0 ? { op: 'hole', start: open.start, end } : { ...join('and', parts), start: open.start, end }
	}

	/** The word that has to stand here, or a hole; the token that stands here instead is not taken, for it may begin something else. */
	#word(code: SyntaxErrorCode, after: Span): Word | Hole {
		const token = this.#next('word')
		if (token?.type === 'word') return wordOf(token)
		this.#report(code, this.#peek(), after)
		return this.#hole(this.#peek())
	}

	#giveUp(token: Token | undefined): Node {
		this.#report('too_deep', token)
		const { start } = placeOf(token, this.#text)
		this.#at = this.#tokens.length
		return { op: 'hole', start, end: this.#text.length }
	}

	/** An empty place before the token. */
	#hole(before: Token | undefined): Hole {
		const { start } = placeOf(before, this.#text)
		return { op: 'hole', start, end: start }
	}

	#startsUnary(): boolean {
		const token = this.#peek()
		return token !== undefined && !isJoiner(token) && token.type !== 'comma' && token.type !== 'rparen'
	}

	#peek(): Token | undefined {
		return this.#tokens[this.#at]
	}

	#next(type: Token['type']): Token | undefined {
		const token = this.#peek()
		if (token?.type !== type) return undefined
		this.#at += 1
		return token
	}

	#report(code: SyntaxErrorCode, place: Span | undefined, after?: Span): void {
		// The parser gave up there: that the open groups are not closed is no news.
		if (this.errors.at(-1)?.code === 'too_deep') return
		const end = this.#text.length
		this.errors.push(searchError(code, this.#text, place ?? { start: end, end }, after))
	}
}

/** To the right: `a and b or c` is a and (b or c). Whole runs of one kind at a time, for merging one by one takes quadratic time. */
function nestRight(operands: readonly Node[], joiners: readonly ('and' | 'or')[]): Node {
	let op = joiners.at(-1) ?? 'and'
	let run = operands.slice(-1)
	for (let index = joiners.length - 1; index >= 0; index -= 1) {
		const joiner = joiners[index] ?? op
		if (joiner !== op) run = [join(op, run.toReversed())]
		op = joiner
		run.push(...operands.slice(index, index + 1))
	}
	return join(op, run.toReversed())
}

/** One node for several conditions. Parts of the same kind are merged, so a tree has one shape however it was nested in the text. */
function join(op: 'and' | 'or', parts: readonly Node[]): Node {
	const args = parts.flatMap((part) => (part.op === op ? part.args : [part]))
	const [first] = args
	if (first === undefined || args.length === 1) return first ?? { op: 'hole', start: 0, end: 0 }
	return { op, args, start: parts[0]?.start ?? first.start, end: parts.at(-1)?.end ?? first.end }
}

/** The first node that lies deeper than that, or null. Without recursion, for the tree may be as deep as the text is long. */
function deeperThan(limit: number, tree: Node): Node | null {
	const open: { node: Node; depth: number }[] = [{ node: tree, depth: 0 }]
	for (let next = open.pop(); next !== undefined; next = open.pop()) {
		const { node, depth } = next
		if (depth > limit) return node
		if (node.op === 'not') open.push({ node: node.arg, depth: depth + 1 })
		if (node.op === 'and' || node.op === 'or') for (const arg of node.args) open.push({ node: arg, depth: depth + 1 })
	}
	return null
}

function isJoiner(token: Token): token is Joiner {
	return token.type === 'and' || token.type === 'or'
}

const comparators: ReadonlySet<string> = new Set<Comparator>(['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'like', 'unlike'])

function isComparator(token: Token): token is Mark<Comparator> {
	return comparators.has(token.type)
}

function spanOf({ start, end }: Span): Span {
	return { start, end }
}

function wordOf({ value, quoted, start, end }: WordToken): Word {
	return { value, quoted, start, end }
}
