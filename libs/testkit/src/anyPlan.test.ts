import { anyTask, anyTree, expectRightEnd } from '@taskyard/sdk/testing/anyTask'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type TestedRun, useTaskyard } from './taskyard.ts'

// Types are registered before the first test, so the plans are drawn before; the seed names them.
const seed = Number(process.env.TASKYARD_SEED ?? 7)
const tasks = fc.sample(anyTree, { numRuns: 20, seed }).map((root, index) => ({ root, task: anyTask(root, `Test::Any${index}`) }))

const taskyard = useTaskyard({ tasks: tasks.map(({ task }) => task.type) })

/** Resumes as often as it pauses. */
async function toTheEnd(run: TestedRun): Promise<TestedRun> {
	let current = run
	for (let resumes = 0; current.state === 'paused'; resumes++) {
		expect(resumes, 'resumes that were needed').toBeLessThan(200)
		current = await taskyard.resume(current.id)
	}
	return current
}

test(`the engine brings any plan to its end, each effect once and in its order (seed ${seed})`, async () => {
	await Promise.all(tasks.map(async ({ root, task }) => expectRightEnd(root, task, await toTheEnd(await taskyard.run(task.type, {})))))
})
