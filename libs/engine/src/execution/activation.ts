/** What a child answers when it is asked to go on with a task: it takes part, or says why it cannot. */

import type { Fact, Taker } from '@taskyard/model/facts'
import type { Plan } from '@taskyard/model/plan'
import { mayBegin, nextSteps, ownSteps, stepsToCancel } from '@taskyard/model/startable'
import type { Task, WaitingFor } from '@taskyard/model/task'
import type { TaskDefinition } from '@taskyard/sdk/definition'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'

/** Null when there is nothing to say: another has it, it needs a person, or it stands in line. */
export function activationFact(loaded: LoadedTask, definition: TaskDefinition | undefined, taker: Taker, at: number): Fact | null {
	const { task } = loaded
	// Whoever makes room for it in its fan-out tells of it again.
	if (loaded.held) return null
	// Another program carries it out.
	if (task.recorded) return null
	if (taker.only !== undefined) return task.state === 'running' ? { kind: 'activated', ...taker, at } : null
	switch (task.state) {
		case 'scheduled':
			return { kind: 'due', at }
		case 'pending':
			if (!definition) return declined(loaded, {}, at)
			// Before there is a plan, the type's newest version is what the task was started for.
			if (definition.data.version < loaded.typeVersion) return declined(loaded, { version: loaded.typeVersion }, at)
			return { kind: 'claimed', ...taker, at }
		case 'planned':
			return definition || task.waitingFor?.kind === 'lock' ? null : declined(loaded, {}, at)
		case 'running':
			return definition ? runningFact(loaded, definition, taker, at) : declined(loaded, {}, at)
		case 'planning':
		case 'paused':
		case 'stopped':
			return null
	}
}

/** A plan outlives the code it was made by: a step whose action this child does not know waits for one that does. */
function runningFact(loaded: LoadedTask, definition: TaskDefinition, taker: Taker, at: number): Fact | null {
	const { task } = loaded
	const { plan } = task
	if (!plan || plan.steps.every(({ action }) => definition.actions.has(action))) return { kind: 'activated', ...taker, at }
	const begins = mayBegin(task, at) ? nextSteps(task) : stepsToCancel(task)
	if (begins.length === 0) return { kind: 'activated', ...taker, at }
	const next = begins.filter((index) => (task.steps[index]?.notBefore ?? 0) <= at)
	const known = next.filter((index) => knowsStep(definition, plan, index))
	const mine = known.find((index) => taker.own === true || plan.steps[index]?.policies.isolation === 'shared')
	if (mine !== undefined) return { kind: 'activated', ...taker, only: mine, at }
	const foreign = next.find((index) => !known.includes(index))
	// What is known here needs a child of its own, and is asked for.
	if (foreign === undefined || known.length > 0) return null
	return declined(loaded, { action: plan.steps[foreign]?.action ?? '' }, at)
}

export function knowsStep(definition: TaskDefinition, plan: Plan, index: number): boolean {
	return definition.actions.has(plan.steps[index]?.action ?? '')
}

function declined({ task, queue }: LoadedTask, more: WaitingFor['keys'], at: number): Fact {
	return { kind: 'declined', waitingFor: { kind: 'worker', keys: { label: task.label, ...more, queue } }, at }
}

/** Steps that can start now, that this code knows, and that a shared child may not run. */
export function stepsForOwnChildren(task: Task, definition: TaskDefinition, at: number): number[] {
	const { plan } = task
	if (!plan?.steps.some((step) => step.policies.isolation === 'own')) return []
	return ownSteps(task, at).filter((index) => knowsStep(definition, plan, index))
}
