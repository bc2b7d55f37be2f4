/** A plan as it is stored: what is sensitive in the inputs of its steps is sealed, and its words show •••. */

import type { LockClaim, Plan, PlanNode, ResourceKey } from '@taskyard/model/plan'
import { hasMarks, type Place, placeIn } from '@taskyard/model/sensitive/marks'
import type { Planned, TaskDefinition } from '@taskyard/sdk/definition'
import type { Confidant } from './confidant.ts'

const nowhere: readonly Place[] = []

/** @param confidant has opened the input that the plan was made of */
export function sealPlan(confidant: Confidant, definition: TaskDefinition, planned: Planned): Planned {
	const { data, actions } = definition
	const { plan } = planned
	if (planned.sensitive) confidant.keep(planned.sensitive)
	const ofTask = data.outputSchema && plan.output !== undefined && hasMarks(data.outputSchema)
	if (!confidant.secrets && !ofTask && !plan.steps.some(({ action }) => actions.get(action)?.sensitiveInput)) return planned
	const words = (text: string): string => confidant.redact(text)
	const resource = ({ type, id, title }: ResourceKey): ResourceKey => ({
		type: words(type),
		id: words(id),
		...(title !== undefined && { title: words(title) }),
	})
	const claim = (lock: LockClaim): LockClaim => ({ ...lock, resource: resource(lock.resource), name: words(lock.name) })
	const node = (one: PlanNode): PlanNode =>
		one.kind === 'step'
			? one
			: {
					...one,
					nodes: one.nodes.map(node),
					...(one.name !== undefined && { name: words(one.name) }),
					...(one.omitted !== undefined && { omitted: words(one.omitted) }),
				}
	const sealed: Plan = {
		...plan,
		tree: node(plan.tree),
		steps: plan.steps.map((step) => {
			const marks = actions.get(step.action)?.sensitiveInput
			return { ...step, name: words(step.name), input: confidant.sealValue(step.input, marks ? [placeIn(marks)] : nowhere) }
		}),
		...(plan.output !== undefined && {
			output: confidant.sealValue(plan.output, ofTask && data.outputSchema ? [placeIn(data.outputSchema)] : nowhere),
		}),
		locks: plan.locks.map(claim),
	}
	return {
		plan: sealed,
		...(planned.name !== undefined && { name: words(planned.name) }),
		...(planned.locks && { locks: planned.locks.map(claim) }),
		...(planned.links && { links: planned.links.map(resource) }),
	}
}
