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

export function texts(values: readonly (string | null)[]): string {
	let text = '{'
	for (let i = 0; i < values.length; i++) {
		if (i > 0) text += ','
		const value = values[i]
		text += value === null || value === undefined ? 'NULL' : `"${value.replace(/["\\]/g, '\\$&')}"`
	}
	return `${text}}`
}
