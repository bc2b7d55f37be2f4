/** What can happen to a database without being told to. */

import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from '@taskyard/store/connection'
import { waitFor } from '@taskyard/testkit/waitFor'
import type { Chance } from './random.ts'
import { kill, type Yard } from './yard.ts'

/** Kills the server and waits until it is there again. */
export async function killServer({ server }: Pick<Yard, 'server'>): Promise<void> {
	const before = server.pid
	kill(before, 'SIGKILL')
	await waitFor('PostgreSQL to be there again', () => server.pid !== before, { timeout: 60_000 })
}

/** Nobody gets an answer for so many milliseconds: every process of the server is stopped, and goes on afterwards. */
export async function freezeServer({ server }: Pick<Yard, 'server'>, milliseconds: number): Promise<void> {
	// The first one first: it would make others.
	kill(server.pid, 'SIGSTOP')
	const processes = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
	for (const pid of processes) kill(pid, 'SIGSTOP')
	try {
		await delay(milliseconds)
	} finally {
		for (const pid of [...processes, server.pid]) kill(pid, 'SIGCONT')
	}
}

/** Cuts connections of workers and commands at random moments, until told to stop; answers how many it cut. */
export function cutConnections(pool: Pool, chance: Chance): { stop(): Promise<number> } {
	let stopping = false
	let cut = 0
	const done = (async () => {
		while (!stopping) {
			const { rows } = await pool.query<{ cut: boolean }>(
				`select pg_terminate_backend(pid) as cut from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()
				and (application_name like 'taskyard worker%' or application_name like 'taskyard yard commands%')
				order by hashtext(pid::text || $1) limit 1 + ($1::int & 1)`,
				[chance.number(1_000_000)],
			)
			cut += rows.filter((row) => row.cut).length
			await delay(chance.number(60))
		}
	})()
	return {
		async stop() {
			stopping = true
			await done
			return cut
		},
	}
}

/** Attempts that were declared lost. While every process lives there is no reason for one. */
export async function lostAttempts(pool: Pool): Promise<string[]> {
	const { rows } = await pool.query<{ what: string }>(
		`select format('attempt %s of step %s of %s counts as lost: %s', number, step, task_id, error->>'message') as what from attempt where outcome = 2`,
	)
	return rows.map(({ what }) => what)
}
