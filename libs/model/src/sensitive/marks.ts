/**
 * Which places of a JSON value its JSON Schema marks as sensitive, by the keyword `sensitive: true`.
 *
 * A value is never held against the choices of a schema: a place is sensitive when any choice says so. Too much is
 * sealed then rather than too little, and whoever opens it finds the same value.
 */

import { mask } from './sealed.ts'

export type Schema = { readonly [keyword: string]: unknown }

const single = ['items', 'additionalProperties', 'unevaluatedProperties', 'unevaluatedItems', 'contains', 'if', 'then', 'else']
const lists = ['prefixItems', 'allOf', 'anyOf', 'oneOf']
const maps = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']
/** Keywords whose schemas are about the same place. */
const alike = ['allOf', 'anyOf', 'oneOf']
const alikeSingle = ['if', 'then', 'else']

const known = new WeakMap<object, boolean>()

/** Whether a schema marks anything: most do not, and nothing is looked through for them. */
export function hasMarks(schema: object): boolean {
	let found = known.get(schema)
	if (found === undefined) {
		found = isMarked(schema as Schema) || subschemas(schema as Schema).some(hasMarks)
		known.set(schema, found)
	}
	return found
}

/** A place in a value, as a schema speaks of it. */
export interface Place {
	/** The value at this place is sensitive as a whole. */
	readonly isSensitive: boolean
	/** The place of a property, or of an item of a list; null where nothing is said of it. */
	below(key: string | number): Place | null
}

/** The place of the whole value that a schema describes. */
export function placeIn(schema: object): Place {
	return new Described(schema as Schema, [schema as Schema])
}

/** A place of which something is said only below a path. */
export function placeUnder([key, ...path]: readonly (string | number)[], place: Place): Place {
	if (key === undefined) return place
	return { isSensitive: false, below: (asked) => (String(asked) === String(key) ? placeUnder(path, place) : null) }
}

/** The schemas that speak of one place: each choice, and what is referred to. */
class Described implements Place {
	readonly #root: Schema
	readonly #schemas: readonly Schema[]
	readonly isSensitive: boolean

	constructor(root: Schema, schemas: readonly Schema[]) {
		this.#root = root
		this.#schemas = spread(schemas, root)
		this.isSensitive = this.#schemas.some(isMarked)
	}

	/** It, or something in it. */
	get holdsSensitive(): boolean {
		return this.#schemas.some(hasMarks)
	}

	below(key: string | number): Described | null {
		const found = this.#schemas.flatMap((schema) => (typeof key === 'number' ? itemOf(schema, key) : propertyOf(schema, key)))
		return found.length === 0 ? null : new Described(this.#root, found)
	}
}

/** Whether who reads the value at a path reads something sensitive: the schema marks the place, one around it, or one in it. */
export function revealsSensitive(schema: object, path: readonly (string | number)[]): boolean {
	if (!hasMarks(schema)) return false
	let place: Described | null = new Described(schema as Schema, [schema as Schema])
	for (const key of path) {
		if (!place || place.isSensitive) break
		// A template knows no numbers: `files.0` may mean either.
		place = place.below(key) ?? (/^\d+$/.test(String(key)) ? place.below(Number(key)) : null)
	}
	return place?.holdsSensitive ?? false
}

/** The value with •••, or what `replace` answers, at each sensitive place; the same value when there is none. */
export function replaceMarked(value: unknown, schema: object, replace: (part: unknown) => unknown = () => mask): unknown {
	return hasMarks(schema) ? replaceAt(value, placeIn(schema), replace) : value
}

function replaceAt(value: unknown, place: Place | null, replace: (part: unknown) => unknown): unknown {
	if (!place || value === undefined) return value
	if (place.isSensitive) return replace(value)
	if (typeof value !== 'object' || value === null) return value
	// What a transform has made, such as a Date, is no data of the schema any more.
	if (!Array.isArray(value) && ![Object.prototype, null].includes(Object.getPrototypeOf(value) as null)) return value
	if (Array.isArray(value)) return value.map((item, index) => replaceAt(item, place.below(index), replace))
	return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaceAt(part, place.below(key), replace)]))
}

/** What stands at the sensitive places of a value. */
export function markedParts(value: unknown, schema: object): unknown[] {
	const parts: unknown[] = []
	replaceMarked(value, schema, (part) => parts.push(part))
	return parts
}

function isMarked(schema: Schema): boolean {
	return schema['sensitive'] === true
}

/** The schemas with those they refer to and choose among. */
function spread(schemas: readonly Schema[], root: Schema): Schema[] {
	const all = new Set<Schema>(schemas)
	for (const schema of all) {
		const target = schema['$ref']
		if (typeof target === 'string') {
			const referred = referredTo(target, root)
			if (referred) all.add(referred)
		}
		for (const keyword of alike) for (const choice of listOf(schema[keyword])) all.add(choice)
		for (const keyword of alikeSingle) if (isSchema(schema[keyword])) all.add(schema[keyword])
	}
	return [...all]
}

function referredTo(target: string, root: Schema): Schema | null {
	if (!target.startsWith('#')) return null
	let found: unknown = root
	for (const word of target.slice(1).split('/').slice(1)) {
		const key = decodeURIComponent(word).replaceAll('~1', '/').replaceAll('~0', '~')
		found = typeof found === 'object' && found !== null ? (found as Schema)[key] : undefined
	}
	return isSchema(found) ? found : null
}

function propertyOf(schema: Schema, key: string): Schema[] {
	const named = schema['properties']
	const found: unknown[] = isSchema(named) && Object.hasOwn(named, key) ? [named[key]] : []
	const patterns = schema['patternProperties']
	if (isSchema(patterns)) for (const [pattern, one] of Object.entries(patterns)) if (new RegExp(pattern, 'u').test(key)) found.push(one)
	if (found.length === 0) found.push(schema['additionalProperties'], schema['unevaluatedProperties'])
	return found.filter(isSchema)
}

function itemOf(schema: Schema, index: number): Schema[] {
	const fixed = schema['prefixItems']
	const own = Array.isArray(fixed) ? (fixed[index] as unknown) : undefined
	return [own ?? schema['items'], schema['contains'], schema['unevaluatedItems']].filter(isSchema)
}

function subschemas(schema: Schema): Schema[] {
	return [
		...single.map((keyword) => schema[keyword]).filter(isSchema),
		...lists.flatMap((keyword) => listOf(schema[keyword])),
		...maps.flatMap((keyword) => (isSchema(schema[keyword]) ? Object.values(schema[keyword]).filter(isSchema) : [])),
	]
}

function listOf(value: unknown): Schema[] {
	return Array.isArray(value) ? value.filter(isSchema) : []
}

function isSchema(value: unknown): value is Schema {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
}
