/**
 * Cancels the sub-tasks of a task or of one of its steps: those that have not begun by statements of a thousand, the
 * others are asked one by one, and see to their own sub-tasks then. They are found by their parent each time, so that
 * whoever died in the middle is followed by another.
 */

import { isBusy } from '@taskyard/model/startable'
import { inTransaction } from '@taskyard/store/connection'
import { largestCancel } from '@taskyard/store/tasks/cancelWaiting'
import { eventKindCode } from '@taskyard/store/tasks/codes'
import { readSubTasksToEnd, type SubTaskToEnd } from '@taskyard/store/tasks/subTasksToEnd'
import { cancelTogether } from '../decisions/cancelTogether.ts'
import { atFailurePoint } from '../failurePoint.ts'
import { repeatWhile } from '../repetition.ts'
import type { FamilyOptions } from './families.ts'

/** A whole task, or one of its steps. */
interface Ending {
	readonly task: string
	readonly step: number | null
}

interface By {
	readonly who: number | null
	readonly why: string
}

const beginning = '00000000-0000-0000-0000-000000000000'

export async function cancelSubTasks(options: FamilyOptions, ending: Ending): Promise<void> {
	let by: By | null = null
	let asked = false
	for (let after = beginning; ; ) {
		const from = after
		const found = await repeatWhile(options.worthRepeating, () => readSubTasksToEnd(options.pool, ending, from, largestCancel))
		if (found.length === 0) break
		by ??= await whoEnds(options, ending)
		const gone = await cancelThoseThatWait(options, found, by)
		if (atFailurePoint) await atFailurePoint('subTasks.cascaded', ending.task)
		const left = found.filter(({ id }) => !gone.has(id))
		asked ||= left.length > 0
		await Promise.all(left.map(({ id }) => ask(options, id, by as By)))
		after = found.at(-1)?.id ?? after
	}
	if (asked) options.wakeWorkers()
}

async function cancelThoseThatWait(options: FamilyOptions, found: readonly SubTaskToEnd[], by: By): Promise<ReadonlySet<string>> {
	const waiting = found.filter(({ state }) => state === 'scheduled' || state === 'pending').map(({ id }) => id)
	if (waiting.length === 0) return new Set()
	const cancelled = await repeatWhile(options.worthRepeating, () =>
		inTransaction(options.pool, (client) => cancelTogether(client, waiting, by)),
	)
	options.onCommit()
	return cancelled
}

/** One of a type that cannot be cancelled goes on while it is busy, and is waited for. */
async function ask({ door, types, clock }: FamilyOptions, id: string, { who, why }: By): Promise<void> {
	const known = await door.submit(id, () => null)
	if (known.kind === 'missing') return
	const cancellable = (await types.find(known.loaded.task.label))?.data.cancellable ?? true
	await door.submit(id, ({ task }) => {
		if (task.state === 'stopped' || task.cancel !== 'none') return null
		if (!cancellable && task.state === 'running' && task.steps.some((step) => isBusy(step.state))) return null
		return [{ fact: { kind: 'cancel_asked', who, why, at: clock.now() } }]
	})
}

/** Who has cancelled the task or the step, where a person has, and what happened in words. */
async function whoEnds({ pool }: FamilyOptions, { task, step }: Ending): Promise<By> {
	const { rows } = await pool.query<{ name: string; who: number | null; why: string | null; kind: number | null }>({
		name: 'taskyard:whoEnds',
		text: `select t.name, e.who, e.why, e.kind from task t left join lateral (
  select who, why, kind from event e where e.task_id = t.id and (e.kind = $2 or e.kind = $3 and e.step = $4) order by revision desc limit 1
) e on true where t.id = $1`,
		values: [task, eventKindCode.encode('cancel'), eventKindCode.encode('cancel_step'), step],
	})
	const [row] = rows
	const name = `"${row?.name ?? task}"`
	if (!row || row.kind === null) return { who: null, why: `${name}, which started it, waits for its sub-tasks no longer` }
	return { who: row.who, why: `${name}, which started it, was cancelled${row.why === null ? '' : `: ${row.why}`}` }
}
