/** What an edge asks of the end of the awaited task, as SQL. A cancel is nobody's own end, and an unlock is no success. */

import { dependencyPolicyCode, reasonCode, taskResultCode } from './codes.ts'

/**
 * @param edge what stands for a row of `dependency`
 * @param task what stands for the row of a task that has stopped
 */
export function dependencyMet(edge: string, task: string): string {
	const results = (...words: Parameters<typeof taskResultCode.encode>[0][]) => words.map((word) => taskResultCode.encode(word)).join(', ')
	const freed = `(${task}.unlocked or ${task}.reason is not distinct from ${reasonCode.encode('force_unlocked')})`
	return `case ${edge}.policy
    when ${dependencyPolicyCode.encode('success')} then ${task}.result in (${results('success', 'warning')}) and not ${freed}
    when ${dependencyPolicyCode.encode('ended')} then ${task}.result in (${results('success', 'warning', 'error')}) and not ${freed}
    else true end`
}
