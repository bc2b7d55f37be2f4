/**
 * The fingerprint of an error: equal for what went wrong in the same way, whatever the names and numbers of the day.
 * It is made of the class, the message without what differs from time to time, and the place in the author's code.
 */

import type { StepError } from './task.ts'

/** Sixteen hexadecimal digits. They are stored: another normalisation gives old errors new neighbours. */
export function fingerprintOf(error: Pick<StepError, 'type' | 'message' | 'trace'>): string {
	return hash([error.type, normalMessage(error.message), authorFrame(error.trace) ?? ''].join('\n'))
}

/** In this order: what comes first may contain what comes later. */
const variable: readonly (readonly [RegExp, string])[] = [
	[/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>'],
	[/"[^"\n]*"|`[^`\n]*`|«[^»\n]*»|“[^”\n]*”|(?<![\p{L}\d])'[^'\n]*'(?![\p{L}\d])/gu, '<text>'],
	[/\b[a-z][a-z\d+.-]*:\/\/[^\s,;)\]}>]+/gi, '<url>'],
	[/(?<![\p{L}\d_<])(?:[a-z]:|\.{1,2}|~)?[\\/](?:[^\s:,;'"()[\]{}<>|]+)/giu, '<path>'],
	[/\b0x[0-9a-f]+\b|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, '<hex>'],
	[/[-+]?\d+(?:[.,:_]\d+)*(?:e[-+]?\d+)?/gi, '<number>'],
	[/\s+/g, ' '],
]

/** Longer messages carry data, and their beginning says what went wrong. */
const longestMessage = 2000

/** The message without numbers, ids, quoted texts and paths. */
export function normalMessage(message: string): string {
	return variable.reduce((text, [pattern, word]) => text.replace(pattern, word), message.slice(0, longestMessage)).trim()
}

/** Longer lines are data that a message has brought into the trace. */
const longestFrame = 1000

const foreign =
	/^node:|^internal\/|(?:^|[\\/])node_modules[\\/]|[\\/]@taskyard[\\/]|[\\/]libs[\\/][a-z]+[\\/](?:dist|src)[\\/]|^<anonymous>$|^native$|^evalmachine\./

/**
 * The topmost frame of a trace that is the author's own, as function and file: a line that moves is the same place, and
 * so is a file below another directory.
 */
export function authorFrame(trace: string | null): string | null {
	for (const line of trace?.split('\n') ?? []) {
		if (line.length > longestFrame) continue
		const frame = /^\s+at (?:async )?(?:(.+?) \()?(.+?)(?::\d+)?(?::\d+)?\)?$/.exec(line)
		if (!frame) continue
		const place = (frame[2] ?? '').replace(/^file:\/\//, '').replace(/[?#].*$/, '')
		if (foreign.test(place)) continue
		return `${frame[1] ?? ''} ${place.slice(Math.max(place.lastIndexOf('/'), place.lastIndexOf('\\')) + 1)}`.trim()
	}
	return null
}

/** FNV-1a of 64 bits over UTF-16 code units, in two halves: bigints would cost forty times as much. */
function hash(text: string): string {
	let high = 0xcbf29ce4
	let low = 0x84222325
	for (let at = 0; at < text.length; at++) {
		low = (low ^ text.charCodeAt(at)) >>> 0
		// Times the prime 2^40 + 0x1b3.
		const product = low * 0x1b3
		high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x1_0000_0000) + ((low << 8) >>> 0)) >>> 0
		low = product >>> 0
	}
	return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
}
