/** The real engine on a real PostgreSQL, with processes that carry tasks out, and a test in place of supervisor, sweep and clock. */

import { openPool, type Pool } from '@taskyard/store/connection'
import { enginePlanner } from '@taskyard/store/tasks/applyDecisions'
import { insertUser } from '@taskyard/testkit/rows'
import { waitFor } from '@taskyard/testkit/waitFor'
import { openClock } from '../../clock.ts'
import { openCommands } from '../../commands/commands.ts'
import type { Commands } from '../../commands/types.ts'
import { openDoor } from '../../decisions/door.ts'
import { readBootId } from '../../recovery/processGroups.ts'
import { openSweep } from '../../sweep/sweep.ts'
import { endChild } from '../../workers/presence.ts'
import { type RunningHand, startHand } from './hands.ts'
import { ledgerTable } from './ledger.ts'

export type JobFate = 'lost' | 'doubled' | 'delayed'

export interface Yard {
	readonly pool: Pool
	readonly commands: Commands
	readonly owner: number
	readonly hands: readonly RunningHand[]
	/** What supervisors and sweeps do again and again: find what is due, lost or left, and signal what was cancelled. */
	look(): Promise<void>
	/** Ends a process at once; another takes its place, unless the yard is closed. */
	kill(hand: RunningHand): Promise<void>
	/** Lets a process give back what its steps do, and ends it. */
	drain(hand: RunningHand): Promise<void>
	/** Decides what becomes of the next few jobs; null: they are left alone. */
	fate(fate: JobFate | null): Promise<void>
	/** Makes it later for these tasks. Confirmations are asked for by the hour too. */
	passHours(ids: readonly string[], hours: number): Promise<void>
	/** What became pending or running long ago, so that the sweep looks at it. */
	age(ids: readonly string[]): Promise<void>
	close(): Promise<void>
}

const silent = (): void => undefined
/** Of the jobs that have a fate. */
const fated = 2

export async function openYard(url: string): Promise<Yard> {
	const pool = openPool(url, { max: 6, applicationName: 'taskyard model-based test', session: enginePlanner })
	const owner = await insertUser(pool)
	await installFate(pool)
	await pool.query(ledgerTable)
	const bootId = await readBootId()
	const clock = await openClock(pool)
	const door = openDoor({ pool, onCommit: silent, worthRepeating: () => true, log: silent })
	const sweep = openSweep({ pool, door, clock, bootId, lease: 60_000, mayDeclareDead: () => false, log: silent })
	const commands = await openCommands({ url, applicationName: 'taskyard model-based commands', log: silent })
	let hands: RunningHand[] = await Promise.all([startHand(url), startHand(url)])
	const starting = new Set<Promise<void>>()
	let closed = false

	async function end(hand: RunningHand): Promise<void> {
		await hand.kill()
		hands = hands.filter((one) => one !== hand)
		await endChild(pool, hand.child)
		if (closed) return
		const replaced = startHand(url).then((other) => void hands.push(other))
		starting.add(replaced)
		void replaced.finally(() => starting.delete(replaced))
	}

	return {
		pool,
		commands,
		owner,
		get hands() {
			return hands
		},
		async look() {
			await sweep.run()
			for (const hand of hands) hand.send({ type: 'look' })
		},
		async kill(hand) {
			await Promise.all(starting)
			await end(hand)
		},
		async drain(hand) {
			await Promise.all(starting)
			hand.send({ type: 'drain' })
			await waitFor('a process to give back its steps', async () => {
				const { rows } = await pool.query(
					'select 1 from step s join task t on t.id = s.task_id where t.state = 4 and s.state in (1, 7, 9) and s.child_id = $1',
					[hand.child],
				)
				return rows.length === 0
			})
			await end(hand)
		},
		async fate(fate) {
			await pool.query('update job_fate set fate = $1, left_over = $2', [fate, fate === null ? 0 : fated])
		},
		async passHours(ids, hours) {
			await shift(pool, ids, `interval '${hours} hours'`)
		},
		async age(ids) {
			await pool.query(`update task set state_updated_at = state_updated_at - interval '3 seconds' where id = any($1::uuid[])`, [ids])
		},
		async close() {
			// A test that was given up may still be under way: from now on no process takes the place of another.
			closed = true
			await Promise.allSettled(starting)
			await Promise.all(hands.map((hand) => hand.stop()))
			await commands.close()
			await door.idle()
			await pool.end()
		},
	}
}

/** Moves every time of these tasks, which is what waiting would do; of one that was unlocked too, for it may be resumed. The revision says so to whoever holds them in memory. */
export async function shift(pool: Pool, ids: readonly string[], by: string, column?: 'confirm_before'): Promise<void> {
	const of = (...columns: string[]): string => columns.map((one) => `${one} = ${one} - ${by}`).join(', ')
	const columns = column ? [column] : ['start_at', 'start_before', 'confirm_before', 'not_before', 'running_since']
	const kinds = column ? 'and kind = 3' : ''
	await pool.query(
		`with task_moved as (update task set revision = revision + 1, ${of(...columns)} where id = any($1::uuid[]) and (state <> 6 or unlocked) returning id),
step_moved as (update step set ${of('not_before')} where task_id in (select id from task_moved) and ${column === undefined})
update timer set ${of('due_at')} where task_id in (select id from task_moved) ${kinds}`,
		[ids],
	)
}

/**
 * A job that is lost, doubled or late, as the queue may do to any. One is lost after it was inserted, for who enqueues
 * looks whether it was.
 */
async function installFate(pool: Pool): Promise<void> {
	await pool.query(`
create table job_fate (fate text, left_over integer not null);
insert into job_fate values (null, 0);
create function change_job() returns trigger language plpgsql as $$
declare found text;
begin
	if pg_trigger_depth() > 1 then return new; end if;
	update job_fate set left_over = left_over - 1 where left_over > 0 and fate <> 'lost' returning fate into found;
	if found = 'delayed' then new.run_at := clock_timestamp() + interval '200 milliseconds'; end if;
	if found = 'doubled' then
		insert into graphile_worker._private_jobs (task_id, payload, priority, run_at, max_attempts)
		values (new.task_id, new.payload, new.priority, new.run_at, new.max_attempts);
	end if;
	return new;
end $$;
create function lose_job() returns trigger language plpgsql as $$
begin
	update job_fate set left_over = left_over - 1 where left_over > 0 and fate = 'lost';
	if found then delete from graphile_worker._private_jobs where id = new.id; end if;
	return null;
end $$;
create trigger change_job before insert on graphile_worker._private_jobs for each row execute function change_job();
create trigger lose_job after insert on graphile_worker._private_jobs for each row execute function lose_job();`)
}
