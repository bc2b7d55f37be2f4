/** Processes that race each other on one database, and what they have said. */

import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { waitFor } from '@taskyard/testkit/waitFor'

export type ToRacer =
	/** Carry on with a task as if a job had come for it. */
	| { readonly type: 'activate'; readonly task: string }
	/** Let the step of this task that is held here end. */
	| { readonly type: 'release'; readonly task: string }
	/** Load the task anew, as a step does that asks whether it still counts. */
	| { readonly type: 'look'; readonly task: string }
	/** Start tasks that claim one resource, one after the other, and say what became of each. */
	| { readonly type: 'claim'; readonly times: number }
	/** Start tasks that stand in line for one resource. They go on here or in another racer that was started with `run`. */
	| { readonly type: 'queue'; readonly times: number }
	/** Say what went wrong so far. */
	| { readonly type: 'report' }
	| { readonly type: 'stop' }

export type FromRacer =
	| { readonly type: 'ready' }
	/** A branch of `Race::Join` runs here and waits for its release. */
	| { readonly type: 'held'; readonly task: string; readonly step: number }
	| { readonly type: 'looked'; readonly task: string }
	/** The join of a task has started here. */
	| { readonly type: 'joined'; readonly task: string; readonly attempt: number }
	| { readonly type: 'carriedOn'; readonly task: string }
	| { readonly type: 'queued' }
	| { readonly type: 'reported'; readonly faults: readonly string[] }
	| { readonly type: 'claimed'; readonly granted: number; readonly refused: number; readonly faults: readonly string[] }

/** Table of the test: who has been granted the resource enters a row, and a second one has no room. */
export const holdersTable = 'create table race_holder (resource text primary key, task_id uuid not null)'

/** Table of the test: sub-tasks of a pair that have begun. */
export const pairsTable = 'create table race_pair (pair integer, task_id uuid, primary key (pair, task_id))'

export interface Racer {
	send(message: ToRacer): void
	/** Everything it has said, in order. */
	readonly said: readonly FromRacer[]
	/** Waits until it has said something of a kind that fits. */
	heard<Type extends FromRacer['type']>(
		type: Type,
		fits?: (message: Extract<FromRacer, { type: Type }>) => boolean,
	): Promise<Extract<FromRacer, { type: Type }>>
	stop(): Promise<void>
}

const program = fileURLToPath(new URL('./racer.ts', import.meta.url))

/**
 * Starts processes and waits until each is ready. Whoever starts them stops them.
 *
 * @param run they take jobs by themselves, and not only what they are told
 */
export async function startRacers(url: string, count: number, { run = false } = {}): Promise<Racer[]> {
	const racers = Array.from({ length: count }, () => startRacer(url, run))
	await Promise.all(racers.map((racer) => racer.heard('ready')))
	return racers
}

function startRacer(url: string, run: boolean): Racer {
	const child = fork(program, run ? ['run'] : [], {
		env: { ...process.env, DATABASE_URL: url },
		execArgv: [],
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
	})
	const said: FromRacer[] = []
	const waiting = new Set<() => void>()
	const ended = new Promise<void>((resolve) =>
		child.once('exit', () => {
			for (const look of waiting) look()
			resolve()
		}),
	)
	child.on('message', (message) => {
		said.push(message as FromRacer)
		for (const look of waiting) look()
	})
	type Heard<Type> = Extract<FromRacer, { type: Type }>
	return {
		send: (message) => void child.send(message),
		said,
		heard<Type extends FromRacer['type']>(type: Type, fits: (message: Heard<Type>) => boolean = () => true) {
			return new Promise<Heard<Type>>((resolve, reject) => {
				const look = (): void => {
					const found = said.findLast((message): message is Heard<Type> => message.type === type && fits(message as Heard<Type>))
					if (found) resolve(found)
					else if (child.exitCode !== null || child.signalCode !== null)
						reject(new Error(`A racer has ended (${child.signalCode ?? child.exitCode}) before it said "${type}".`))
					else return
					waiting.delete(look)
				}
				waiting.add(look)
				look()
			})
		},
		async stop() {
			if (child.connected) child.send({ type: 'stop' } satisfies ToRacer)
			const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000)
			await ended
			clearTimeout(impatience)
		},
	}
}

/** Waits until so many sessions wait for a row that somebody else has locked. */
export async function waitForBlocked(
	client: { query(text: string): Promise<{ rows: { count: number }[] }> },
	count: number,
): Promise<void> {
	await waitFor(`${count} sessions to wait for a row`, async () => {
		const { rows } = await client.query(
			`select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%taskyard:applyDecisions%'`,
		)
		return rows[0]?.count === count
	})
}
