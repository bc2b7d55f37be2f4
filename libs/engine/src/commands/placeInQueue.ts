/** Which queue a new task waits in, and who goes before whom there. */

import { refuse } from './refuse.ts'
import type { Refused, StartTask } from './types.ts'
import type { TaskTypeData } from '@taskyard/sdk/definition'

export interface PlaceInQueue {
	readonly queue: string
	readonly priority: number
}

const ordinary = 'default'
const mostCharacters = 100

/** What the start says, else its type, else the parent. */
export function placeInQueue({ data, order }: { data: TaskTypeData; order: StartTask }): PlaceInQueue | Refused {
	const { queue: asked, priority: wanted, parent } = order
	if (wanted !== undefined && !(Number.isInteger(wanted) && wanted >= -10 && wanted <= 10))
		return refuse('invalid_priority', `The priority is ${wanted}; expected a whole number from -10 to 10, of which higher ones go first.`)
	if (asked !== undefined && (asked.trim() !== asked || asked === '' || asked.length > mostCharacters || /[\p{Cc}\p{Cs}]/u.test(asked)))
		return refuse(
			'invalid_queue',
			`"${asked}" cannot be the name of a queue: expected 1 to ${mostCharacters} characters, as workers name it.`,
		)
	const ofType = data.queue === ordinary ? undefined : data.queue
	return {
		queue: asked ?? ofType ?? parent?.queue ?? ordinary,
		priority: wanted ?? data.priority ?? parent?.priority ?? 0,
	}
}
