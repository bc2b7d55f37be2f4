/**
 * How a sensitive value stands in stored JSON: encrypted, with the id of the key beside it, so that the text around it
 * stays readable to those who have no key.
 */

/** The key of the object that stands for a sensitive value: `{ "$sensitive": { "key": "2026", "text": "…" } }`. */
export const sealedKey = '$sensitive'

/** What is shown in place of a sensitive value. */
export const mask = '•••'

export interface Sealed {
	/** Id of the key that opens it. */
	readonly key: string
	/** Base64. */
	readonly text: string
	/** It stands for this part of what is sealed. */
	readonly path?: readonly (string | number)[]
}

/** The sealed value that a JSON value is, or null for any other value. */
export function asSealed(value: unknown): Sealed | null {
	if (!isObject(value) || !Object.hasOwn(value, sealedKey)) return null
	const sealed = value[sealedKey]
	if (Object.keys(value).length !== 1 || !isObject(sealed)) return null
	const { key, text, path } = sealed
	if (typeof key !== 'string' || typeof text !== 'string' || !(path === undefined || Array.isArray(path))) return null
	return sealed as unknown as Sealed
}

/** A part of a sealed value, which is known only to who can open it. */
export function sealedPart(sealed: Sealed, path: readonly (string | number)[]): { readonly [sealedKey]: Sealed } {
	return { [sealedKey]: { ...sealed, path: [...(sealed.path ?? []), ...path] } }
}

const marker = `"${sealedKey}"`

/** Whether a JSON text may hold sealed values. */
export function mayHoldSealed(json: string): boolean {
	return json.includes(marker)
}

/** As they are written: by us alone, so that no other text means the same. */
const sealedText = /\{"\$sensitive":\{"key":"[^"\\]*","text":"[\w+/=]*"(?:,"path":\[(?:[^"\]]|"(?:[^"\\]|\\.)*")*\])?\}\}/g

/** JSON text for people: `"•••"` in place of each sealed value. */
export function maskSealed(json: string): string
export function maskSealed(json: string | null): string | null
export function maskSealed(json: string | null): string | null {
	return json === null || !mayHoldSealed(json) ? json : json.replaceAll(sealedText, `"${mask}"`)
}

/**
 * The value with each sealed one replaced by what `open` answers; the same value when there is none. What `open` leaves
 * undefined is left out of its object.
 */
export function replaceSealed(value: unknown, open: (sealed: Sealed) => unknown): unknown {
	return holdsSealed(value) ? replaced(value, open) : value
}

/** Most values hold nothing, and each step's input comes by here: nothing is copied for them. */
function holdsSealed(value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return false
	if (Array.isArray(value)) return value.some(holdsSealed)
	if (asSealed(value)) return true
	for (const key of Object.keys(value)) if (holdsSealed((value as Record<string, unknown>)[key])) return true
	return false
}

function replaced(value: unknown, open: (sealed: Sealed) => unknown): unknown {
	if (typeof value !== 'object' || value === null) return value
	const sealed = asSealed(value)
	if (sealed) return open(sealed)
	if (Array.isArray(value)) return value.map((item) => replaced(item, open) ?? null)
	const entries = Object.entries(value).flatMap(([key, item]) => {
		const opened = replaced(item, open)
		return opened === undefined && item !== undefined ? [] : [[key, opened] as const]
	})
	return Object.fromEntries(entries)
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
}
