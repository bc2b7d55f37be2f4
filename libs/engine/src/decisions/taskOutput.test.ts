import { newTask } from '@taskyard/model/newTask'
import { defaultPolicies, type Plan } from '@taskyard/model/plan'
import { newStep } from '@taskyard/model/newStep'
import type { Step, Task } from '@taskyard/model/task'
import { describe, expect, it } from 'vitest'
import { fillIn, taskOutput } from './taskOutput.ts'

const planned = { action: 'A', name: 'a', input: null, weight: 1, policies: defaultPolicies }

function ended(steps: readonly Partial<Step>[], declared?: unknown, changes: Partial<Task> = {}): Task {
	const plan: Plan = {
		tree: { kind: 'sequence', nodes: steps.map((_, index) => ({ kind: 'step', index })) },
		steps: steps.map(() => planned),
		locks: [],
		...(declared === undefined ? {} : { output: declared }),
	}
	return {
		...newTask('', 'A'),
		state: 'stopped',
		result: 'success',
		revision: 1,
		startedAt: 1,
		endedAt: 2,
		ranFor: 1,
		progress: 1,
		planAttempt: 1,
		plan,
		steps: steps.map((step, index) => ({ ...newStep(index), ...step })),
		...changes,
	}
}

const part = (step: number, ...path: (string | number)[]) => ({ $output: { step, path } })
const success = (output: string | null): Partial<Step> => ({ state: 'success', output })

describe('the output of a task', () => {
	it.each<[string, Task, string | null]>([
		['is that of its last step', ended([success('1'), success('{"b":2,"a":12345678901234567890}')]), '{"b":2,"a":12345678901234567890}'],
		['is nothing where that was skipped', ended([success('1'), { state: 'skipped' }]), null],
		[
			'is what the plan declares',
			ended([success('{"files":["x"]}'), success('2')], { first: part(0, 'files', 0), n: part(1) }),
			'{"first":"x","n":2}',
		],
		[
			'has null for a step that was skipped',
			ended([success('1'), { state: 'skipped' }], { a: part(0), b: part(1, 'x') }),
			'{"a":1,"b":null}',
		],
		['has what a step left whose finalize was skipped', ended([{ state: 'skipped', output: '3' }], [part(0)]), '[3]'],
		['keeps integers that no number holds', ended([success('12345678901234567890')], { big: part(0) }), '{"big":12345678901234567890}'],
		['is nothing after an error', ended([success('1')], part(0), { result: 'error' }), null],
		['is nothing after a cancel', ended([success('1')], part(0), { result: 'cancelled' }), null],
		['is nothing yet where the task was unlocked', ended([success('1')], part(0), { result: 'warning', unlocked: true }), null],
		['is nothing without a plan', ended([], undefined, { plan: null }), null],
	])('%s', (_, task, expected) => {
		expect(taskOutput(task)).toBe(expected)
	})
})

it('an input that needs what was skipped is refused', () => {
	expect(() => fillIn({ a: part(1) }, ended([success('1'), { state: 'skipped' }]))).toThrow('step 1')
})
