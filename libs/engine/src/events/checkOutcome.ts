/** Checks an output that a caller ends a step with against the schema of its action. */

import type { Fault } from '../commands/types.ts'
import { checkAgainst, type InputCheck } from '../taskTypes/checkInput.ts'

/** To compile a schema takes longer than to check by it, and one action ends many steps. */
const checks = new Map<string, InputCheck>()
const mostChecks = 100

/** None means that the value fits. */
export function outputFaults(schema: object, output: unknown): Fault[] {
	const text = JSON.stringify(schema)
	let check = checks.get(text)
	if (!check) {
		check = checkAgainst(schema)
		const [oldest] = checks.keys()
		if (checks.size >= mostChecks && oldest !== undefined) checks.delete(oldest)
		checks.set(text, check)
	}
	return check(output).map(({ path, message }) => ({ path, message: message.replace('of this task type', 'of the output') }))
}

const mostNamed = 20

export function outputMessage(step: string, faults: readonly Fault[]): string {
	const named = faults.slice(0, mostNamed).map(({ path, message }) => `${path || 'it'} ${message}`)
	const others = faults.length - named.length
	return `The output does not fit what "${step}" gives: ${named.join('; ')}${others > 0 ? `; and ${others} faults more` : ''}.`
}
