/** Calls the author's code for one attempt: the run of a step, its poll, its cancel, its finalize, or its revert. */

import type { Step, Task } from '@taskyard/model/task'
import type { ActionDefinition, StepContext, TaskDefinition } from '@taskyard/sdk/definition'
import { Failure } from '@taskyard/sdk/failure'
import { isSuspended } from '@taskyard/sdk/suspend'
import { parseJson, stringifyJson } from '@taskyard/model/json'
import { markedParts } from '@taskyard/model/sensitive/marks'
import { fillIn } from '../decisions/taskOutput.ts'
import type { Confidant } from '../sensitive/confidant.ts'
import { outputPlaces } from '../sensitive/outputPlaces.ts'
import { unsealedText } from '../sensitive/sealOutcome.ts'
import type { Outcome } from './outcome.ts'
import { suspensionOf } from '@taskyard/sdk/suspensionOf'
import type { StepTransaction } from './transaction.ts'

/** Answers what the step leaves, or waits for; what a cancel, a finalize or a revert returns is nobody's. */
export async function runAction(
	task: Task,
	definition: TaskDefinition,
	step: Step,
	context: StepContext,
	transaction: StepTransaction | null,
	confidant: Confidant,
): Promise<Outcome> {
	const planned = task.plan?.steps[step.index]
	const action = planned && definition.actions.get(planned.action)
	if (!action)
		throw new Error(`${task.label} has no action "${planned?.action}" in this worker; the plan was made by another version of the type.`)
	const input = confidant.open(fillIn(planned.input, task)) as never
	if (action.sensitiveInput) confidant.keep(markedParts(input, action.sensitiveInput))
	if (step.state === 'running') {
		if (task.plan && outputPlaces(task.plan, definition, step.index).length > 0) confidant.needKey()
		const left = transaction
			? await Promise.race([action.transaction?.(transaction.sql, input, context), transaction.over])
			: await calledFor(action, step, confidant)(input, context)
		if (step.suspension?.wake === 'cancel') return { output: null }
		if (isSuspended(left)) return { suspended: suspensionOf(left, step, action) }
		return {
			output:
				left === undefined ? null : unsealedText(limited(stringifyJson(left, 'output'), planned.name), `The output of "${planned.name}"`),
		}
	}
	const output = (step.output === null ? undefined : confidant.openText(step.output)) as never
	await afterwards(action, step)(input, output, context)
	return { output: null }
}

/** A step that was suspended is polled, told to end, or run again, by what has woken it. */
function calledFor(action: ActionDefinition, { suspension }: Step, confidant: Confidant): (input: never, context: StepContext) => unknown {
	const wake = suspension?.wake
	if (wake === 'joined') return joinedFor(action, suspension?.state ?? null)
	if (wake !== 'poll' && wake !== 'cancel') return action.run.bind(action)
	const code = action[wake]
	if (!code) throw missing(action, wake)
	const state = (suspension?.state == null ? null : confidant.openText(suspension.state)) as never
	return (input, context) => code.call(action, input, state, context)
}

/** The output is made of what the sub-tasks have come to. */
function joinedFor(action: ActionDefinition, counts: string | null): (input: never, context: StepContext) => unknown {
	const { joined } = action
	if (!joined) throw missing(action, 'joined')
	return (input, context) => joined.call(action, input, (counts === null ? null : parseJson(counts)) as never, context)
}

function missing({ label }: ActionDefinition, name: string): Error {
	return new Error(
		`The action "${label}" has no ${name} in this worker; the plan was made by a version that has one. Bring it back, then resume.`,
	)
}

/** Whether an attempt of the step runs in a transaction. */
export function hasTransaction({ plan }: Task, definition: TaskDefinition, { index, state, suspension }: Step): boolean {
	if (suspension?.wake === 'poll' || suspension?.wake === 'cancel') return false
	const label = plan?.steps[index]?.action
	return state === 'running' && label !== undefined && definition.actions.get(label)?.transaction !== undefined
}

/** Longest output of a step in characters: it is read with its task, by each step that refers to it. */
const longestOutput = 16 * 1024 * 1024

function limited(text: string, step: string): string {
	if (text.length <= longestOutput) return text
	throw new Failure(
		`The output of "${step}" has ${text.length} characters, and ${longestOutput} are the most. Put large data where the next step can read it, and return the place.`,
		{ code: 'output_too_large', retryable: false },
	)
}

function afterwards(action: ActionDefinition, { state }: Step): NonNullable<ActionDefinition['finalize']> {
	const name = state === 'finalizing' ? 'finalize' : 'revert'
	const code = action[name]
	if (code) return code.bind(action)
	throw missing(action, name)
}
