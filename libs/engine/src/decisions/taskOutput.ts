import { referencesIn, resolvePresentReferences, resolveReferences } from '@taskyard/model/references'
import { isPassed } from '@taskyard/model/startable'
import type { Task } from '@taskyard/model/task'
import { parseJson, stringifyJson } from '@taskyard/model/json'

/**
 * JSON text of what a task leaves behind: what its plan declares, else the output of its last step; null for nothing.
 * Never throws, for the decision that ends the task is made already: what a skipped step would have given is null.
 */
export function taskOutput(task: Task): string | null {
	const { plan } = task
	if (!plan || task.unlocked || task.result === 'cancelled' || task.result === 'error') return null
	if (plan.output === undefined) return task.steps.at(-1)?.output ?? null
	return stringifyJson(resolvePresentReferences(plan.output, knownOutputs(plan.output, task)), 'output')
}

/**
 * A value with the outputs that it refers to.
 *
 * @throws MissingOutput when a step that is referred to has no output
 */
export function fillIn(value: unknown, task: Task): unknown {
	return resolveReferences(value, knownOutputs(value, task))
}

/** Outputs are parsed only where something refers to them. */
function knownOutputs(value: unknown, task: Task): Map<number, unknown> {
	const outputs = new Map<number, unknown>()
	for (const { step } of referencesIn(value)) {
		const found = task.steps[step]
		// Where only the finalize has failed, the run has left an output, and a revert may need it.
		if (!found || outputs.has(step) || !(isPassed(found.state) || found.error?.during === 'finalize')) continue
		// A skipped step has an output where only its finalize was skipped.
		if (found.state === 'skipped' && found.output === null) continue
		outputs.set(step, found.output === null ? undefined : parseJson(found.output))
	}
	return outputs
}
