/** Writes a query as text, in one form however it was typed. Law: parse(print(query)) is the same tree. */

import type { Query } from './ast.ts'
import { isBare, type Operator, type Word } from './lex.ts'

const symbols: Readonly<Record<Exclude<Operator, 'and' | 'or' | 'not'>, string>> = {
	eq: '=',
	ne: '!=',
	gt: '>',
	gte: '>=',
	lt: '<',
	lte: '<=',
	like: '~',
	unlike: '!~',
	in: '^',
	notin: '!^',
	null: 'null?',
	notnull: 'has',
}

/**
 * Writes a query as text. Groups always have their parentheses, so nobody has to know how `and` and `or` nest.
 *
 * @example print(query) // a query typed as `state=paused&result=error|"x"` prints as `state = paused and (result = error or x)`
 */
export function print(query: Query): string {
	switch (query.op) {
		case 'all':
			return ''
		case 'and':
		case 'or':
			return query.args.map(printOperand).join(` ${query.op} `)
		case 'not':
			return `not ${printOperand(query.arg)}`
		case 'any':
			return printWord(query.value)
		case 'null':
		case 'notnull':
			return `${symbols[query.op]} ${printWord(query.field)}`
		case 'in':
		case 'notin':
			return `${printWord(query.field)} ${symbols[query.op]} (${query.values.map(printWord).join(', ')})`
		case 'eq':
		case 'ne':
		case 'gt':
		case 'gte':
		case 'lt':
		case 'lte':
		case 'like':
		case 'unlike':
			return `${query.field === null ? '' : `${printWord(query.field)} `}${symbols[query.op]} ${printWord(query.value)}`
	}
}

function printOperand(query: Query): string {
	return query.op === 'and' || query.op === 'or' ? `(${print(query)})` : print(query)
}

/** A word as it has to be typed, in quotes only where it would mean something else without them. */
export function printWord({ value }: Pick<Word, 'value'>): string {
	return isBare(value) ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`
}
