/** One-time tokens by which work elsewhere answers a step. Only their hashes are stored. */

import { createHash } from 'node:crypto'
import type { Queryable } from '../connection.ts'

export interface StoredCallback {
	readonly task: string
	readonly step: number
	readonly attempt: number
	/** Milliseconds since 1970; null for a token that has not been used. */
	readonly usedAt: number | null
	readonly expiresAt: number | null
	/** By the database's clock, now. */
	readonly expired: boolean
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

/** @param expires milliseconds; null for as long as the task has not stopped */
export async function insertCallback(
	client: Queryable,
	token: string,
	{ task, step, attempt }: { readonly task: string; readonly step: number; readonly attempt: number },
	expires: number | null,
): Promise<void> {
	await client.query({
		name: 'taskyard:insertCallback',
		text: `insert into callback (token_hash, task_id, step, attempt, expires_at)
values ($1, $2, $3, $4, clock_timestamp() + $5::float8 * interval '1 millisecond') on conflict do nothing`,
		values: [hashOf(token), task, step, attempt, expires],
	})
}

export async function findCallback(client: Queryable, token: string): Promise<StoredCallback | null> {
	const { rows } = await client.query<StoredCallback>({
		name: 'taskyard:findCallback',
		text: `select task_id as task, step, attempt, extract(epoch from used_at)::float8 * 1000 as "usedAt",
  extract(epoch from expires_at)::float8 * 1000 as "expiresAt", coalesce(expires_at <= clock_timestamp(), false) as expired
from callback where token_hash = $1`,
		values: [hashOf(token)],
	})
	return rows[0] ?? null
}

/** Answers false for a token that was used meanwhile. */
export async function useUpCallback(client: Queryable, token: string): Promise<boolean> {
	const { rowCount } = await client.query({
		name: 'taskyard:useUpCallback',
		text: 'update callback set used_at = clock_timestamp() where token_hash = $1 and used_at is null',
		values: [hashOf(token)],
	})
	return rowCount === 1
}
