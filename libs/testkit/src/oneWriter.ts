/**
 * Triggers of test databases: the state of a task and of a step is written by one statement, and tasks are made by one.
 * A statement says which it is with a comment; any other writer is refused.
 */

import type { Queryable } from '@taskyard/store/connection'

export const applyDecisionsMarker = '/* taskyard:applyDecisions */'
export const startTasksMarker = '/* taskyard:startTasks */'

const rules = [
	{ name: 'task_state_one_writer', event: 'update of state', table: 'task', marker: applyDecisionsMarker },
	{ name: 'task_insert_one_writer', event: 'insert', table: 'task', marker: startTasksMarker },
	{ name: 'step_state_one_writer', event: 'insert or update of state', table: 'step', marker: applyDecisionsMarker },
] as const

export async function installOneWriterTriggers(database: Queryable): Promise<void> {
	await database.query(`
		create function test_one_writer() returns trigger language plpgsql as $$
		begin
			if position(tg_argv[0] in current_query()) = 0 then
				raise exception '% of % is refused: only the statement marked % may do it', lower(tg_op), tg_table_name, tg_argv[0]
					using hint = 'Go through the engine. A test that needs rows uses the builders of the test kit.';
			end if;
			return null;
		end $$`)
	for (const { name, event, table, marker } of rules) {
		await database.query(
			`create trigger ${name} before ${event} on ${table} for each statement execute function test_one_writer('${marker}')`,
		)
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
