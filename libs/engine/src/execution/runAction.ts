/** Calls the author's code for one attempt: the run of a step, its finalize, or its revert. */

import type { Step, Task } from '@taskyard/model/task'
import type { ActionDefinition, StepContext, TaskDefinition } from '@taskyard/sdk/definition'
import { Failure } from '@taskyard/sdk/failure'
import { parseJson, stringifyJson } from '@taskyard/model/json'
import { fillIn } from '../decisions/taskOutput.ts'

/** Answers the JSON text of a run's output; what a finalize or a revert returns is nobody's. */
export async function runAction(task: Task, definition: TaskDefinition, step: Step, context: StepContext): Promise<string | null> {
	const planned = task.plan?.steps[step.index]
	const action = planned && definition.actions.get(planned.action)
	if (!action)
		throw new Error(`${task.label} has no action "${planned?.action}" in this worker; the plan was made by another version of the type.`)
	const input = fillIn(planned.input, task) as never
	if (step.state === 'running') {
		const output = await action.run(input, context)
		return output === undefined ? null : limited(stringifyJson(output, 'output'), planned.name)
	}
	const output = (step.output === null ? undefined : parseJson(step.output)) as never
	await afterwards(action, step)(input, output, context)
	return null
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
	throw new Error(
		`The action "${action.label}" has no ${name} in this worker; the plan was made by a version that has one. Bring it back, then resume.`,
	)
}
