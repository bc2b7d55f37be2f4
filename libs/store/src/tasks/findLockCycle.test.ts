import type { LockClaim } from '@taskyard/model/plan'
import { asEngine } from '@taskyard/testkit/rows'
import { describe, expect, it } from 'vitest'
import { inTransaction } from '../connection.ts'
import { findLockCycle } from './findLockCycle.ts'
import { makeResources } from './resources.ts'
import { claim, useClaimants } from './testing/claimants.ts'

const claimants = useClaimants()
const { newTask, take, release, standing } = claimants

describe('a wait that would never end', () => {
	/** Two tasks that each hold a resource, each with a sub-task that wants the other's. */
	async function crossed() {
		const [parent1, parent2] = [await newTask('parent 1'), await newTask('parent 2')]
		const [child1, child2] = [await newTask('child 1', parent1), await newTask('child 2', parent2)]
		await take(parent1, claim('1'))
		await take(parent2, claim('2'))
		return { parent1, parent2, child1, child2 }
	}

	it('is refused, naming the cycle, and leaves no claim', async () => {
		const { parent1, parent2, child1, child2 } = await crossed()
		expect(await take(child1, claim('2'))).toMatchObject({ kind: 'queued' })
		const refused = await take(child2, claim('3'), claim('1'))
		expect(refused).toMatchObject({
			kind: 'refused',
			conflict: {
				reason: 'lock_conflict',
				details: {
					claims: [{ resource: { type: 'Test', id: '1' }, holders: [parent1] }],
					cycle: [
						{ task: child2, name: 'child 2', on: parent1, kind: 'lock' },
						{ task: parent1, name: 'parent 1', on: child1, kind: 'sub_task' },
						{ task: child1, name: 'child 1', on: parent2, kind: 'lock' },
						{ task: parent2, name: 'parent 2', on: child2, kind: 'sub_task' },
					],
				},
			},
		})
		expect(refused.kind === 'refused' && refused.conflict.message).toContain(
			`"parent 2" (${parent2}) waits for its sub-task "child 2" (${child2})`,
		)
		expect((await standing()).filter((one) => one.task === child2)).toEqual([])
	})

	it('is none when the sub-task in between has stopped', async () => {
		const { child1, child2 } = await crossed()
		await take(child1, claim('2'))
		await asEngine(claimants.pool, (client) => client.query('update task set state = 6 where id = $1', [child1]))
		expect(await take(child2, claim('1'))).toMatchObject({ kind: 'queued' })
	})

	it('is found through a task in line, and through a dependency of a sub-task', async () => {
		const [holder, waiter] = [await newTask('holder'), await newTask('waiter')]
		const dependent = await newTask('dependent', holder)
		await take(holder, claim('1'))
		await take(waiter, claim('1'), claim('2'))
		const last = await newTask('last')
		await claimants.pool.query('insert into dependency (task_id, on_task_id, policy) values ($1, $2, 0)', [dependent, last])
		await claimants.pool.query('update task set awaited = true where id = $1', [last])
		expect(await take(last, claim('2', 'shared'))).toMatchObject({
			conflict: {
				details: {
					cycle: [
						{ kind: 'lock' },
						{ task: waiter, on: holder, kind: 'lock' },
						{ on: dependent, kind: 'sub_task' },
						{ on: last, kind: 'dependency' },
					],
				},
			},
		})
	})

	it('is seen by one of two that form it at once on different resources', async () => {
		for (let round = 0; round < 20; round++) {
			const { parent1, parent2, child1, child2 } = await crossed()
			// Both stand in line, unseen by each other, before either looks.
			const inLine = Promise.withResolvers<void>()
			let here = 0
			const half = (task: string, wanted: LockClaim) =>
				inTransaction(claimants.pool, async (client) => {
					await client.query('select from task where id = $1 for update', [task])
					const ids = await makeResources(client, [wanted.resource])
					await client.query(
						`insert into lock (resource_id, task_id, name, mode, granted, ancestors) select $1, $2, '*', 0, false, array[parent_id] from task where id = $2`,
						[[...ids.values()][0], task],
					)
					here += 1
					if (here === 2) inLine.resolve()
					await inLine.promise
					return findLockCycle(client, task, [wanted])
				})
			const conflicts = await Promise.all([half(child1, claim('2')), half(child2, claim('1'))])
			expect(conflicts.filter((conflict) => conflict !== null)).toHaveLength(1)
			await release(parent1, parent2, child1, child2)
		}
	})

	it('can come later, by a dependency, and is found with the next look', async () => {
		const [holder, waiter] = [await newTask('holder'), await newTask('waiter')]
		await take(holder, claim('1'))
		expect(await take(waiter, claim('1'))).toMatchObject({ kind: 'queued' })
		const look = () => inTransaction(claimants.pool, (client) => findLockCycle(client, waiter, [claim('1')]))
		expect(await look()).toBeNull()
		const dependent = await newTask('dependent', holder)
		await claimants.pool.query('insert into dependency (task_id, on_task_id, policy) values ($1, $2, 0)', [dependent, waiter])
		await claimants.pool.query('update task set awaited = true where id = $1', [waiter])
		expect(await look()).toMatchObject({
			reason: 'lock_conflict',
			message: expect.stringContaining(`"dependent" (${dependent}) depends on "waiter"`),
		})
	})
})
