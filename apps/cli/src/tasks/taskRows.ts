/** Tasks for people, one line each. */

import type { TaskLineFragment } from '../graphql/generated/graphql.ts'
import { durationText, momentText, percent, plainText } from '../terminal/text.ts'

export const rowTitles = ['ID', 'STATE', 'RESULT', 'DONE', 'STARTED', 'TOOK', 'TYPE', 'NAME']

/**
 * The cells of a task. A good end is promised by nobody: before the end the result is `?`, or the bad one that is certain.
 *
 * @param why what is wrong, where the row itself does not say it
 */
export function rowOf(task: TaskLineFragment, now: number, why: string | null = null): string[] {
	const { id, label, name, state, result, progress, startedAt, endedAt } = task
	const took = startedAt === null ? '-' : durationText((endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt))
	const note = why ?? noteOf(task)
	return [
		id,
		state,
		state === 'stopped' ? result : result === 'pending' || result === 'success' ? '?' : `?${result}`,
		percent(progress),
		startedAt === null ? '-' : momentText(Date.parse(startedAt)),
		took,
		plainText(label),
		plainText(note === null ? name : `${name} (${note})`),
	]
}

function noteOf({ state, result, reason, waitingFor, error, cancelPhase }: TaskLineFragment): string | null {
	const why = error?.message ?? reason?.replaceAll('_', ' ') ?? null
	if (state === 'stopped') return result === 'error' ? why : null
	if (cancelPhase !== 'none') return `cancel ${cancelPhase}`
	return state === 'paused' ? why : (waitingFor?.text ?? null)
}
