/** zod schemas as the data that a worker registers: JSON Schema 2020-12. */

import { z } from 'zod'
import { placeOf } from '@taskyard/model/json'

/** A definition that cannot be registered. The message names the definition, the place in it, and what to do. */
export class DefinitionError extends Error {
	override readonly name = 'DefinitionError'
}

export type JsonSchema = { readonly [keyword: string]: unknown }

/**
 * What a schema accepts (`input`: before defaults and transforms) or produces (`output`), as JSON Schema 2020-12.
 *
 * @param owner label of the definition, for messages
 * @throws DefinitionError when a part cannot be expressed, with its path
 */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output', owner: string): JsonSchema {
	return z.toJSONSchema(schema, {
		target: 'draft-2020-12',
		io,
		// What cannot be expressed comes as {}, and is refused here, where its path is known.
		unrepresentable: 'any',
		override: ({ zodSchema, jsonSchema, path }) => {
			const { def } = zodSchema._zod
			// Of what a pipe takes and what it gives, only one is written down; either may be marked.
			if (def.type === 'pipe') {
				const { in: taken, out: given } = def as z.core.$ZodPipeDef
				if ([taken, given].some((part) => z.globalRegistry.get(part)?.['sensitive'] === true)) jsonSchema['sensitive'] = true
			}
			if (jsonSchema['sensitive'] === true && path.at(-1) === 'propertyNames')
				throw new DefinitionError(
					`${owner}, ${placeOf(io, dataPath(path.slice(0, -1))).replaceAll('["*"]', '[*]')}: keys cannot be kept secret; mark the whole record as sensitive, or keep secrets in its values`,
				)
			// zod's own words, such as starts_with, stand beside a pattern that says the same; validators refuse unknown ones.
			if (jsonSchema.format !== undefined && !standardFormats.has(jsonSchema.format)) delete jsonSchema.format
			if (def.type === 'bigint' && (io === 'output' || ('coerce' in def && def.coerce === true))) {
				jsonSchema.type = 'integer'
				return
			}
			const advice = inexpressible(def, Object.keys(jsonSchema).length > 0)
			if (advice) throw new DefinitionError(`${owner}, ${placeOf(io, dataPath(path)).replaceAll('["*"]', '[*]')}: ${advice}`)
		},
	}) as JsonSchema
}

const standardFormats = new Set(
	'date-time date time duration email hostname ipv4 ipv6 uri uri-reference iri iri-reference uuid uri-template json-pointer regex'.split(
		' ',
	),
)

/** What cannot be expressed, by zod's word for it, and what to write instead. */
const inexpressibleTypes: Partial<Record<z.core.$ZodTypeDef['type'], string>> = {
	date: 'a date cannot be expressed in JSON Schema; use z.iso.datetime() and make the Date in your code',
	bigint: 'a bigint cannot be expressed in JSON Schema; use z.coerce.bigint(), which takes small numbers too',
	map: 'a Map cannot be expressed in JSON Schema; use z.record()',
	set: 'a Set cannot be expressed in JSON Schema; use z.array()',
	undefined: 'undefined cannot be expressed in JSON Schema; use .optional() or z.null()',
	void: 'undefined cannot be expressed in JSON Schema; use .optional() or z.null()',
	nan: 'NaN cannot be expressed in JSON Schema; use z.null()',
	symbol: 'a symbol cannot be expressed in JSON Schema; take data only',
	function: 'a function cannot be expressed in JSON Schema; take data only',
	promise: 'a promise cannot be expressed in JSON Schema; take data only',
	file: 'a file cannot be expressed in JSON Schema; take its path',
	transform: 'what a transform makes cannot be expressed in JSON Schema; end it with .pipe() and a schema of the result',
	custom: 'a custom check cannot be expressed in JSON Schema; use a schema with a .refine()',
}

/** Why a part has no JSON Schema; null when it has one. */
function inexpressible(def: z.core.$ZodTypeDef, hasKeywords: boolean): string | null {
	if (def.type === 'literal') {
		const { values } = def as z.core.$ZodLiteralDef<z.core.util.Literal>
		const odd = values.filter((value) => value === undefined || typeof value === 'bigint')
		return odd.length > 0 ? `the literal ${String(odd[0])} cannot be expressed in JSON Schema; use a text or a number` : null
	}
	// A custom check may bring its own keywords.
	if (def.type === 'custom' && hasKeywords) return null
	return inexpressibleTypes[def.type] ?? null
}

/** The place in the data that a place in its schema is about. */
function dataPath(path: readonly (string | number)[]): (string | number)[] {
	const places: (string | number)[] = []
	for (let at = 0; at < path.length; at++) {
		const keyword = path[at]
		if (keyword === 'properties') places.push(path[++at] ?? '')
		else if (keyword === 'prefixItems') places.push(Number(path[++at]))
		// All items of a list, and all other properties, share a schema.
		else if (keyword === 'items' || keyword === 'additionalProperties' || keyword === 'propertyNames') places.push('*')
		// The number of the choice says nothing about the data.
		else at++
	}
	return places
}

/** Whether the data of a schema has a field: always (required, or with a default), perhaps, or never. */
export function presenceOf(schema: JsonSchema, path: readonly string[], root: JsonSchema = schema): 'always' | 'perhaps' | 'never' {
	const [key, ...rest] = path
	if (key === undefined) return 'always'
	const target = referenced(schema, root)
	const choices = target['anyOf'] ?? target['oneOf']
	if (Array.isArray(choices)) {
		const found = new Set(choices.map((choice) => presenceOf(choice as JsonSchema, path, root)))
		if (found.size === 1) return [...found][0] ?? 'never'
		return 'perhaps'
	}
	if (Array.isArray(target['allOf'])) {
		const found = target['allOf'].map((part) => presenceOf(part as JsonSchema, path, root))
		return found.includes('always') ? 'always' : found.includes('perhaps') ? 'perhaps' : 'never'
	}
	const field = fieldOf(target, key)
	if (!field) return Object.keys(target).some((keyword) => keyword !== '$schema' && keyword !== 'description') ? 'never' : 'perhaps'
	const below = presenceOf(field.schema, rest, root)
	if (below === 'never') return 'never'
	return field.always && below === 'always' ? 'always' : 'perhaps'
}

function fieldOf(schema: JsonSchema, key: string): { schema: JsonSchema; always: boolean } | null {
	const properties = schema['properties'] as Record<string, JsonSchema> | undefined
	const property = properties && Object.hasOwn(properties, key) ? properties[key] : undefined
	if (property) {
		const required = Array.isArray(schema['required']) && schema['required'].includes(key)
		return { schema: property, always: required || 'default' in property }
	}
	if (/^\d+$/.test(key)) {
		const fixed = (schema['prefixItems'] as JsonSchema[] | undefined)?.[Number(key)]
		if (fixed) return { schema: fixed, always: true }
		if (typeof schema['items'] === 'object') return { schema: schema['items'] as JsonSchema, always: false }
	}
	const additional = schema['additionalProperties']
	if (typeof additional === 'object' && additional !== null) return { schema: additional as JsonSchema, always: false }
	if (additional === true) return { schema: {}, always: false }
	return null
}

function referenced(schema: JsonSchema, root: JsonSchema): JsonSchema {
	const target = schema['$ref']
	if (typeof target !== 'string') return schema
	if (target === '#') return root
	const name = /^#\/\$defs\/(.+)$/.exec(target)?.[1]
	const definitions = root['$defs'] as Record<string, JsonSchema> | undefined
	return (name && definitions?.[name]) || schema
}

/** Names of the fields on the top level, for messages. */
export function fieldNames(schema: JsonSchema): string[] {
	return Object.keys((schema['properties'] as object | undefined) ?? {})
}

/** A fault of a value, with its place: `input.files[3].size: expected number, received string`. */
export function faultsOf(error: z.ZodError, root: string): { readonly path: string; readonly message: string }[] {
	return error.issues.map(({ path, message }) => ({
		path: path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
		message: `${placeOf(root, path)}: ${message}`,
	}))
}
