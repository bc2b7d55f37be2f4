/** What a schema says of the fields that a caller has left out. */

type Schema = { readonly [keyword: string]: unknown }

/**
 * An input with the defaults of its schema where it lacks a field, at any depth of objects. What no schema can say, such
 * as a transformation, is left to the author's code.
 *
 * @example withInputDefaults({ properties: { host: { default: 'localhost' } } }, {}) // { host: 'localhost' }
 */
export function withInputDefaults(schema: object, input: unknown): unknown {
	const { default: otherwise, properties } = schema as Schema
	const value = input === undefined ? otherwise : input
	if (!isObject(properties) || !isObject(value)) return value
	const completed: Record<string, unknown> = { ...value }
	for (const [name, property] of Object.entries(properties)) {
		if (!isObject(property)) continue
		const part = withInputDefaults(property, Object.hasOwn(value, name) ? value[name] : undefined)
		if (part !== undefined) Object.defineProperty(completed, name, { value: part, enumerable: true, configurable: true, writable: true })
	}
	return completed
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
}
