import { referencesIn, resolveReferences } from '@taskyard/model/references'
import { isPassed } from '@taskyard/model/startable'
import type { Task } from '@taskyard/model/task'
import { parseJson, stringifyJson } from '@taskyard/sdk/json'

/** JSON text of what a task leaves behind: what its plan declares, else the output of its last step; null for nothing. */
export function taskOutput(task: Task): string | null {
	const { plan } = task
	if (!plan || task.result === 'cancelled' || task.result === 'error') return null
	if (plan.output === undefined) return task.steps.at(-1)?.output ?? null
	return stringifyJson(fillIn(plan.output, task))
}

/** A value with the outputs that it refers to. Outputs are parsed only where something refers to them. */
export function fillIn(value: unknown, task: Task): unknown {
	const outputs = new Map<number, unknown>()
	for (const { step } of referencesIn(value)) {
		const found = task.steps[step]
		if (!found || outputs.has(step) || !isPassed(found.state) || found.state === 'skipped') continue
		outputs.set(step, found.output === null ? undefined : parseJson(found.output))
	}
	return resolveReferences(value, outputs)
}
