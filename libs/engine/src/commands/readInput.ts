/** What of an input and of a caller's id is wrong before the schema of a type is asked. */

import { parseJson } from '@taskyard/model/json'
import { sealedKey } from '@taskyard/model/sensitive/sealed'
import { idTime, isUuid7 } from '@taskyard/store/ids'
import type { Fault } from './types.ts'

/** Longest input in characters. */
const longestInput = 1024 * 1024
/** Deepest nesting of lists and objects: what reads it, here and in authors' code, calls itself for each level. */
const mostLevels = 200
/** Faults that a sentence names; all of them stand beside it. */
const mostNamed = 20
/** How far the time in a caller's id may be from now: the history of a task lies in the partition of its id's time. */
const day = 24 * 3600 * 1000

export function wrongId(id: string, now: number): string | null {
	if (!isUuid7(id)) return `"${id}" is no UUIDv7. Give one, or leave the id out and read it from the answer.`
	const distance = Math.abs(idTime(id) - now)
	if (distance > day)
		return `The id ${id} carries a time ${Math.round(distance / day)} days from now. Make it when the task is started, by a clock that is right.`
	return null
}

/**
 * @param quoted whether the answer may repeat a part of what is no JSON
 * @param sealed it comes from a stored task, and may hold what is sealed
 */
export function readInput(text: string, { quoted = true, sealed = false } = {}): { value: unknown } | { fault: Fault } {
	if (text.length > longestInput) {
		return {
			fault: {
				path: '',
				message: `it has ${text.length} characters, and ${longestInput} are the most. Put large data where the task can read it, and pass the place.`,
			},
		}
	}
	if (isDeeperThan(mostLevels, text)) {
		return { fault: { path: '', message: `its lists and objects are nested more than ${mostLevels} levels deep. Make it flatter.` } }
	}
	try {
		const value = parseJson(text)
		const fault = isUnusable(value, sealed) ? reservedOrNul(value, '', sealed) : null
		return fault ? { fault } : { value }
	} catch (error) {
		return { fault: { path: '', message: quoted ? `it is no JSON: ${(error as Error).message}` : 'it is no JSON.' } }
	}
}

/** Counts brackets outside of texts, without reading the JSON, which would take a call for each level. */
function isDeeperThan(most: number, text: string): boolean {
	let level = 0
	let inText = false
	for (let at = 0; at < text.length; at++) {
		const character = text[at]
		if (character === '"') inText = !inText
		else if (inText) at += character === '\\' ? 1 : 0
		else if (character === '[' || character === '{') level += 1
		else if (character === ']' || character === '}') level -= 1
		if (level > most) return true
	}
	return false
}

const hasNul = 'it contains the character NUL (U+0000), which cannot be stored. Remove it.'
const isReserved = `the name "${sealedKey}" stands for what is encrypted. Choose another one.`

/** Whether something in it cannot be stored. Every start comes by here, and few need the path of a fault. */
function isUnusable(value: unknown, sealed: boolean): boolean {
	if (typeof value === 'string') return value.includes('\0')
	if (value === null || typeof value !== 'object') return false
	for (const key of Object.keys(value)) {
		if (key.includes('\0') || (key === sealedKey && !sealed)) return true
		if (isUnusable((value as Record<string, unknown>)[key], sealed)) return true
	}
	return false
}

function reservedOrNul(value: unknown, path: string, sealed: boolean): Fault | null {
	if (typeof value === 'string') return value.includes('\0') ? { path, message: hasNul } : null
	if (value === null || typeof value !== 'object') return null
	for (const [key, part] of Object.entries(value)) {
		if (key.includes('\0')) return { path: `${path}/${key}`, message: hasNul }
		if (key === sealedKey && !sealed) return { path: `${path}/${key}`, message: isReserved }
		const found = reservedOrNul(part, `${path}/${key}`, sealed)
		if (found) return found
	}
	return null
}

export function inputMessage(label: string, faults: readonly Fault[]): string {
	const named = faults.slice(0, mostNamed).map((fault) => `${fault.path || 'it'} ${fault.message}`)
	const others = faults.length - named.length
	return `The input does not fit ${label}: ${named.join('; ')}${others > 0 ? `; and ${others} faults more` : ''}.`
}
