/**
 * Triggers of test databases: the state of a task and of a step is written by few statements, and tasks are made by few.
 * A statement says which it is with a comment; any other writer is refused.
 */

import type { Queryable } from '@taskyard/store/connection'

export const applyDecisionsMarker = '/* taskyard:applyDecisions */'
export const startTasksMarker = '/* taskyard:startTasks */'
/** A task that another program carries out runs from the start. */
const openRecordedMarker = '/* taskyard:openRecorded */'
/** Sub-tasks are a decision of their parent. */
const makeSubTasksMarker = '/* taskyard:makeSubTasks */'
/** Tasks that have not begun are cancelled by the thousand. */
const cancelWaitingMarker = '/* taskyard:cancelWaiting */'

const rules = [
	{ name: 'task_state_one_writer', event: 'update of state', table: 'task', markers: [applyDecisionsMarker, cancelWaitingMarker] },
	{ name: 'task_insert_one_writer', event: 'insert', table: 'task', markers: [startTasksMarker, openRecordedMarker, makeSubTasksMarker] },
	{ name: 'step_state_one_writer', event: 'insert or update of state', table: 'step', markers: [applyDecisionsMarker] },
] as const

export async function installOneWriterTriggers(database: Queryable): Promise<void> {
	await database.query(`
		create function test_one_writer() returns trigger language plpgsql as $$
		begin
			if not exists (select from unnest(tg_argv) as marker where position(marker in current_query()) > 0) then
				raise exception '% of % is refused: only a statement marked % may do it', lower(tg_op), tg_table_name, array_to_string(tg_argv, ' or ')
					using hint = 'Go through the engine. A test that needs rows uses the builders of the test kit.';
			end if;
			return null;
		end $$`)
	for (const { name, event, table, markers } of rules) {
		const list = markers.map((marker) => `'${marker}'`).join(', ')
		await database.query(`create trigger ${name} before ${event} on ${table} for each statement execute function test_one_writer(${list})`)
	}
}

/** Runs `work` in a transaction in which these triggers are silent. For builders only. */
export async function withoutOneWriterTriggers<T>(client: Queryable, work: () => Promise<T>): Promise<T> {
	await client.query('begin')
	try {
		await client.query('set local session_replication_role = replica')
		const result = await work()
		await client.query('commit')
		return result
	} catch (error) {
		await client.query('rollback')
		throw error
	}
}
