/** Kinds of columns that MikroORM does not bring: values of our tables as the rest of the code speaks of them. */

import { p, Type } from '@mikro-orm/core'
import { readInstant, writeInstant } from '../connection.ts'
import type { Code } from '../tasks/codes.ts'

/** `timestamptz` as milliseconds since 1970. */
class Instant extends Type<number, string> {
	override convertToDatabaseValue(value: number): string {
		return isNothing(value) ? value : writeInstant(value)
	}

	override convertToJSValue(value: string | number): number {
		return typeof value === 'string' ? readInstant(value) : value
	}

	override compareAsType(): string {
		return 'string'
	}

	override getColumnType(): string {
		return 'timestamptz'
	}
}

/** `json` as the text that was stored, byte for byte. */
class JsonText extends Type<string, string> {
	override compareAsType(): string {
		return 'string'
	}

	override getColumnType(): string {
		return 'json'
	}
}

/** A word of the model, stored as a small integer. */
class Word<W extends string> extends Type<W, number> {
	readonly code: Code<W>

	constructor(code: Code<W>) {
		super()
		this.code = code
	}

	override convertToDatabaseValue(value: W): number {
		return isNothing(value) ? value : this.code.encode(value)
	}

	override convertToJSValue(value: number): W {
		return isNothing(value) ? value : this.code.decode(value)
	}

	override compareAsType(): string {
		return 'number'
	}

	override getColumnType(): string {
		return 'smallint'
	}
}

export const instant = () => p.type(Instant)
export const jsonText = () => p.type(JsonText)
export const word = <W extends string>(code: Code<W>) => p.type(new Word(code))
/** `bigint` as a number: these count lines, places and rows, and stay far below 2^53. */
export const count = () => p.bigint('number')
/** Text that sorts and compares by code point. */
export const label = () => p.text().columnType('text').collation('C')

const isNothing = (value: unknown): value is never => value === null || value === undefined
