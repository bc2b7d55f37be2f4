import { useDatabase } from '@taskyard/testkit/database'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type EngineUnderTest, engineUnderTest, sequence, sketch, step } from '../testing/engineUnderTest.ts'

const database = useDatabase()
let engine: EngineUnderTest

beforeAll(async () => {
	engine = await engineUnderTest({
		url: database.url,
		definitions: [
			sketch({
				label: 'Large',
				tree: () => sequence(step(0), step(1)),
				steps: ({ length }: { length: number }) => [{ run: () => 'x'.repeat(length) }, { run: () => 'next' }],
			}),
		],
	})
})
afterAll(() => engine?.stop())

it('an output that is too large fails its step by name, without another try', async () => {
	const task = await engine.reached(await engine.start('Large', { length: 16 * 1024 * 1024 }), 'paused')
	expect(task.steps[0]).toMatchObject({
		tries: 1,
		output: null,
		error: { code: 'output_too_large', message: expect.stringContaining('"step 0"') },
	})
	expect(task.steps[0]?.error?.message).toContain('16777218 characters')
})

it('one that is larger than a group of checkpoints is stored alone', async () => {
	const id = await engine.start('Large', { length: 3 * 1024 * 1024 })
	expect((await engine.reached(id, 'stopped')).result).toBe('success')
	const { rows } = await engine.pool.query('select length(output::text) as length from step where task_id = $1 and index = 0', [id])
	expect(rows).toEqual([{ length: 3 * 1024 * 1024 + 2 }])
})
