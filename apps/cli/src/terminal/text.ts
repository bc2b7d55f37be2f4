import { stripVTControlCharacters } from 'node:util'

/** A text from elsewhere on one line, without what a terminal would obey. */
export function plainText(text: string): string {
	return stripVTControlCharacters(text)
		.replace(/\t/g, '    ')
		.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
		.trimEnd()
}

const segmenter = new Intl.Segmenter()
const wide =
	/[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

/** The characters that a person sees, each with the columns that it takes. */
const characters = (text: string) =>
	Array.from(segmenter.segment(text), ({ segment }) => ({ segment, columns: wide.test(segment) ? 2 : 1 }))

function columnsOf(text: string): number {
	return characters(text).reduce((sum, { columns }) => sum + columns, 0)
}

/** The text in so many columns at most. */
export function shorten(text: string, width: number): string {
	if (columnsOf(text) <= width) return text
	let kept = ''
	let used = 1
	for (const { segment, columns } of characters(text)) {
		used += columns
		if (used > width) break
		kept += segment
	}
	return `${kept}…`
}

/** Lines of columns, each as wide as its widest cell; the last one as it is. */
export function inColumns(rows: readonly (readonly string[])[]): string[] {
	const widths: number[] = []
	for (const row of rows) {
		for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, columnsOf(cell))
	}
	return rows.map((row) =>
		row
			.map((cell, column) => (column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - columnsOf(cell))))
			.join('  ')
			.trimEnd(),
	)
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** How long something took, in its two largest units: `0.4 s`, `42 s`, `12 m 09 s`, `4 h 02 m`, `3 d 4 h`. */
export function durationText(milliseconds: number): string {
	const span = Math.max(0, milliseconds)
	if (span < 10 * second) return `${(Math.floor(span / 100) / 10).toFixed(1)} s`
	if (span < minute) return `${Math.floor(span / second)} s`
	if (span < hour) return `${Math.floor(span / minute)} m ${twoDigits((span % minute) / second)} s`
	if (span < day) return `${Math.floor(span / hour)} h ${twoDigits((span % hour) / minute)} m`
	return `${Math.floor(span / day)} d ${Math.floor((span % day) / hour)} h`
}

const twoDigits = (value: number): string => String(Math.floor(value)).padStart(2, '0')

/** The time of day by this machine's zone: `10:02:09`. */
export function clockText(moment: number): string {
	return new Date(moment).toTimeString().slice(0, 8)
}

/** Day and time by this machine's zone, in an order that sorts: `2026-11-21 10:02:09`. */
export function momentText(moment: number): string {
	const at = new Date(moment)
	return `${at.getFullYear()}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())} ${clockText(moment)}`
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

function bytesText(bytes: number): string {
	let value = bytes
	let unit = 0
	while (value >= 999.5 && unit < units.length - 1) {
		value /= 1_000
		unit += 1
	}
	return `${value.toFixed(unit === 0 || value >= 99.95 ? 0 : 1)} ${units[unit]}`
}

/** How much of what is done: `12.4 MB of 417 MB`, `3 of 9 files`. */
export function amountText({
	done,
	total,
	unit,
}: {
	readonly done: number
	readonly total: number | null
	readonly unit: string | null
}): string {
	const inBytes = unit === 'bytes' || unit === 'B'
	const show = inBytes ? bytesText : String
	const amount = total === null ? show(done) : `${show(done)} of ${show(total)}`
	return inBytes || unit === null ? amount : `${amount} ${unit}`
}

/** A share as a bar of so many characters. */
export function bar(share: number, width: number): string {
	const filled = Math.round(Math.min(1, Math.max(0, share)) * width)
	return '█'.repeat(filled) + '░'.repeat(width - filled)
}

/** `45 %`; never 100 % of what is not whole. */
export function percent(share: number): string {
	return `${Math.floor(share * 100)} %`
}
