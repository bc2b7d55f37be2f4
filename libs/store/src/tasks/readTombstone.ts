/** What stays of a deleted task. */

import type { TaskResult } from '@taskyard/model/states'
import type { Queryable } from '../connection.ts'
import { taskResultCode } from './codes.ts'

interface Person {
	readonly id: number
	readonly login: string
	readonly name: string
}

/** Times are milliseconds since 1970. */
export interface Tombstone {
	readonly id: string
	readonly label: string
	readonly name: string
	readonly owner: Person
	readonly result: TaskResult
	readonly endedAt: number
	readonly deletedAt: number
	/** Null when a rule of retention deleted it. */
	readonly deletedBy: Person | null
	readonly rule: string | null
}

interface Row {
	id: string
	label: string
	name: string
	owner_id: number
	owner_login: string | null
	owner_name: string | null
	result: number
	ended_at: number
	deleted_at: number
	deleted_by: number | null
	deleter_login: string | null
	deleter_name: string | null
	rule: string | null
}

const statement = `
select t.id, t.label, t.name, t.owner_id, o.login as owner_login, o.name as owner_name, t.result, t.ended_at, t.deleted_at, t.deleted_by,
  d.login as deleter_login, d.name as deleter_name, t.rule
from tombstone t left join "user" o on o.id = t.owner_id left join "user" d on d.id = t.deleted_by
where t.id = $1::uuid`

/** Null for a task that was not deleted, or never existed. */
export async function readTombstone(client: Queryable, task: string): Promise<Tombstone | null> {
	const { rows } = await client.query<Row>({ name: 'taskyard:readTombstone', text: statement, values: [task] })
	const [row] = rows
	if (!row) return null
	return {
		id: row.id,
		label: row.label,
		name: row.name,
		owner: personOf(row.owner_id, row.owner_login, row.owner_name),
		result: taskResultCode.decode(row.result),
		endedAt: row.ended_at,
		deletedAt: row.deleted_at,
		deletedBy: row.deleted_by === null ? null : personOf(row.deleted_by, row.deleter_login, row.deleter_name),
		rule: row.rule,
	}
}

function personOf(id: number, login: string | null, name: string | null): Person {
	return { id, login: login ?? `user ${id}`, name: name ?? login ?? `user ${id}` }
}
