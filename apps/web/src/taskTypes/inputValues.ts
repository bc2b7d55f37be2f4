import { type JsonEntry, type JsonNode, parseJson } from '../json/parse.ts'
import { printJson } from '../json/print.ts'
import type { Field } from './inputFields.ts'

export type Pair = readonly [key: string, value: string]

/** What stands in one field: numbers and JSON are kept as they were typed. null: a boolean that nobody has set. */
export type FieldValue = string | boolean | null | readonly string[] | readonly Pair[]

/** What stands in the form, by the path of the field. */
export type FormValues = Readonly<Record<string, FieldValue>>

export interface Fault {
	readonly path: string
	readonly message: string
}

/** Fields that hold a value of their own, groups opened. */
export function leavesOf(fields: readonly Field[]): readonly Exclude<Field, { kind: 'group' }>[] {
	return fields.flatMap((field) => (field.kind === 'group' ? leavesOf(field.fields) : [field]))
}

/** What a form begins with: the defaults. */
export function initialValues(fields: readonly Field[]): FormValues {
	const values: Record<string, FieldValue> = {}
	const fill = (inner: readonly Field[], around: JsonNode | null) => {
		for (const field of inner) {
			const given = around?.kind === 'object' ? (around.entries.find(({ key }) => key === field.key)?.node ?? null) : null
			const fallback = given ?? (field.fallback === null ? null : parseJson(field.fallback))
			if (field.kind === 'group') fill(field.fields, fallback)
			else values[field.path] = (fallback && valueOf(field, fallback)) ?? emptyOf(field)
		}
	}
	fill(fields, null)
	return values
}

function emptyOf(field: Field): FieldValue {
	switch (field.kind) {
		case 'boolean':
			return null
		case 'texts':
		case 'pairs':
			return []
		case 'text':
		case 'number':
		case 'choice':
		case 'json':
		case 'group':
			return ''
	}
}

/** The value of a node in a field, or undefined when the field cannot show it. */
function valueOf(field: Field, node: JsonNode): FieldValue | undefined {
	switch (field.kind) {
		case 'text':
			return node.kind === 'string' ? node.value : undefined
		case 'number':
			return node.kind === 'number' ? node.text : undefined
		case 'boolean':
			return node.kind === 'boolean' ? node.value : undefined
		case 'choice': {
			const json = printJson(node)
			return field.options.some((option) => option.json === json) ? json : undefined
		}
		case 'texts':
			if (node.kind !== 'array') return undefined
			return allOrNone(node.items.map((item) => (item.kind === 'string' ? item.value : undefined)))
		case 'pairs':
			if (node.kind !== 'object') return undefined
			return allOrNone(node.entries.map(({ key, node: value }) => (value.kind === 'string' ? ([key, value.value] as const) : undefined)))
		case 'json':
			return printJson(node)
		case 'group':
			return undefined
	}
}

function allOrNone<Item>(items: readonly (Item | undefined)[]): readonly Item[] | undefined {
	return items.every((item) => item !== undefined) ? items : undefined
}

/** What is wrong with the form as it stands; the server has the last word, with the same kind of list. */
export function checkValues(fields: readonly Field[], values: FormValues): readonly Fault[] {
	return fields.flatMap((field) => {
		if (field.kind === 'group') return isLeftOut(field, values) ? [] : checkValues(field.fields, values)
		const message = faultOf(field, values[field.path] ?? emptyOf(field))
		return message ? [{ path: field.path, message }] : []
	})
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

function faultOf(field: Exclude<Field, { kind: 'group' }>, value: FieldValue): string | null {
	if (value === '' || value === null) return field.required ? requiredMessage(field) : null
	switch (field.kind) {
		case 'number':
			return numberFault(field, String(value))
		case 'json':
			try {
				parseJson(String(value))
				return null
			} catch (error) {
				return `This is not JSON. ${(error as Error).message}`
			}
		case 'pairs': {
			const keys = (value as readonly Pair[]).map(([key]) => key)
			const repeated = keys.find((key, index) => keys.indexOf(key) !== index)
			if (keys.includes('')) return 'Give each entry a name, or remove it.'
			return repeated === undefined ? null : `“${repeated}” stands here twice: give each entry a name of its own.`
		}
		case 'text':
		case 'texts':
		case 'boolean':
		case 'choice':
			return null
	}
}

function requiredMessage(field: Field): string {
	return field.kind === 'choice' ? 'Select one: it is required.' : 'Fill this in: it is required.'
}

function numberFault({ isInteger, minimum, maximum }: Extract<Field, { kind: 'number' }>, text: string): string | null {
	if (!jsonNumber.test(text)) return `“${text}” is not a number. Write it like ${isInteger ? '4' : '0.5'}.`
	if (isInteger && !/^-?\d+$/.test(text)) return `“${text}” is not a whole number.`
	if (minimum !== null && Number(text) < minimum) return `${text} is too small: the least is ${minimum}.`
	if (maximum !== null && Number(text) > maximum) return `${text} is too large: the most is ${maximum}.`
	return null
}

/** The input as JSON text. Numbers stand in it as they were typed; what was left empty does not stand in it. */
export function inputText(fields: readonly Field[], values: FormValues): string {
	return printJson(objectOf(fields, values))
}

function objectOf(fields: readonly Field[], values: FormValues): JsonNode {
	const entries: JsonEntry[] = []
	for (const field of fields) {
		const node = nodeOf(field, values)
		if (node) entries.push({ key: field.key, node })
	}
	return { kind: 'object', entries }
}

function nodeOf(field: Field, values: FormValues): JsonNode | null {
	if (field.kind === 'group') return isLeftOut(field, values) ? null : objectOf(field.fields, values)
	const value = values[field.path] ?? emptyOf(field)
	switch (field.kind) {
		case 'text':
			return value === '' && !field.required && field.fallback === null ? null : stringNode(String(value))
		case 'number':
			return value === '' ? null : { kind: 'number', text: String(value) }
		case 'boolean':
			return typeof value === 'boolean' ? { kind: 'boolean', value } : null
		case 'choice':
		case 'json':
			return value === '' ? null : parseJson(String(value))
		case 'texts': {
			const items = value as readonly string[]
			return items.length === 0 && !field.required && field.fallback === null ? null : { kind: 'array', items: items.map(stringNode) }
		}
		case 'pairs': {
			const pairs = value as readonly Pair[]
			if (pairs.length === 0 && !field.required && field.fallback === null) return null
			return { kind: 'object', entries: pairs.map(([key, text]) => ({ key, node: stringNode(text) })) }
		}
	}
}

function stringNode(value: string): JsonNode {
	return { kind: 'string', value, text: JSON.stringify(value) }
}

/** An optional group in which nothing was filled in. */
function isLeftOut(group: Extract<Field, { kind: 'group' }>, values: FormValues): boolean {
	if (group.required || group.fallback !== null) return false
	const initial = initialValues(group.fields)
	return leavesOf(group.fields).every(
		({ path }) => values[path] === undefined || JSON.stringify(values[path]) === JSON.stringify(initial[path]),
	)
}

/** What JSON text looks like as a form, or the sentence why only JSON can show it. */
export function valuesOf(fields: readonly Field[], text: string): { readonly values: FormValues } | { readonly misfit: string } {
	let root: JsonNode
	try {
		root = parseJson(text)
	} catch (error) {
		return { misfit: `This is not JSON. ${(error as Error).message}` }
	}
	const values: Record<string, FieldValue> = {}
	const fill = (inner: readonly Field[], node: JsonNode, place: string): string | null => {
		if (node.kind !== 'object') return `${place} is not an object, so the form cannot show it.`
		const unknown = node.entries.find(({ key }) => !inner.some((field) => field.key === key))
		if (unknown) return `${place} has “${unknown.key}”, which has no field in the form.`
		for (const field of inner) {
			const own = node.entries.findLast(({ key }) => key === field.key)?.node
			if (field.kind === 'group') {
				const misfit = fill(field.fields, own ?? { kind: 'object', entries: [] }, field.path)
				if (misfit) return misfit
			} else {
				const value = own ? valueOf(field, own) : emptyOf(field)
				if (value === undefined) return `${field.path} has a value that the form cannot show.`
				values[field.path] = value
			}
		}
		return null
	}
	const misfit = fill(fields, root, 'The input')
	return misfit ? { misfit } : { values }
}

/** Faults by the field that shows them: the nearest one around the path. What belongs to no field is under ''. */
export function faultsByField(fields: readonly Field[], faults: readonly Fault[]): ReadonlyMap<string, readonly string[]> {
	const paths = leavesOf(fields).map(({ path }) => path)
	const byField = new Map<string, string[]>()
	for (const { path, message } of faults) {
		const home =
			paths.filter((candidate) => path === candidate || path.startsWith(`${candidate}/`)).sort((a, b) => b.length - a.length)[0] ?? ''
		const rest = home === '' ? path : path.slice(home.length)
		byField.set(home, [...(byField.get(home) ?? []), rest ? `${rest}: ${message}` : message])
	}
	return byField
}
