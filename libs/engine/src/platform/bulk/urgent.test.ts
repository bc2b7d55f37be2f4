import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { expect, it } from 'vitest'
import { bulkUnderTest } from '../../testing/bulkUnderTest.ts'
import { sketch, step } from '../../testing/engineUnderTest.ts'

const database = useDatabase()

it('a bulk goes before tasks that have waited for an hour in their queue', async () => {
	const gate = Promise.withResolvers<void>()
	const { engine, begin, ended } = await bulkUnderTest(
		database.url,
		[
			sketch({ label: 'Holds', tree: () => step(0), steps: () => [{ run: () => gate.promise }] }),
			sketch({ label: 'Quick', tree: () => step(0), steps: () => [{ run: () => 'done' }] }),
		],
		{ concurrency: 1 },
	)
	try {
		const holder = await engine.start('Holds')
		await waitFor('the only place to be taken', async () => (await engine.load(holder)).task.steps[0]?.state === 'running')
		const waiting: string[] = []
		for (let count = 0; count < 50; count++) waiting.push(await engine.start('Quick'))
		await engine.pool.query(`update graphile_worker._private_jobs set run_at = run_at - interval '1 hour' where locked_at is null`)
		const bulk = await begin({ action: 'cancel', ids: waiting })
		gate.resolve()
		const { counts } = await ended(bulk)
		// What was fetched already may have run before.
		expect(counts.done).toBeGreaterThan(40)
	} finally {
		gate.resolve()
		await engine.stop()
	}
})
