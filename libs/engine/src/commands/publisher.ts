/** The commands of an engine as who starts the tasks that are called with arguments. */

import { stringifyJson } from '@taskyard/model/json'
import type { TaskPublisher } from '@taskyard/sdk/publishing'
import { commandRefused } from '@taskyard/sdk/taskFailures'
import type { Commands, StartTask } from './types.ts'

/** Who asks, and what the tasks are followed by. */
export type Publishing = Pick<StartTask, 'who' | 'correlationId'>

/** @example publishWith(commandsPublisher(commands, { who: owner, correlationId })) */
export function commandsPublisher(commands: Pick<Commands, 'startTask'>, asking: Publishing): TaskPublisher {
	return {
		async start(label, input, { startAt, startBefore, ...options } = {}) {
			const answer = await commands.startTask({
				...asking,
				...options,
				label,
				input: stringifyJson(input, 'input'),
				...(startAt && { startAt: startAt.getTime() }),
				...(startBefore && { startBefore: startBefore.getTime() }),
			})
			if (!('refusal' in answer)) return { id: answer.task.id, discarded: answer.discarded }
			const { code, message, faults } = answer.refusal
			throw commandRefused(code, `Task ${label} was not started: ${message}`, faults)
		},
	}
}
