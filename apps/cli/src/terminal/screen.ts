import { shorten } from './text.ts'

/** What of a stream is needed. */
export interface Output {
	write(text: string): unknown
	readonly isTTY?: boolean
	readonly columns?: number
}

/** Standard output and error, with one line at the bottom of a terminal that is drawn anew. */
export interface Screen {
	/** Whether a person sees the output while it is written. */
	readonly isTerminal: boolean
	readonly columns: number
	/** A line of the result. */
	line(text: string): void
	/** A line for people, on standard error. */
	note(text: string): void
	/** The line at the bottom; empty: none. Nothing where the output is no terminal. */
	live(text: string): void
}

const usualColumns = 80
const eraseLine = '\r\u001b[K'

export function openScreen(output: Output, errors: Output): Screen {
	const isTerminal = output.isTTY === true
	let shown = ''
	const above = (target: Output, text: string) => {
		if (shown !== '') output.write(eraseLine)
		target.write(`${text}\n`)
		if (shown !== '') output.write(shown)
	}
	return {
		isTerminal,
		get columns() {
			// A terminal that does not know its size says 0.
			return output.columns || usualColumns
		},
		line: (text) => above(output, text),
		note: (text) => above(errors, text),
		live(text) {
			if (!isTerminal) return
			// A line that fills the last column would wrap.
			const next = shorten(text, this.columns - 1)
			if (next === shown) return
			output.write(shown === '' ? next : eraseLine + next)
			shown = next
		},
	}
}
