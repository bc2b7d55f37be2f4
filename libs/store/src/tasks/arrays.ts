/** Array literals of PostgreSQL, built in one pass: the driver's own conversion walks every element as an unknown value. */

export function numbers(values: readonly (number | null)[]): string {
	let text = '{'
	for (let i = 0; i < values.length; i++) {
		if (i > 0) text += ','
		const value = values[i]
		text += value === null || value === undefined ? 'NULL' : value
	}
	return `${text}}`
}

export function booleans(values: readonly boolean[]): string {
	return `{${values.map((value) => (value ? 't' : 'f')).join(',')}}`
}

/** For values without a quote, comma or brace in them: ids. */
export function plain(values: readonly (string | null)[]): string {
	return `{${values.map((value) => value ?? 'NULL').join(',')}}`
}

/** What JSON.stringify would escape by other means than a backslash before the character itself. */
const escapedOtherwise = /[\u0000-\u001f\ud800-\udfff]/

/** Most texts are JSON, full of quotes, and JSON.stringify escapes those three times as fast as a replacement does. */
function quoted(value: string): string {
	return escapedOtherwise.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : JSON.stringify(value)
}

export function texts(values: readonly (string | null)[]): string {
	let text = '{'
	for (let i = 0; i < values.length; i++) {
		if (i > 0) text += ','
		const value = values[i]
		text += value === null || value === undefined ? 'NULL' : quoted(value)
	}
	return `${text}}`
}
