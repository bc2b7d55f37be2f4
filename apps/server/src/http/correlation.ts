import { randomUUID } from 'node:crypto'

/** The header that follows a task from whoever asked for it. */
export const correlationHeader = 'x-correlation-id'

const usable = /^[\w.:/+=@-]{1,128}$/

/** The caller's id, when it can stand in a log as it is; else a new one. */
export function correlationOf(header: string | readonly string[] | undefined): string {
	return typeof header === 'string' && usable.test(header) ? header : randomUUID()
}
