/** Which places of a step's output are sensitive: where its action says so, and where what becomes of them does. */

import { asReference } from '@taskyard/model/references'
import { hasMarks, type Place, placeIn, placeUnder } from '@taskyard/model/sensitive/marks'
import type { Plan } from '@taskyard/model/plan'
import type { TaskDefinition } from '@taskyard/sdk/definition'

type Places = ReadonlyMap<number, readonly Place[]>

const nowhere: readonly Place[] = []
const none: Places = new Map()
const known = new WeakMap<Plan, Places>()

/** A value that is taken into a sensitive field of a later step, or of the task's output, is sensitive where it is made. */
export function outputPlaces(plan: Plan, definition: TaskDefinition, step: number): readonly Place[] {
	let places = known.get(plan)
	if (!places) {
		places = collect(plan, definition)
		known.set(plan, places)
	}
	return places.get(step) ?? nowhere
}

function collect({ steps, output }: Plan, { data, actions }: TaskDefinition): Places {
	const ofTask = data.outputSchema && hasMarks(data.outputSchema) ? placeIn(data.outputSchema) : null
	const marks = steps.some(({ action }) => actions.get(action)?.sensitiveInput ?? actions.get(action)?.sensitiveOutput)
	if (!ofTask && !marks) return none
	const places = new Map<number, Place[]>()
	const add = (step: number, place: Place): void => {
		const others = places.get(step)
		if (others) others.push(place)
		else places.set(step, [place])
	}
	const addReferred = (value: unknown, place: Place | null, whole: Place | null): void => {
		if (typeof value !== 'object' || value === null || !(place ?? whole)) return
		// What is inside of a sensitive object is sensitive as well.
		const sensitive = whole ?? (place?.isSensitive ? place : null)
		const reference = asReference(value)
		if (reference) {
			const to = sensitive ?? place
			if (to) add(reference.step, placeUnder(reference.path, to))
		} else if (Array.isArray(value)) value.forEach((item, index) => addReferred(item, place?.below(index) ?? null, sensitive))
		else for (const [key, item] of Object.entries(value)) addReferred(item, place?.below(key) ?? null, sensitive)
	}
	for (const [index, { action, input }] of steps.entries()) {
		const { sensitiveInput, sensitiveOutput } = actions.get(action) ?? {}
		if (sensitiveOutput) add(index, placeIn(sensitiveOutput))
		if (sensitiveInput) addReferred(input, placeIn(sensitiveInput), null)
	}
	if (ofTask && output === undefined) add(steps.length - 1, ofTask)
	else if (ofTask) addReferred(output, ofTask, null)
	return places
}
