import type { TaskResult } from '@taskyard/model/states'
import type { Queryable } from '../connection.ts'
import { taskResultCode } from './codes.ts'

/** What stays of a deleted task. Times are milliseconds since 1970. */
export interface Tombstone {
	readonly id: string
	readonly label: string
	readonly name: string
	/** Id of the user it belonged to. */
	readonly owner: number
	readonly result: TaskResult
	readonly endedAt: number
	readonly deletedAt: number
	/** Login of who deleted it; null when a rule did. */
	readonly deletedBy: string | null
	readonly rule: string | null
}

interface Row {
	id: string
	label: string
	name: string
	owner_id: number
	result: number
	ended_at: number
	deleted_at: number
	deleted_by: number | null
	login: string | null
	rule: string | null
}

/** Null when there is no such task, or it was not deleted. */
export async function readTombstone(client: Queryable, id: string): Promise<Tombstone | null> {
	const { rows } = await client.query<Row>({
		name: 'taskyard:readTombstone',
		text: `select b.id, b.label, b.name, b.owner_id, b.result, b.ended_at, b.deleted_at, b.deleted_by, u.login, b.rule
from tombstone b left join "user" u on u.id = b.deleted_by where b.id = $1`,
		values: [id],
	})
	const [row] = rows
	if (!row) return null
	return {
		id: row.id,
		label: row.label,
		name: row.name,
		owner: row.owner_id,
		result: taskResultCode.decode(row.result),
		endedAt: row.ended_at,
		deletedAt: row.deleted_at,
		deletedBy: row.login ?? (row.deleted_by === null ? null : `user ${row.deleted_by}`),
		rule: row.rule,
	}
}
