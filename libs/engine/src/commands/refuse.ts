import type { CommandRefusal, Fault, Refused } from './types.ts'

/** Nothing changed, and why: the message says what to do instead. */
export function refuse(code: CommandRefusal, message: string, faults: readonly Fault[] = []): Refused {
	return { refusal: { code, message, faults } }
}

export function noSuchTask(id: string): Refused {
	return refuse('not_found', `There is no task ${id}.`)
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a text can be the id of a task at all: the database would call another one a fault of the statement. */
export const isTaskId = (id: string): boolean => uuid.test(id)
