import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Condition, Draft, Query } from './ast.ts'
import { lex, type Span, type Word } from './lex.ts'
import { parse } from './parse.ts'
import { print, printWord } from './print.ts'

/** Without positions, which differ between a text and the same query printed. */
function shape(query: Query): unknown {
	return JSON.parse(
		JSON.stringify(query, (key, value: unknown) => (['start', 'end', 'operator', 'quoted'].includes(key) ? undefined : value)),
	)
}

function queryOf(text: string): Query {
	const parsed = parse(text)
	if (!parsed.ok) throw new Error(`${text}: ${parsed.errors[0].message}`)
	return parsed.query
}

const nowhere: Span = { start: 0, end: 0 }
const awkward = [
	'and',
	'NOT',
	'set?',
	'has',
	'in',
	'',
	'"',
	'\\',
	'-5',
	'!a',
	'a!',
	'^x',
	'a b',
	'a,b',
	'(x)',
	'a=b',
	'a!~b',
	'user.id',
	'\u00A0',
	'🚀',
	'%a*_',
]
const text = fc.oneof(
	fc.constantFrom(...awkward),
	fc.string({ maxLength: 6, unit: 'binary' }),
	fc.string({ maxLength: 6, unit: fc.constantFrom(...Array.from(' =~!^-"\\(),aé')) }),
)
const word = text.map((value): Word => ({ value, quoted: false, ...nowhere }))

const leaf: fc.Arbitrary<Condition<never>> = fc.oneof(
	word.map((value): Condition<never> => ({ op: 'any', value, ...nowhere })),
	fc
		.tuple(fc.constantFrom('eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'like', 'unlike'), fc.option(word), word)
		.map(([op, field, value]): Condition<never> => ({ op, field, operator: nowhere, value, ...nowhere })),
	fc
		.tuple(fc.constantFrom('in', 'notin'), word, fc.array(word, { minLength: 1, maxLength: 4 }))
		.map(([op, field, values]): Condition<never> => ({ op, field, operator: nowhere, values, ...nowhere })),
	fc.tuple(fc.constantFrom('null', 'notnull'), word).map(([op, field]): Condition<never> => ({ op, field, operator: nowhere, ...nowhere })),
)

function conditions(depth: number): fc.Arbitrary<Condition<never>> {
	if (depth === 0) return leaf
	const inner = conditions(depth - 1)
	const junction = (op: 'and' | 'or') =>
		fc
			.array(
				inner.filter((arg) => arg.op !== op),
				{ minLength: 2, maxLength: 3 },
			)
			.map((args): Condition<never> => ({ op, args, ...nowhere }))
	return fc.oneof(
		leaf,
		inner.map((arg): Condition<never> => ({ op: 'not', arg, ...nowhere })),
		junction('and'),
		junction('or'),
	)
}

/** Every node and word of a tree. */
function pieces(piece: Draft | Word): (Draft | Word)[] {
	if (!('op' in piece)) return [piece]
	switch (piece.op) {
		case 'hole':
		case 'all':
			return [piece]
		case 'and':
		case 'or':
			return [piece, ...piece.args.flatMap(pieces)]
		case 'not':
			return [piece, ...pieces(piece.arg)]
		case 'any':
			return [piece, ...pieces(piece.value)]
		case 'null':
		case 'notnull':
			return [piece, ...pieces(piece.field)]
		case 'in':
		case 'notin':
			return [piece, ...pieces(piece.field), ...piece.values.flatMap(pieces)]
		case 'eq':
		case 'ne':
		case 'gt':
		case 'gte':
		case 'lt':
		case 'lte':
		case 'like':
		case 'unlike':
			return [piece, ...(piece.field === null ? [] : pieces(piece.field)), ...pieces(piece.value)]
	}
}

/** Pieces of the language in any order: most are half-typed or wrong. */
const typed = fc
	.array(
		fc.constantFrom(
			'a',
			'state',
			'"b c"',
			'"',
			'and',
			'or',
			'&',
			'not',
			'-',
			'!',
			'has',
			'null?',
			'=',
			'!=',
			'~',
			'^',
			'!^',
			'>',
			'(',
			')',
			',',
			' ',
		),
		{
			maxLength: 20,
		},
	)
	.chain((parts) => fc.constantFrom(' ', '').map((space) => parts.join(space)))

describe('laws', () => {
	test('parse(print(query)) is the query', () => {
		fc.assert(
			fc.property(conditions(4), (query) => {
				expect(shape(queryOf(print(query)))).toEqual(shape(query))
			}),
		)
	})

	test('what is typed and right prints as the same query, in one form', () => {
		fc.assert(
			fc.property(typed, (text) => {
				const parsed = parse(text)
				fc.pre(parsed.ok)
				const printed = print(parsed.query)
				expect(shape(queryOf(printed))).toEqual(shape(parsed.query))
				expect(print(queryOf(printed))).toBe(printed)
			}),
		)
	})

	test('a printed word is read as that word', () => {
		fc.assert(
			fc.property(word, (word) => {
				expect(lex(printWord(word))).toMatchObject([{ type: 'word', value: word.value }])
			}),
		)
	})

	test('tokens stand in order, do not overlap, and leave out only white space', () => {
		fc.assert(
			fc.property(fc.oneof(typed, fc.string({ unit: 'binary' })), (text) => {
				let at = 0
				for (const { start, end } of lex(text)) {
					expect(text.slice(at, start)).toMatch(/^[ \t\n\r\f\v]*$/)
					expect(end).toBeGreaterThan(start)
					at = end
				}
				expect(text.slice(at)).toMatch(/^[ \t\n\r\f\v]*$/)
			}),
		)
	})

	test('every text is either a query without holes, or has errors that lie in it', () => {
		fc.assert(
			fc.property(fc.oneof(typed, fc.string({ unit: 'binary' })), (text) => {
				const parsed = parse(text)
				const tree = parsed.ok ? parsed.query : parsed.draft
				for (const { start, end } of [...pieces(tree), ...(parsed.ok ? [] : parsed.errors)]) {
					expect(start).toBeGreaterThanOrEqual(0)
					expect(end).toBeGreaterThanOrEqual(start)
					expect(end).toBeLessThanOrEqual(text.length)
				}
				if (parsed.ok) expect(pieces(parsed.query)).not.toContainEqual(expect.objectContaining({ op: 'hole' }))
			}),
			{ numRuns: 300 },
		)
	})
})

describe('positions', () => {
	test('of nodes, operators and words', () => {
		expect(queryOf('state  = "a b" and not has x')).toEqual({
			op: 'and',
			start: 0,
			end: 28,
			args: [
				{
					op: 'eq',
					field: { value: 'state', quoted: false, start: 0, end: 5 },
					operator: { start: 7, end: 8 },
					value: { value: 'a b', quoted: true, start: 9, end: 14 },
					start: 0,
					end: 14,
				},
				{
					op: 'not',
					arg: {
						op: 'notnull',
						operator: { start: 23, end: 26 },
						field: { value: 'x', quoted: false, start: 27, end: 28 },
						start: 23,
						end: 28,
					},
					start: 19,
					end: 28,
				},
			],
		})
	})
})

describe('half-typed', () => {
	test.each([
		['state =', ['expected_value'], '(eq state ?)'],
		['state = paused and (', ['unclosed_paren'], '(and (eq state paused) ?)'],
		['state = paused and (result = error', ['unclosed_paren'], '(and (eq state paused) (eq result error))'],
		['not', ['expected_expression'], '(not ?)'],
		['has', ['expected_field'], '(notnull ?)'],
		['a = and b', ['expected_value'], '(and (eq a ?) b)'],
		['a =~ b', ['expected_value'], '(and (eq a ?) (like b))'],
		['a) b', ['unexpected_rparen'], '(and a b)'],
		[')', ['unexpected_rparen'], '?'],
		['state ^ (paused and', ['unexpected_token', 'unclosed_paren'], '(in state paused)'],
		['state ^ ((paused), running) x', ['unexpected_token'], '(and (in state paused running) x)'],
		['() and = and a and or b', ['empty_group', 'expected_value', 'mixed_operators'], '(and ? (eq ?) a b)'],
		['and ,', ['expected_expression'], '?'],
		[', and or', ['mixed_operators'], '?'],
	])('%s', (text, codes, tree) => {
		const parsed = parse(text)
		expect(parsed.ok).toBe(false)
		if (parsed.ok) return
		expect(parsed.errors.map((error) => error.code)).toEqual(codes)
		expect(sketch(parsed.draft)).toBe(tree)
	})
})

/** A draft as one line: `?` for a hole. */
function sketch(piece: Draft | Word): string {
	if (!('op' in piece)) return piece.value
	if (piece.op === 'hole') return '?'
	if (piece.op === 'any') return piece.value.value
	const [, ...inner] = pieces(piece)
	const parts = piece.op === 'and' || piece.op === 'or' ? piece.args : piece.op === 'not' ? [piece.arg] : inner
	return `(${[piece.op, ...parts.map(sketch)].join(' ')})`
}

describe('messages name the column, what was expected and what to do', () => {
	test.each([
		['a = and b', /^column 5: expected a value after “=”, found “and”; .*in quotes/],
		['has', /^column 4: expected the name of a field after “has”, found the end; write it directly behind/],
		['a not', /^column 6: expected a condition after “not”, found the end; write one/],
		['a and or b', /^column 7: .*after “and”, found “or”; keep one of the two/],
		['a) b', /^column 2: .*found a “\)” that has no “\(”; remove it/],
		['a ^ (b and c)', /^column 8: expected a value, a comma or “\)” in this list, found “and”; put it in quotes/],
		['a ^ (b', /^column 5: expected a “\)” for this “\(”/],
		['()', /^column 1: expected a condition between the parentheses/],
		['a ^ ()', /^column 5: expected at least one value/],
	])('%s', (text, message) => {
		expect(parse(text)).toMatchObject({ ok: false, errors: [{ message: expect.stringMatching(message) }] })
	})
})

describe('limits', () => {
	test.each([
		['long text', 'a'.repeat(8_193), 'too_long', 8_192],
		['many groups', `${'('.repeat(4_000)}a${')'.repeat(4_000)}`, 'too_deep', 101],
		['many negations', '-'.repeat(8_000), 'too_deep', 101],
		['alternating and/or', `${'a&b|'.repeat(2_000)}a`, 'too_deep', 202],
		['a long list', `a ^ (${'b '.repeat(1_001)})`, 'list_too_long', 2_005],
		['a long list without a field', `^ ${'b '.repeat(1_001)}`, 'list_too_long', 2_002],
	])('%s', (_name, text, code, start) => {
		expect(parse(text)).toMatchObject({ ok: false, errors: [{ code, start }] })
	})

	test.each([
		['a hundred groups', `${'('.repeat(100)}a${')'.repeat(100)}`],
		['a long junction', `${'a&'.repeat(4_000)}a`],
		['a full list', `a ^ (${'b '.repeat(1_000)})`],
	])('%s can be read', (_name, text) => {
		const query = queryOf(text)
		expect(
			shape(
				queryOf(
					print(query)
						.slice(0, 8_192)
						.replace(/ and( a?(nd?)?)?$/, ''),
				),
			),
		).toMatchObject({ op: query.op })
	})
})
