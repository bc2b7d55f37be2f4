import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Query } from './ast.ts'
import { lex } from './lex.ts'
import { parse } from './parse.ts'
import { print } from './print.ts'

interface Vector {
	readonly id: string
	readonly query: string
	readonly tokens: readonly { readonly t: string; readonly v?: string }[]
	readonly ast?: unknown
	readonly error?: { readonly code: string; readonly pos: number; readonly end: number; readonly accept: readonly [number, number] }
}

const { vectors, count } = JSON.parse(readFileSync(new URL('../vectors/search-parse.json', import.meta.url), 'utf8')) as {
	vectors: Vector[]
	count: number
}

/** The neutral tree of the vectors: no positions, words as text. */
function neutral(query: Query): unknown {
	switch (query.op) {
		case 'all':
			return { op: 'all' }
		case 'and':
		case 'or':
			return { op: query.op, args: query.args.map(neutral) }
		case 'not':
			return { op: 'not', arg: neutral(query.arg) }
		case 'any':
			return { op: 'any', value: query.value.value }
		case 'null':
		case 'notnull':
			return { op: query.op, field: query.field.value }
		case 'in':
		case 'notin':
			return { op: query.op, field: query.field.value, values: query.values.map((word) => word.value) }
		case 'eq':
		case 'ne':
		case 'gt':
		case 'gte':
		case 'lt':
		case 'lte':
		case 'like':
		case 'unlike':
			return { op: query.op, field: query.field?.value ?? null, value: query.value.value }
	}
}

function tree(text: string): unknown {
	const parsed = parse(text)
	return parsed.ok ? neutral(parsed.query) : parsed.errors
}

test('all vectors are here', () => expect(vectors).toHaveLength(count))

describe('tokens', () => {
	test.each(vectors.map((vector) => [vector.id, vector.query, vector] as const))('%s %s', (_id, query, vector) => {
		expect(lex(query).map((token) => (token.type === 'word' ? { t: 'word', v: token.value } : { t: token.type }))).toEqual(vector.tokens)
	})
})

describe('tree', () => {
	test.each(vectors.filter(({ ast }) => ast !== undefined).map(({ id, query, ast }) => [id, query, ast] as const))(
		'%s %s',
		(_id, query, ast) => {
			expect(tree(query)).toEqual(ast)
			const parsed = parse(query)
			if (parsed.ok) expect(tree(print(parsed.query))).toEqual(ast)
		},
	)
})

describe('error', () => {
	test.each(vectors.flatMap(({ id, query, error }) => (error === undefined ? [] : [[id, query, error] as const])))(
		'%s %s',
		(_id, query, error) => {
			const parsed = parse(query)
			expect(parsed.ok ? neutral(parsed.query) : parsed.errors[0]).toMatchObject({ code: error.code, start: error.pos, end: error.end })
		},
	)
})
