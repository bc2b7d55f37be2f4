/**
 * Fires the timers that are due: each is the one fact `due`, which looks at everything that may be. Looked at with each
 * sweep; one that comes due before the next sweep is waited for, so that nobody is a second late.
 */

import type { Pool } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import type { Door } from '../decisions/door.ts'
import { atFailurePoint } from '../failurePoint.ts'

export interface TimerOptions {
	readonly pool: Pool
	readonly door: Door
	readonly clock: IdSource
}

export interface Timers {
	/** Fires what is due, and remembers what comes next. */
	look(): Promise<void>
}

/** Timers of one statement at most. */
const page = 500
/** How far ahead the next timer is remembered, in milliseconds: a sweep looks again by then. */
const horizon = 1_000
/** Shortest time between two looks, in milliseconds: of many timers those of one moment are fired together. */
const spacing = 25

interface Row {
	task_id: string
	step: number
	kind: number
	due: number
	/** The same to the microsecond, as text. */
	exactly: string
}

export function openTimers(options: TimerOptions): Timers {
	let next: NodeJS.Timeout | null = null
	let underWay: Promise<void> | null = null

	async function fire(): Promise<void> {
		if (next) clearTimeout(next)
		next = null
		const full = (await fireDue(options)) === page
		const left = full ? 0 : await untilNext(options.pool)
		if (left === null || left > horizon) return
		// A moment later than it is due by the database's clock: not before it.
		next = setTimeout(() => void look().catch(() => undefined), Math.max(left + 1, spacing))
		next.unref()
	}

	function look(): Promise<void> {
		underWay ??= fire().finally(() => {
			underWay = null
		})
		return underWay
	}

	return { look }
}

/** Answers how many were fired. */
async function fireDue({ pool, door, clock }: TimerOptions): Promise<number> {
	const { rows } = await pool.query<Row>({
		name: 'taskyard:dueTimers',
		text: `select task_id, step, kind, extract(epoch from due_at)::float8 * 1000 as due, due_at::text as exactly from timer
where due_at <= clock_timestamp() order by due_at limit ${page}`,
	})
	if (rows.length === 0) return 0
	// The database says that they are due: by the clock of this process it might be a moment too early. A millisecond more,
	// for the times of a task are rounded on their way through the database, and its timer fires once.
	const latest = new Map<string, number>()
	for (const { task_id, due } of rows) latest.set(task_id, Math.max(latest.get(task_id) ?? clock.now(), due + 1))
	await Promise.all([...latest].map(([task, at]) => door.submit(task, () => [{ fact: { kind: 'due', at } }])))
	if (atFailurePoint) await atFailurePoint('sweep.fired', rows[0]?.task_id)
	// After the commit: a timer that fires twice is harmless, one that never fires is not. Only what has fired goes: what
	// was set anew since, by a step that has begun and failed again, may be due already and is for the next look.
	await pool.query(
		`delete from timer d using unnest($1::uuid[], $2::int[], $3::smallint[], $4::timestamptz[]) as f(task_id, step, kind, due_at)
where d.task_id = f.task_id and d.step = f.step and d.kind = f.kind and d.due_at = f.due_at`,
		[rows.map((row) => row.task_id), rows.map((row) => row.step), rows.map((row) => row.kind), rows.map((row) => row.exactly)],
	)
	return rows.length
}

/** Milliseconds until the next timer, by the database's clock; null when there is none. */
async function untilNext(pool: Pool): Promise<number | null> {
	const { rows } = await pool.query<{ left: number }>({
		name: 'taskyard:nextTimer',
		text: 'select greatest(0, extract(epoch from due_at - clock_timestamp()) * 1000)::float8 as left from timer order by due_at limit 1',
	})
	return rows[0]?.left ?? null
}
