/** Lengths of time as they are typed: `90s`, `1h30m`, `2d`. */

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800, y: 31_536_000 }
// What is longer is a slip of the keyboard, and would lead beyond the dates that there are.
const longest = 100 * 31_536_000
const written = ['d', 'h', 'm', 's'] as const

/** Seconds, or null when the text is no duration or one of more than 100 years. A bare number counts in the given unit; blanks are ignored, as is case. */
export function parseDuration(text: string, unit: 's' | 'm'): number | null {
	const compact = text.replaceAll(/\s+/g, '').toLowerCase()
	if (/^\d+$/.test(compact)) return limited(Number(compact) * (unit === 'm' ? 60 : 1))
	if (!/^(\d+[smhdwy])+$/.test(compact)) return null
	let sum = 0
	for (const [, count, letter] of compact.matchAll(/(\d+)([smhdwy])/g)) sum += Number(count) * (seconds[letter ?? ''] ?? 0)
	return limited(sum)
}

/** Writes seconds with the units that they need. Law: parseDuration(printDuration(n)) = n. */
export function printDuration(length: number): string {
	let rest = length
	let text = ''
	for (const unit of written) {
		const size = seconds[unit] ?? 1
		if (rest >= size) text += `${Math.floor(rest / size)}${unit}`
		rest %= size
	}
	return text === '' ? '0' : text
}

function limited(length: number): number | null {
	return length <= longest ? length : null
}
