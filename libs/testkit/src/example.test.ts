import { defineTask } from '@taskyard/sdk/defineTask'
import { Failure } from '@taskyard/sdk/failure'
import { useTaskyard } from '@taskyard/testkit/taskyard'
import { expect, test } from 'vitest'
import { z } from 'zod'

let open = false
const unlock = defineTask({
	label: 'Door::Unlock',
	input: z.object({ door: z.string() }),
	output: z.object({ open: z.boolean() }),
	locks: [{ resource: { type: 'Door', id: '{door}' } }],
	run({ door }) {
		if (!open) throw new Failure(`The door ${door} is stuck: free it, then resume`, { code: 'stuck' })
		return { open }
	},
})

const taskyard = useTaskyard({ tasks: [unlock] })

test('a door that is stuck keeps its lock until somebody has freed it', async () => {
	const stuck = await taskyard.run(unlock, { door: 'cellar' })
	expect(stuck).toMatchObject({ state: 'paused', steps: [{ error: { code: 'stuck' } }] })
	const second = await taskyard.run(unlock, { door: 'cellar' })
	expect(second).toMatchObject({ state: 'paused', reason: 'lock_conflict' })

	open = true
	expect(await taskyard.resume(stuck.id)).toMatchObject({ result: 'warning', output: { open: true } })
	expect(await taskyard.resume(second.id)).toMatchObject({ result: 'warning' })
})
