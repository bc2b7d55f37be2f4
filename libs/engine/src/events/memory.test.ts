import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { defineTask } from '@taskyard/sdk/defineTask'
import { suspend } from '@taskyard/sdk/suspend'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { type EngineUnderTest, engineUnderTest } from '../testing/engineUnderTest.ts'

const database = useDatabase()
let engine: EngineUnderTest

const type = defineTask({
	label: 'Memory::Wait',
	input: z.object({ text: z.string() }),
	run: ({ text }) => suspend({ state: text }),
})

beforeAll(async () => {
	engine = await engineUnderTest({ url: database.url, definitions: [type] })
})
afterAll(() => engine?.stop())

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Starts tasks, waits until as many as there are wait, and answers what this process holds then, in bytes. */
async function heldWith(more: number, all: number): Promise<number> {
	const text = 'x'.repeat(10_000)
	for (let started = 0; started < more; started += 100)
		await Promise.all(Array.from({ length: 100 }, () => engine.start('Memory::Wait', { text })))
	await waitFor(
		`${all} steps to wait`,
		async () => (await database.pool.query('select count(*)::int as count from step where state = 4')).rows[0]?.count === all,
		{ timeout: 50_000 },
	)
	await waitFor('the process to be idle', () => engine.executor.busy === 0)
	await engine.door.idle()
	collect()
	return process.memoryUsage().heapUsed
}

it('of a step that waits a process keeps nothing, however much is kept with it', async () => {
	const before = await heldWith(500, 500)
	const after = await heldWith(1_000, 1_500)
	// Its state alone has ten thousand characters.
	expect((after - before) / 1_000).toBeLessThan(1_000)
})
