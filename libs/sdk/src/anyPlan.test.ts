import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MemoryRun } from './memoryRun.ts'
import { runInMemory } from './runInMemory.ts'
import { anyTask, anyTree, expectRightEnd } from './testing/anyTask.ts'

/** Resumes as often as it pauses. */
async function toTheEnd(run: MemoryRun): Promise<MemoryRun> {
	let current = run
	for (let resumes = 0; current.state === 'paused'; resumes++) {
		expect(resumes, 'resumes that were needed').toBeLessThan(200)
		current = await current.resume()
	}
	return current
}

test('any plan comes to its end, each effect once and in its order', async () => {
	await fc.assert(
		fc.asyncProperty(anyTree, async (root) => {
			const task = anyTask(root)
			expectRightEnd(root, task, await toTheEnd(await runInMemory(task.type, {})))
		}),
		{ numRuns: 300 },
	)
})
