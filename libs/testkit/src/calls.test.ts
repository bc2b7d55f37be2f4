import { defineTask } from '@taskyard/sdk/defineTask'
import type { StepContext } from '@taskyard/sdk/definition'
import { publishWith } from '@taskyard/sdk/publishing'
import { BaseTask, Task, task } from '@taskyard/sdk/task'
import { createIdSource } from '@taskyard/store/ids'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { useTaskyard } from './taskyard.ts'

const add = task(async function add(a: number, b: number) {
	return a + b
})

class Sync extends BaseTask {
	async run(repository: string, { full = false }: { full?: boolean } = {}) {
		await this.context.log(`${full ? 'all of' : 'what is new in'} ${repository}`)
		return (await add.delay(1, 2)).uuid
	}
}
Task({ label: 'Repository::Sync', name: 'Sync of {args.0}', queue: ({ kwargs }) => (kwargs['full'] ? 'slow' : 'default') })(Sync)

const hold = task({ on_duplicate: 'discard', bind: true })(async function hold({ signal, log }: StepContext, name: string) {
	await log(name)
	await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
})

const book = defineTask({
	label: 'Stock::Book',
	input: z.object({ item: z.string() }),
	output: z.object({ left: z.number() }),
	async transaction(sql, { item }) {
		const { rows } = await sql.query<{ count: number }>('update stock set count = count - 1 where item = $1 returning count', [item])
		return { left: rows[0]?.count ?? -1 }
	},
})

const taskyard = useTaskyard({ tasks: [add, Sync, hold, book] })
beforeAll(() => publishWith(taskyard.publisher))
afterAll(() => publishWith(null))

async function row(id: string): Promise<unknown> {
	const { rows } = await taskyard.pool.query(
		`select t.label, t.name, t.state, t.queue, t.priority, t.parent_id, p.input::text as input from task t join task_payload p on p.task_id = t.id where t.id = $1`,
		[id],
	)
	return rows[0]
}

describe('tasks that are called with arguments', () => {
	test('are stored with the message, and run', async () => {
		const message = await add.delay(1, 2)
		expect(message).toEqual({ uuid: expect.any(String), task: 'add', args: [1, 2], kwargs: {}, queue: null, discarded: false })
		expect(await taskyard.reached(message.uuid, 'stopped')).toMatchObject({ result: 'success', output: 3 })
		expect(await row(message.uuid)).toMatchObject({ label: 'add', queue: 'default', input: '{"args":[1,2],"kwargs":{}}' })
	})

	test('are linked to the step that calls them', async () => {
		const { uuid } = await Sync.delay('epel')
		const run = await taskyard.reached(uuid, 'stopped')
		expect(run).toMatchObject({ result: 'success', log: [{ line: 'what is new in epel' }] })
		expect(await row(uuid)).toMatchObject({ name: 'Sync of epel', queue: 'default' })
		expect(await row(run.output as string)).toMatchObject({ label: 'add', parent_id: uuid })
	})

	test('go where the call says, with what it says', async () => {
		const ids = createIdSource()
		ids.calibrate(Date.now())
		const id = ids.next()
		const call = { args: ['epel'], kwargs: { full: true }, id, priority: 5, delay: 3_600 } as const
		expect(await Sync.submit(call)).toMatchObject({ uuid: id, queue: 'slow' })
		expect(await row(id)).toMatchObject({ state: 0, queue: 'slow', priority: 5 })
		const { rows } = await taskyard.pool.query(`select extract(epoch from start_at - created_at)::int as delay from task where id = $1`, [
			id,
		])
		expect(Math.abs(rows[0].delay - 3_600)).toBeLessThan(60)
		await taskyard.cancel(id)
	})

	test('are made once where duplicates are discarded', async () => {
		const first = await hold.delay('a')
		expect(await hold.delay('a')).toEqual({ ...first, discarded: true })
		const other = await hold.delay('b')
		expect(other).toMatchObject({ discarded: false })
		for (const { uuid } of [first, other]) await taskyard.cancel(uuid)
		const next = await hold.delay('a')
		expect(next.discarded).toBe(false)
		await taskyard.cancel(next.uuid)
	})

	test('are refused as any other, with the places', async () => {
		await expect(Sync.submit({ args: ['epel'], id: 'mine' })).rejects.toMatchObject({ code: 'invalid_id', retryable: false })
		await expect(taskyard.start(Sync, { args: 'epel' } as never)).rejects.toThrow('/args')
	})
})

test('a step with a transaction runs on the database of the test', async () => {
	await taskyard.pool.query(`create table stock (item text primary key, count int check (count >= 0))`)
	await taskyard.pool.query(`insert into stock values ('tea', 1)`)
	expect(await taskyard.run(book, { item: 'tea' })).toMatchObject({ result: 'success', output: { left: 0 } })
	const sold = await taskyard.run(book, { item: 'tea' })
	expect(sold).toMatchObject({ state: 'paused', steps: [{ error: { code: '23514' } }] })
	expect((await taskyard.pool.query('select count from stock')).rows).toEqual([{ count: 0 }])
})
