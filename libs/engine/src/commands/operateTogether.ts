/**
 * One command for many tasks, in the caller's transaction: their rows are locked in ascending id, each is decided, and
 * all decisions are written as one group. What else the caller stores there holds exactly when they do.
 */

import { availableStepActions } from '@taskyard/model/available'
import { decide } from '@taskyard/model/decide'
import type { Fact } from '@taskyard/model/facts'
import { isReverting } from '@taskyard/model/startable'
import type { Queryable } from '@taskyard/store/connection'
import { type LoadedTask, loadTasks } from '@taskyard/store/tasks/loadTasks'
import { type Decided, decided, writeDecisions } from '../decisions/writeDecisions.ts'
import { capital, refusalOf } from './operate.ts'
import { noSuchTask, refuse } from './refuse.ts'
import type { CommandAnswer, CommandRefusal, Refused } from './types.ts'

interface Asked {
	readonly who: number
	readonly why: string | null
	readonly at: number
}

/** Resumes those that are paused. One that was unlocked takes its locks again, for itself: of it nothing is answered. */
export function resumeTogether(client: Queryable, ids: readonly string[], asked: Asked): Promise<Map<string, CommandAnswer>> {
	return operateTogether(client, ids, (loaded) => {
		if (loaded.task.state === 'stopped' && loaded.task.unlocked) return null
		return refusalOf(loaded, true, 'resume') ?? { kind: 'resume_asked', ...asked }
	})
}

/** Skips all steps that are in error of each task. */
export function skipTogether(client: Queryable, ids: readonly string[], asked: Asked): Promise<Map<string, CommandAnswer>> {
	return operateTogether(client, ids, ({ task }) => {
		const failed = task.steps.filter((step) => step.state === 'error')
		const [first, ...others] = failed
		const subject = { state: 'error', cancelAsked: false, action: '', cancellable: true, reverting: isReverting(task) } as const
		const skip = availableStepActions(task, subject).find(({ name }) => name === 'skip')
		if (skip && !skip.allowed) return refuse(skip.code as CommandRefusal, skip.reason ?? '')
		if (!first) return refuse('not_in_error', 'No step of the task is in error. Only a step in error can be skipped.')
		return { kind: 'skip_step_asked', step: first.index, also: others.map((step) => step.index), ...asked }
	})
}

/** @param order what a task is told, why it is not, or null for one that is to be left alone */
async function operateTogether(
	client: Queryable,
	ids: readonly string[],
	order: (loaded: LoadedTask) => Fact | Refused | null,
): Promise<Map<string, CommandAnswer>> {
	const tasks = await loadTasks(client, ids, true)
	const answers = new Map<string, CommandAnswer>()
	const writes: Decided[] = []
	for (const id of new Set(ids)) {
		const loaded = tasks.get(id)
		const fact = loaded ? order(loaded) : noSuchTask(id)
		if (!fact || !loaded || 'refusal' in fact) {
			if (fact && 'refusal' in fact) answers.set(id, fact)
			continue
		}
		const decision = decide(loaded.task, fact)
		if (decision.kind === 'refused') answers.set(id, refuse(decision.code as CommandRefusal, `${capital(decision.because)}.`))
		else answers.set(id, { task: { id } })
		if (decision.kind === 'changed') writes.push(decided(loaded, decision))
	}
	if (writes.length > 0) await writeDecisions(client, writes)
	return answers
}
