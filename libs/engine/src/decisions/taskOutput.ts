import { resolveReferences } from '@taskyard/model/references'
import type { Task } from '@taskyard/model/task'
import { parseJson, stringifyJson } from '@taskyard/sdk/json'

/** JSON text of what a task leaves behind: what its plan declares, else the output of its last step; null for nothing. */
export function taskOutput(task: Task): string | null {
	const { plan } = task
	if (!plan || task.result === 'cancelled') return null
	if (plan.output === undefined) return task.steps.at(-1)?.output ?? null
	return stringifyJson(resolveReferences(plan.output, outputsOf(task)))
}

/** Outputs of the steps as values, parsed when asked for: most steps refer to none or one. */
export function outputsOf(task: Task): (step: number) => unknown {
	return (step) => {
		const text = task.steps[step]?.output
		return text === null || text === undefined ? undefined : parseJson(text)
	}
}
