/**
 * The form model of a task type's input: JSON Schema in, fields out. What has no field of its own (unions, tuples,
 * recursion) becomes a field for JSON, so every schema can be filled in.
 */

interface FieldBase {
	/** Key in the object around it. */
	readonly key: string
	/** JSON pointer in the input, e.g. `/retry/attempts`: faults name it. */
	readonly path: string
	readonly label: string
	readonly description: string | null
	readonly required: boolean
	/** JSON text of the default; null when there is none. */
	readonly fallback: string | null
}

export type Field =
	| (FieldBase & {
			readonly kind: 'text'
			readonly isLong: boolean
			readonly isSecret: boolean
	  })
	| (FieldBase & { readonly kind: 'number'; readonly isInteger: boolean; readonly minimum: number | null; readonly maximum: number | null })
	| (FieldBase & { readonly kind: 'boolean' })
	/** `options` are JSON texts with what a person reads. */
	| (FieldBase & { readonly kind: 'choice'; readonly options: readonly { readonly json: string; readonly text: string }[] })
	/** A list of texts. */
	| (FieldBase & { readonly kind: 'texts' })
	/** An object of texts with free keys, e.g. an environment. */
	| (FieldBase & { readonly kind: 'pairs' })
	| (FieldBase & { readonly kind: 'group'; readonly fields: readonly Field[] })
	| (FieldBase & { readonly kind: 'json' })

/** The part of JSON Schema that fields are made of. */
interface Schema {
	readonly type?: string | readonly string[]
	readonly title?: string
	readonly description?: string
	readonly default?: unknown
	readonly enum?: readonly unknown[]
	readonly const?: unknown
	readonly properties?: Readonly<Record<string, Schema>>
	readonly required?: readonly string[]
	readonly items?: Schema | boolean
	readonly prefixItems?: readonly Schema[]
	readonly additionalProperties?: Schema | boolean
	readonly propertyNames?: Schema
	readonly anyOf?: readonly Schema[]
	readonly oneOf?: readonly Schema[]
	readonly allOf?: readonly Schema[]
	readonly $ref?: string
	readonly $defs?: Readonly<Record<string, Schema>>
	readonly maxLength?: number
	readonly minimum?: number
	readonly maximum?: number
	readonly exclusiveMinimum?: number
	readonly exclusiveMaximum?: number
	readonly writeOnly?: boolean
	readonly sensitive?: boolean
}

/** Above this many characters a text is given more than one line. */
const longText = 200
/** Schemas nest; forms that go deeper are better written as JSON. */
const deepest = 4

/** The fields of an input schema, or null when the input is not an object and only JSON will do. */
export function fieldsOf(schemaText: string): readonly Field[] | null {
	const root = JSON.parse(schemaText) as Schema
	const schema = resolve(root, root)
	return schema.type === 'object' && !isMap(schema) ? propertiesOf(schema, '', root, 0) : null
}

function propertiesOf(schema: Schema, path: string, root: Schema, depth: number): readonly Field[] {
	return Object.entries(schema.properties ?? {}).map(([key, property]) =>
		fieldOf(resolve(property, root), root, depth, {
			key,
			path: `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
			required: schema.required?.includes(key) ?? false,
		}),
	)
}

function fieldOf(schema: Schema, root: Schema, depth: number, place: Pick<FieldBase, 'key' | 'path' | 'required'>): Field {
	const base: FieldBase = {
		...place,
		// A key with a default may be left out, whatever the schema says of the complete input.
		required: place.required && schema.default === undefined,
		label: schema.title ?? labelOf(place.key),
		description: schema.description ?? null,
		fallback: schema.default === undefined ? null : JSON.stringify(schema.default),
	}
	const values = schema.enum ?? (schema.const === undefined ? null : [schema.const])
	if (values)
		return {
			...base,
			kind: 'choice',
			options: values.map((value) => ({ json: JSON.stringify(value), text: typeof value === 'string' ? value : JSON.stringify(value) })),
		}
	if (schema.anyOf || schema.oneOf || schema.allOf || schema.$ref) return { ...base, kind: 'json' }
	switch (schema.type ?? 'anything') {
		case 'string':
			return {
				...base,
				kind: 'text',
				isLong: (schema.maxLength ?? 0) > longText,
				isSecret: (schema.writeOnly ?? false) || (schema.sensitive ?? false),
			}
		case 'integer':
		case 'number':
			return {
				...base,
				kind: 'number',
				isInteger: schema.type === 'integer',
				minimum: limit(schema.minimum ?? beyond(schema.exclusiveMinimum, 1, schema)),
				maximum: limit(schema.maximum ?? beyond(schema.exclusiveMaximum, -1, schema)),
			}
		case 'boolean':
			return { ...base, kind: 'boolean' }
		case 'array': {
			const items = typeof schema.items === 'object' ? resolve(schema.items, root) : null
			return items?.type === 'string' && !items.enum && !schema.prefixItems ? { ...base, kind: 'texts' } : { ...base, kind: 'json' }
		}
		case 'object': {
			if (isMap(schema)) {
				const values = typeof schema.additionalProperties === 'object' ? resolve(schema.additionalProperties, root) : null
				return values?.type === 'string' && !values.enum ? { ...base, kind: 'pairs' } : { ...base, kind: 'json' }
			}
			return depth < deepest
				? { ...base, kind: 'group', fields: propertiesOf(schema, place.path, root, depth + 1) }
				: { ...base, kind: 'json' }
		}
		default:
			return { ...base, kind: 'json' }
	}
}

/** An object whose keys are free. */
function isMap({ properties, additionalProperties }: Schema): boolean {
	return !properties || (Object.keys(properties).length === 0 && typeof additionalProperties === 'object')
}

/** Follows a reference into the same document, and reads "this or null" as this. */
function resolve(schema: Schema, root: Schema, seen: readonly string[] = []): Schema {
	if (schema.$ref && !seen.includes(schema.$ref)) {
		const target = schema.$ref
			.replace(/^#\/?/, '')
			.split('/')
			.filter((part) => part !== '')
			.reduce<unknown>(
				(node, part) => (node as Record<string, unknown> | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')],
				root,
			)
		const { $ref, ...own } = schema
		if (typeof target === 'object' && target !== null && target !== root)
			return resolve({ ...(target as Schema), ...own }, root, [...seen, $ref])
		return schema
	}
	const alternatives = schema.anyOf ?? schema.oneOf
	const [only, ...others] = alternatives?.filter(({ type }) => type !== 'null') ?? []
	if (only && others.length === 0) {
		const { anyOf: _anyOf, oneOf: _oneOf, ...own } = schema
		return resolve({ ...only, ...own }, root, seen)
	}
	if (Array.isArray(schema.type)) {
		const types = schema.type.filter((type) => type !== 'null')
		return types.length === 1 && types[0] ? { ...schema, type: types[0] } : schema
	}
	return schema
}

/** The first whole number past an exclusive bound. Other numbers have none: the server checks those. */
function beyond(bound: number | undefined, step: 1 | -1, { type }: Schema): number | undefined {
	return bound !== undefined && type === 'integer' ? bound + step : undefined
}

/** The bounds of every safe integer say nothing to a person. */
function limit(bound: number | undefined): number | null {
	return bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? null : bound
}

/** `workingDirectory` → `Working directory`, `dry_run` → `Dry run`. */
function labelOf(key: string): string {
	const words = key
		.replace(/([a-z\d])([A-Z])/g, (_match, before: string, after: string) => `${before} ${after.toLowerCase()}`)
		.replace(/[_-]+/g, ' ')
	return words.charAt(0).toUpperCase() + words.slice(1)
}
