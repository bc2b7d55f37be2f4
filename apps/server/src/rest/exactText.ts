/**
 * JSON values that pass through as the text that they were: order of keys, big integers and decimals survive. What
 * comes in is cut out of the body, what goes out is put into the answer, and neither is parsed on the way.
 */

/** A part of an answer that is JSON text already. */
export class ExactText {
	readonly text: string

	constructor(text: string) {
		this.text = text
	}

	/** Null stays null. */
	static of(text: string): ExactText
	static of(text: string | null): ExactText | null
	static of(text: string | null): ExactText | null {
		return text === null ? null : new ExactText(text)
	}
}

/** Writes an answer. Properties that are undefined are left out. */
export function writeAnswer(value: unknown): string {
	if (value instanceof ExactText) return value.text
	if (Array.isArray(value)) return `[${value.map(writeAnswer).join(',')}]`
	if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
	const members = Object.entries(value).filter(([, part]) => part !== undefined)
	return `{${members.map(([key, part]) => `${JSON.stringify(key)}:${writeAnswer(part)}`).join(',')}}`
}

/**
 * The members of a JSON object, each as the text that was given; of one that is named twice the last, as everywhere.
 *
 * @param text what JSON.parse has read before, so that nothing is wrong with it
 */
export function memberTexts(text: string): ReadonlyMap<string, string> {
	const members = new Map<string, string>()
	let at = behindBlanks(text, 0)
	if (text[at] !== '{') return members
	at = behindBlanks(text, at + 1)
	while (at < text.length && text[at] !== '}') {
		const keyEnd = endOfText(text, at)
		const from = behindBlanks(text, behindBlanks(text, keyEnd) + 1)
		const to = endOfValue(text, from)
		members.set(JSON.parse(text.slice(at, keyEnd)) as string, text.slice(from, to))
		at = behindBlanks(text, to)
		if (text[at] === ',') at = behindBlanks(text, at + 1)
	}
	return members
}

function endOfValue(text: string, at: number): number {
	const first = text[at]
	if (first === '"') return endOfText(text, at)
	if (first === '{' || first === '[') return endOfNested(text, at)
	return indexOf(/[\s,\]}]/g, text, at)
}

/** Recursion would end with the stack where a text is nested deep. */
function endOfNested(text: string, from: number): number {
	let depth = 0
	let at = from
	do {
		at = indexOf(/["[\]{}]/g, text, at)
		const mark = text[at]
		if (mark === '"') at = endOfText(text, at)
		else {
			depth += mark === '{' || mark === '[' ? 1 : -1
			at++
		}
	} while (depth > 0 && at < text.length)
	return at
}

function endOfText(text: string, quote: number): number {
	let at = quote + 1
	for (;;) {
		at = indexOf(/["\\]/g, text, at)
		if (text[at] !== '\\') return at + 1
		at += 2
	}
}

const behindBlanks = (text: string, at: number): number => indexOf(/[^ \t\r\n]/g, text, at)

/** The end of the text where there is none. */
function indexOf(pattern: RegExp, text: string, at: number): number {
	pattern.lastIndex = at
	return pattern.exec(text)?.index ?? text.length
}
