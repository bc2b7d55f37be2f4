import { useDatabase } from '@taskyard/testkit/database'
import { asEngine, insertStep, insertTask, insertUser } from '@taskyard/testkit/rows'
import { expect, it } from 'vitest'
import { readContent } from './readContent.ts'
import { readProgress } from './readProgress.ts'
import { liveProgress, readTaskRows } from './readTaskRows.ts'
import { reportProgress } from './reportProgress.ts'

const database = useDatabase()

it('shows what the current attempt reports, by its number: the clocks of processes differ', async () => {
	const { pool } = database
	const owner = await insertUser(pool)
	const id = await asEngine(pool, async (client) => {
		const task = await insertTask(client, { owner, state: 'running', plan: ['dump'] })
		await insertStep(client, task, 0, { state: 'running', attempt: 2 })
		// Begun by a process whose clock is ahead of the database's.
		await client.query(`update step set started_at = clock_timestamp() + interval '1 minute' where task_id = $1`, [task])
		return task
	})
	const shown = async () => {
		const [row] = await readTaskRows(pool, [id])
		const content = (await readContent(pool, [id], false)).get(id)
		const reports = (await readProgress(pool, [id])).get(id)
		return [row && liveProgress(row), content?.steps[0]?.reported?.fraction, reports?.[0]?.fraction]
	}
	const report = (attempt: number, fraction: number) => reportProgress(pool, [{ task: id, step: 0, attempt, fraction, detail: null }])

	await report(1, 0.75)
	expect(await shown()).toEqual([0, undefined, undefined])
	await report(2, 0.25)
	expect(await shown()).toEqual([0.25, 0.25, 0.25])
	await report(1, 0.75)
	expect(await shown()).toEqual([0.25, 0.25, 0.25])
})
