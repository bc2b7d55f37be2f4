/** Words to the small integers that stand for them in the tables, and back. */

import { hasAttempt } from '@taskyard/model/startable'
import {
	attemptKinds,
	attemptOutcomes,
	cancelPhases,
	dependencyPolicies,
	lockModes,
	logStreams,
	reasons,
	stepStates,
	taskResults,
	taskStates,
	timerKinds,
} from '@taskyard/model/states'
import { eventKinds } from '@taskyard/model/task'

/** The two directions of one list of words. */
export interface Code<Word extends string> {
	encode(word: Word): number
	decode(code: number): Word
}

export function codeOf<Word extends string>(words: readonly Word[], what: string): Code<Word> {
	const numbers = new Map(words.map((word, index) => [word, index]))
	return {
		encode(word) {
			const code = numbers.get(word)
			if (code === undefined) throw new Error(`"${word}" is no ${what}; known are ${words.join(', ')}`)
			return code
		},
		decode(code) {
			const word = words[code]
			if (word === undefined) throw new Error(`${code} stands for no ${what}: the database was written by a newer version of Taskyard`)
			return word
		},
	}
}

export const taskStateCode = codeOf(taskStates, 'task state')
export const taskResultCode = codeOf(taskResults, 'task result')
export const reasonCode = codeOf(reasons, 'reason')
export const cancelPhaseCode = codeOf(cancelPhases, 'cancel phase')
export const stepStateCode = codeOf(stepStates, 'step state')
export const attemptKindCode = codeOf(attemptKinds, 'kind of attempt')
export const attemptOutcomeCode = codeOf(attemptOutcomes, 'outcome of an attempt')
export const eventKindCode = codeOf(eventKinds, 'kind of event')
export const timerKindCode = codeOf(timerKinds, 'kind of timer')
export const dependencyPolicyCode = codeOf(dependencyPolicies, 'policy of a dependency')
export const eventOutcomeCode = codeOf(['output', 'error'] as const, 'outcome of an event')
export const lockModeCode = codeOf(lockModes, 'lock mode')
export const logStreamCode = codeOf(logStreams, 'log stream')

/** The states of a step whose current attempt runs in a child, as a list of SQL. */
export const attemptStates = stepStates.filter(hasAttempt).map(stepStateCode.encode).join(', ')

/** Bits of `change.kinds`: what of a task a group has changed. */
export const changeKinds = { task: 1, step: 2, lock: 4, log: 8 } as const

/** Number of the planning attempt's "step" in tables whose key needs one. */
export const planningStep = -1
