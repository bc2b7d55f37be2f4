/** The input of a task from the command line: JSON, a file, and `key=value` by the schema of the task type. */

import { CommandFailure } from '../commandFailure.ts'
import { parseExact } from './exactJson.ts'

/** What `-i` needs to know of JSON Schema. */
interface Schema {
	readonly type?: string | readonly string[]
	readonly enum?: readonly unknown[]
	readonly const?: unknown
	readonly properties?: Readonly<Record<string, Schema>>
	readonly additionalProperties?: Schema | boolean
	readonly items?: Schema | boolean
	readonly anyOf?: readonly Schema[]
	readonly oneOf?: readonly Schema[]
	readonly $ref?: string
}

export interface InputOptions {
	/** Of `--input`: JSON, `@file`, or `@-` for standard input. */
	readonly input?: string | undefined
	/** Of each `-i`: `key=value`. */
	readonly assignments: readonly string[]
}

export interface InputSources {
	/** Text of a file; of standard input for `-`. */
	read(path: string): Promise<string>
	/** JSON Schema of the task type's input; null when it is unknown. Asked for only when values need it. */
	schema(): Promise<string | null>
}

/**
 * The JSON text of the input. Without `-i` it is the text as it was given.
 * @throws CommandFailure
 */
export async function readTaskInput({ input, assignments }: InputOptions, sources: InputSources): Promise<string> {
	const { text, place } = await given(input, sources)
	let value: unknown
	try {
		value = parseExact(text)
	} catch (error) {
		throw new CommandFailure(
			`${place} is no JSON: ${(error as Error).message}. Expected an object such as '{"source":"/srv"}', or use -i source=/srv.`,
		)
	}
	if (assignments.length === 0) return text
	if (!isObject(value)) throw new CommandFailure(`${place} is no JSON object, so -i cannot add to it. Leave one of the two out.`)
	const schema = await sources.schema()
	return JSON.stringify(assign(value, assignments, schema === null ? null : (JSON.parse(schema) as Schema)))
}

async function given(input: string | undefined, sources: InputSources): Promise<{ text: string; place: string }> {
	if (input === undefined) return { text: '{}', place: 'the input' }
	if (!input.startsWith('@')) return { text: input, place: '--input' }
	const path = input.slice(1)
	const place = path === '-' ? 'standard input' : path
	try {
		return { text: await sources.read(path), place }
	} catch (error) {
		throw new CommandFailure(`--input ${input}: ${place} cannot be read: ${(error as Error).message}.`)
	}
}

/**
 * Adds `key=value` to an object. The schema says what the value is: a text stays as it is written, everything else is
 * JSON; of a list, each `key=value` is one item; `a.b=value` is the key b of the object a.
 */
function assign(base: Readonly<Record<string, unknown>>, assignments: readonly string[], schema: Schema | null): Record<string, unknown> {
	const result = { ...base }
	/** Lists that the command line has begun: further values are appended. */
	const begun = new Set<string>()
	for (const assignment of assignments) {
		const sign = assignment.indexOf('=')
		if (sign < 1) throw new CommandFailure(`-i ${assignment}: expected key=value, such as -i source=/srv.`)
		const key = assignment.slice(0, sign)
		const { parent, last, wanted } = place(result, key, schema)
		const value = readValue(key, assignment.slice(sign + 1), wanted, schema)
		const before = Object.hasOwn(parent, last) ? parent[last] : undefined
		put(
			parent,
			last,
			value.isItem && begun.has(key) && Array.isArray(before) ? [...before, value.value] : value.isItem ? [value.value] : value.value,
		)
		if (value.isItem) begun.add(key)
	}
	return result
}

/** Also where the key is `__proto__`. */
function put(object: Record<string, unknown>, key: string, value: unknown): void {
	Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

/** Where a key belongs: dots lead into objects, unless the type has a property of that whole name. */
function place(root: Record<string, unknown>, key: string, schema: Schema | null) {
	const whole = propertyOf(schema, key, schema)
	if (whole !== null || !key.includes('.')) return { parent: root, last: key, wanted: whole }
	let parent = root
	let wanted = schema
	const path = key.split('.')
	const last = path.pop() ?? key
	for (const name of path) {
		const inside = Object.hasOwn(parent, name) ? parent[name] : undefined
		const object = isObject(inside) ? { ...inside } : {}
		put(parent, name, object)
		parent = object
		wanted = propertyOf(wanted, name, schema)
	}
	return { parent, last, wanted: propertyOf(wanted, last, schema) }
}

/** The schema of a key of an object; null when nothing is said of it. */
function propertyOf(schema: Schema | null, key: string, root: Schema | null): Schema | null {
	if (schema === null) return null
	for (const { properties, additionalProperties } of formsOf(schema, root)) {
		const named = properties && Object.hasOwn(properties, key) ? properties[key] : undefined
		if (named !== undefined) return named
		if (typeof additionalProperties === 'object') return additionalProperties
	}
	return null
}

/** A schema and the alternatives in it, references followed. */
function formsOf(schema: Schema, root: Schema | null, seen: ReadonlySet<Schema> = new Set()): Schema[] {
	if (seen.has(schema)) return []
	const known = new Set([...seen, schema])
	const target = schema.$ref === undefined ? null : follow(schema.$ref, root)
	const inner = [...(target ? [target] : []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
	return [schema, ...inner.flatMap((one) => formsOf(one, root, known))]
}

function follow(reference: string, root: Schema | null): Schema | null {
	const path = reference.replace(/^#\/?/, '').split('/').filter(Boolean)
	let at: unknown = root
	for (const part of path) at = isObject(at) ? at[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
	return isObject(at) ? (at as Schema) : null
}

/** The types that a value may have; empty when anything goes. */
function typesOf(schema: Schema, root: Schema | null): Set<string> {
	return new Set(
		formsOf(schema, root).flatMap(({ type, enum: values, const: only }) => {
			if (type !== undefined) return typeof type === 'string' ? [type] : type
			return [...(values ?? []), ...(only === undefined ? [] : [only])].map((value) => (value === null ? 'null' : typeof value))
		}),
	)
}

interface Value {
	readonly value: unknown
	/** One of the items of a list. */
	readonly isItem: boolean
}

function readValue(key: string, text: string, schema: Schema | null, root: Schema | null): Value {
	const types = schema === null ? new Set<string>() : typesOf(schema, root)
	const json = jsonOf(text)
	const type = typeOf(json)
	if (types.has('array') && type !== 'array') {
		const items = schema === null ? undefined : formsOf(schema, root).find((form) => form.items !== undefined)?.items
		return { value: readValue(key, text, typeof items === 'object' ? items : null, root).value, isItem: true }
	}
	// A list or a null is meant as such where the type has both; any other text is a text.
	if (types.has('string') && !(types.has(type ?? '') && (type === 'null' || type === 'array'))) return { value: text, isItem: false }
	if (json !== undefined) return { value: json.value, isItem: false }
	if (types.size === 0) return { value: text, isItem: false }
	throw new CommandFailure(`-i ${key}=${text}: expected ${[...types].join(' or ')} as JSON, such as -i ${key}=${example(types)}.`)
}

function jsonOf(text: string): { readonly value: unknown } | undefined {
	try {
		return { value: parseExact(text) }
	} catch {
		return undefined
	}
}

function typeOf(json: { readonly value: unknown } | undefined): string | undefined {
	if (json === undefined) return undefined
	if (json.value === null) return 'null'
	return Array.isArray(json.value) ? 'array' : typeof json.value
}

function example(types: ReadonlySet<string>): string {
	if (types.has('boolean')) return 'true'
	if (types.has('integer') || types.has('number')) return '4'
	return types.has('object') ? `'{"name":"value"}'` : 'null'
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
}
