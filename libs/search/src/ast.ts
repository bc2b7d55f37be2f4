/**
 * What a query means, as a tree. Every node knows the place it was written at.
 *
 * A `Query` is whole and may be executed. A `Draft` is what could be understood of a query with errors: it has holes where
 * something is missing, is meant for completion and underlining, and no executor takes it.
 */

import type { Comparator, ListOperator, NullTest, Span, Word } from './lex.ts'

/** Something was expected here. */
export interface Hole extends Span {
	readonly op: 'hole'
}

/** The empty query: everything. */
export interface All extends Span {
	readonly op: 'all'
}

/** Two or more arguments; an argument is never of the same kind as its parent. */
export interface Junction<Missing> extends Span {
	readonly op: 'and' | 'or'
	readonly args: readonly Condition<Missing>[]
}

export interface Negation<Missing> extends Span {
	readonly op: 'not'
	readonly arg: Condition<Missing>
}

/** A word without field or operator. */
export interface FreeWord extends Span {
	readonly op: 'any'
	readonly value: Word
}

export interface Comparison<Missing> extends Span {
	readonly op: Comparator
	/** null: no field was given, the default fields are meant. */
	readonly field: Word | null
	readonly operator: Span
	readonly value: Word | Missing
}

/** Comparison of a field with a list; a list without a field is a junction of comparisons. */
export interface Membership extends Span {
	readonly op: ListOperator
	readonly field: Word
	readonly operator: Span
	/** In the order they were written, duplicates kept; empty only in drafts. */
	readonly values: readonly Word[]
}

export interface Presence<Missing> extends Span {
	readonly op: NullTest
	readonly operator: Span
	readonly field: Word | Missing
}

export type Condition<Missing> =
	| Junction<Missing>
	| Negation<Missing>
	| FreeWord
	| Comparison<Missing>
	| Membership
	| Presence<Missing>
	| Missing

export type Query = All | Condition<never>
export type Draft = All | Condition<Hole>
