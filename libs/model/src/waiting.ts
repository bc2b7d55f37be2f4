/** What a task waits for, in words. */

import { duplicateType } from './duplicates.ts'
import type { WaitingFor } from './task.ts'

/** One sentence for people; who holds a lock and the place in the line are computed when read and stand beside it. */
export function waitingText(waiting: WaitingFor): string {
	const key = (name: string) => {
		const value = waiting.keys[name]
		return value === undefined ? null : String(value)
	}
	const of = (name: string, words: (value: string) => string, otherwise: string) => {
		const value = key(name)
		return value === null ? otherwise : words(value)
	}
	switch (waiting.kind) {
		case 'start_time':
			return of('at', (at) => `Waits for its start time, ${instant(at)}`, 'Waits for its start time')
		case 'dependency':
			return of('task', (task) => `Waits for task ${task} to stop`, 'Waits for other tasks to stop')
		case 'confirmation':
			return 'Waits for a person to confirm it'
		case 'frozen':
			return 'Is frozen: starts are held back'
		case 'worker':
			return `Waits for a worker${workerText(key)}`
		case 'capacity':
			return 'Waits for a worker with room for it'
		case 'lock': {
			if (key('type') === duplicateType)
				return of('id', (id) => `Waits for the task before it with the key ${id} to stop`, 'Waits for its turn')
			const resource = [key('type'), key('id')].filter((part) => part !== null).join(' ')
			return resource === '' ? 'Waits for a lock' : `Waits for the lock on ${resource}`
		}
		case 'back_off':
			return of('until', (until) => `Waits until ${instant(until)} for its next try`, 'Waits for its next try')
		case 'limit':
			return 'Waits: as many as allowed run already'
		case 'event':
			return of('event', (event) => `Waits for the event "${event}"`, 'Waits for an event')
		case 'timer':
			return of('until', (until) => `Sleeps until ${instant(until)}`, 'Sleeps until a set time')
		case 'sub_tasks':
			return 'Waits for its sub-tasks'
		case 'poll':
			return of('until', (until) => `Looks again at ${instant(until)}`, 'Waits for work that runs elsewhere')
	}
}

/** What the worker must have that is missing: the narrowest of what the keys name. */
function workerText(key: (name: string) => string | null): string {
	const [label, version, action, queue] = [key('label'), key('version'), key('action'), key('queue')]
	const where = queue === null || queue === 'default' ? '' : `, on queue "${queue}"`
	if (action !== null) return ` that knows the action ${action}${where}`
	if (label !== null) return ` that offers ${label}${version === null ? '' : ` in version ${version} or newer`}${where}`
	return queue === null ? '' : ` that takes queue "${queue}"`
}

/** Milliseconds since 1970 as a time in UTC; anything else as it stands. */
function instant(value: string): string {
	const milliseconds = Number(value)
	if (!Number.isFinite(milliseconds) || Math.abs(milliseconds) > 8.64e15) return value
	return new Date(milliseconds).toISOString().replace('T', ' ').replace(/\..*/, ' UTC')
}
