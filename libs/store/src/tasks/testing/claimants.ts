/** For tests of locks: tasks that claim and end as the engine lets them, on a test database. */

import type { StandingClaim } from '@taskyard/model/locks'
import type { LockClaim } from '@taskyard/model/plan'
import type { LockMode } from '@taskyard/model/states'
import { useDatabase } from '@taskyard/testkit/database'
import { asEngine, insertTask, insertUser } from '@taskyard/testkit/rows'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { inTransaction, openPool, type Pool } from '../../connection.ts'
import { enginePlanner } from '../applyDecisions.ts'
import { lockModeCode } from '../codes.ts'
import { releaseAndGrant } from '../releaseLocks.ts'
import { makeResources } from '../resources.ts'
import { takeLocks, type TakenLocks } from '../takeLocks.ts'

export const claim = (id: string, mode: LockMode = 'exclusive', onConflict: 'fail' | 'wait' = 'wait', name = '*'): LockClaim => ({
	resource: { type: 'Test', id },
	name,
	mode,
	onConflict,
})

export interface Claimants {
	readonly pool: Pool
	newTask(name: string, parent?: string): Promise<string>
	/** Claims as the engine does: task row, resources, claims. */
	take(task: string, ...claims: LockClaim[]): Promise<TakenLocks>
	/** Ends tasks, as far as their locks go, and answers who was granted theirs. */
	release(...tasks: string[]): Promise<string[]>
	/** All claims, in the order of their places. */
	standing(): Promise<StandingClaim[]>
}

/** A database with no claims before each test. */
export function useClaimants(): Claimants {
	const database = useDatabase()
	let pool: Pool
	let owner = 0
	beforeAll(async () => {
		pool = openPool(database.url, { max: 4, applicationName: 'taskyard claimants', session: enginePlanner })
		owner = await insertUser(pool)
	})
	afterAll(() => pool.end())
	beforeEach(() => pool.query('truncate lock'))
	return {
		get pool() {
			return pool
		},
		async newTask(name, parent) {
			const id = await asEngine(pool, (client) => insertTask(client, { owner, name, state: 'planned' }))
			if (parent) await pool.query('update task set parent_id = $2 where id = $1', [id, parent])
			return id
		},
		take(task, ...claims) {
			return inTransaction(pool, async (client) => {
				await client.query('select from task where id = $1 for update', [task])
				const ids = await makeResources(
					client,
					claims.map((one) => one.resource),
				)
				return takeLocks(client, task, claims, ids)
			})
		},
		async release(...tasks) {
			const granted = await inTransaction(pool, (client) => releaseAndGrant(client, tasks))
			return granted.map((one) => one.task)
		},
		async standing() {
			const { rows } = await pool.query<Omit<StandingClaim, 'mode'> & { mode: number }>(
				'select task_id as task, resource_id::text as resource, name, mode, place, granted, ancestors::text[] from lock order by place',
			)
			return rows.map((row) => ({ ...row, mode: lockModeCode.decode(row.mode) }))
		},
	}
}
