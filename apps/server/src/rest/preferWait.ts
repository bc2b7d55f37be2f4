import { longestWait } from '../tasks/longestWait.ts'

const preference = /(?:^|,)\s*wait\s*=\s*"?(\d{1,9})"?\s*(?=[,;]|$)/i

/** How long a caller prefers to wait for a task, in milliseconds, by RFC 7240: `Prefer: wait=30`; null when it does not say. */
export function preferredWait(header: string | readonly string[] | undefined): number | null {
	const [, seconds] = preference.exec(typeof header === 'string' ? header : (header ?? []).join(',')) ?? []
	return seconds === undefined ? null : Math.min(Number(seconds), longestWait) * 1000
}
