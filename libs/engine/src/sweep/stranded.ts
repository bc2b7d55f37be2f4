/**
 * Finds tasks that could go on and that no job stands for: its hint was lost, or its holder died between two effects. A
 * page at a time, round and round; each finding is a hint again, or a fact for the one door.
 */

import { enqueue, withoutJob } from '@taskyard/dispatch/jobs'
import { isBusy, mayBegin, nextSteps, stepsToCancel } from '@taskyard/model/startable'
import type { Task } from '@taskyard/model/task'
import { inTransaction, type Pool } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import { plain } from '@taskyard/store/tasks/arrays'
import { taskStateCode } from '@taskyard/store/tasks/codes'
import { loadTasks } from '@taskyard/store/tasks/loadTasks'
import type { Door } from '../decisions/door.ts'
import { atFailurePoint } from '../failurePoint.ts'

export interface StrandedOptions {
	readonly pool: Pool
	readonly door: Door
	readonly clock: IdSource
	readonly log: (level: 'info', message: string) => void
}

/** Tasks of one statement at most. */
const page = 500
/** How long a task may be without a job before it is given another one. */
const grace = `interval '2 seconds'`
/** How long a task that was told is left alone, in milliseconds. */
const patience = 5_000

interface Row {
	id: string
	queue: string
	priority: number
	state: number
}

// Through the index of each state on its own: the tasks that have stopped are the many, and nobody reads them here. The
// states stand in the text, not in a list: the planner knows then how few have them, and does not walk all ids.
// A task in line for a lock is told when it is its turn; one that waits for a worker which nobody offers is left alone;
// a scheduled one is told by timers, but for those that wait for other tasks.
const ofState = (state: number, more: string): string => `(
  select id, queue, priority, state from task c
  where state = ${state} and id > $1 and state_updated_at < clock_timestamp() - ${grace} and (not_before is null or not_before <= clock_timestamp())
  ${more}
  and (waiting_for is null or waiting_for->>'kind' <> 'worker' or exists (
    select from worker w where w.ended_at is null and c.queue = any(w.queues)
      and exists (select from unnest(w.labels, w.versions) as o(label, version)
        where o.label = c.label and o.version >= coalesce((waiting_for->'keys'->>'version')::int, 0))
      and (waiting_for->'keys'->>'action' is null or waiting_for->'keys'->>'action' = any(w.actions))))
  order by id limit ${page}
)`

const mayOpen = `and (exists (select from dependency d where d.task_id = c.id and not d.met)
    or waiting_for->>'kind' <> 'confirmation' and (start_at is null or start_at <= clock_timestamp())
      and not exists (select from dependency d where d.task_id = c.id and d.settled_at is null))`
// Another program sees to what it has recorded. What a task waits for without a worker has a timer, an event or the end of sub-tasks, and each of them wakes it.
const goesOnHere = `and not recorded and (waiting_for is null or waiting_for->>'kind' not in ('event', 'timer', 'poll', 'sub_tasks'))`
const notInLine = `and not exists (select from lock l where l.task_id = c.id and not l.granted)`

const statement = `
${[ofState(0, mayOpen), ofState(1, 'and not held'), ofState(3, notInLine), ofState(4, goesOnHere)].join('\nunion all ')}
order by id limit ${page}`

const beginning = '00000000-0000-0000-0000-000000000000'

/** Answers a function that looks at one page. */
export function openStranded({ pool, door, clock, log }: StrandedOptions): () => Promise<void> {
	let after = beginning
	/** When each task was told: who holds what it waits for may need a while, and needs no second hint for it. */
	const told = new Map<string, number>()

	return async () => {
		const now = performance.now()
		for (const [id, time] of told) if (now - time > patience) told.delete(id)
		const { rows } = await pool.query<Row>({ name: 'taskyard:findStranded', text: statement, values: [after] })
		after = rows.length < page ? beginning : (rows.at(-1)?.id ?? beginning)
		if (rows.length === 0) return
		const ids = rows.map((row) => row.id)
		const jobless = new Set(await withoutJob(pool, ids))
		const left = rows.filter((row) => jobless.has(row.id) && !told.has(row.id))
		const due = left.filter((row) => row.state === 0)
		const running = await loadTasks(
			pool,
			left.filter((row) => row.state === 4).map((row) => row.id),
		)
		const at = clock.now()
		const stranded = left.filter(({ id, state }) => {
			const loaded = running.get(id)
			return state === 4 ? loaded !== undefined && canGoOn(loaded.task, at) : state !== 0
		})
		if (due.length + stranded.length > 0)
			log('info', `Tasks that can go on and have no job are told again: ${due.length + stranded.length}.`)
		for (const { id } of [...due, ...stranded]) told.set(id, now)
		if (atFailurePoint && due.length + stranded.length > 0) await atFailurePoint('sweep.found', (stranded[0] ?? due[0])?.id)
		await Promise.all(due.map(({ id }) => door.submit(id, () => [{ fact: { kind: 'due', at } }])))
		if (stranded.length > 0) await tellAgain(pool, stranded)
	}
}

// Whoever changes one of them at this moment tells it himself, or takes its job away because it has ended: in a queue
// that nobody takes the job of a stopped task would stay for good.
const standStill = `select id from task where id = any($1::uuid[]) and state <> ${taskStateCode.encode('stopped')} order by id for share skip locked`

async function tellAgain(pool: Pool, stranded: readonly Row[]): Promise<void> {
	await inTransaction(pool, async (client) => {
		const ids = plain(stranded.map((row) => row.id))
		const { rows } = await client.query<{ id: string }>({ name: 'taskyard:standStill', text: standStill, values: [ids] })
		const still = new Set(rows.map((row) => row.id))
		const told = stranded.filter((row) => still.has(row.id))
		await enqueue(
			client,
			told.map(({ id, queue, priority }) => ({ task: id, queue, priority, branch: 0 })),
		)
	})
}

/** Whether a running task has a step that can begin now, also while others run; or nothing under way that would move it. */
export function canGoOn(task: Task, at: number): boolean {
	if (task.state !== 'running') return false
	const next = mayBegin(task, at) ? nextSteps(task) : stepsToCancel(task)
	if (next.some((index) => (task.steps[index]?.notBefore ?? 0) <= at)) return true
	return next.length === 0 && !task.steps.some((step) => isBusy(step.state))
}
