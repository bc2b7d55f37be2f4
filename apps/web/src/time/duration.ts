const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const fraction = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

/** How long something took, in its two largest units: `84 ms`, `2.4 s`, `42 s`, `12 m 09 s`, `4 h 02 m`, `3 d 4 h`. */
export function formatDuration(milliseconds: number): string {
	const span = Math.max(0, milliseconds)
	if (span < second) return `${Math.floor(span)} ms`
	if (span < 10 * second) return `${fraction.format(Math.floor(span / 100) / 10)} s`
	if (span < minute) return `${Math.floor(span / second)} s`
	if (span < hour) return `${Math.floor(span / minute)} m ${pad((span % hour) % minute, second)} s`
	if (span < day) return `${Math.floor(span / hour)} h ${pad(span % hour, minute)} m`
	return `${Math.floor(span / day)} d ${Math.floor((span % day) / hour)} h`
}

function pad(span: number, unit: number): string {
	return String(Math.floor(span / unit)).padStart(2, '0')
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'short' })

/** How far a moment is from now: `just now`, `42 sec. ago`, `in 3 hr.`, `2 days ago`. */
export function formatRelative(moment: number, now: number): string {
	const distance = moment - now
	const span = Math.abs(distance)
	if (span < 5 * second) return 'just now'
	const [unit, size] =
		span < minute
			? (['second', second] as const)
			: span < hour
				? (['minute', minute] as const)
				: span < day
					? (['hour', hour] as const)
					: (['day', day] as const)
	return relative.format(Math.trunc(distance / size), unit)
}

const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })
const clockTime = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

/** A moment in the viewer's zone, with the zone. */
export function formatAbsolute(moment: number): string {
	return absolute.format(moment)
}

/** The time of day in the viewer's zone. */
export function formatClockTime(moment: number): string {
	return clockTime.format(moment)
}
