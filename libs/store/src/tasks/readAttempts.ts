/** The attempts that are kept of tasks: all but a success at the first try. */

import type { AttemptKind, AttemptOutcome } from '@taskyard/model/states'
import type { Queryable } from '../connection.ts'
import { plain } from './arrays.ts'
import { attemptKindCode, attemptOutcomeCode, planningStep } from './codes.ts'
import { processName } from './readContent.ts'

export interface StoredAttempt {
	/** Null: the planning. */
	readonly step: number | null
	readonly number: number
	readonly kind: AttemptKind
	readonly outcome: AttemptOutcome
	readonly worker: string | null
	readonly startedAt: number | null
	readonly endedAt: number
	/** JSON text. */
	readonly error: string | null
	/** Equal for errors of one kind; null for what did not end by its own failure. */
	readonly fingerprint: string | null
}

interface Row {
	task_id: string
	step: number
	number: number
	kind: number
	outcome: number
	node: string | null
	pid: number | null
	started_at: number | null
	ended_at: number
	error: string | null
	fingerprint: string | null
}

const statement = `
select a.task_id, a.step, a.number, a.kind, a.outcome, k.node, c.pid, a.started_at, a.ended_at, a.error, a.fingerprint
from attempt a
left join child c on c.id = a.child_id
left join worker k on k.id = c.worker_id
where a.task_id = any($1::uuid[])
order by a.task_id, a.ended_at, a.step, a.number`

/** In the order in which they ended. */
export async function readAttempts(client: Queryable, ids: readonly string[]): Promise<Map<string, StoredAttempt[]>> {
	const { rows } = await client.query<Row>({ name: 'taskyard:readAttempts', text: statement, values: [plain(ids)] })
	const attempts = new Map<string, StoredAttempt[]>()
	for (const row of rows) {
		const attempt: StoredAttempt = {
			step: row.step === planningStep ? null : row.step,
			number: row.number,
			kind: attemptKindCode.decode(row.kind),
			outcome: attemptOutcomeCode.decode(row.outcome),
			worker: processName(row.node, row.pid),
			startedAt: row.started_at,
			endedAt: row.ended_at,
			error: row.error,
			fingerprint: row.fingerprint,
		}
		const ofTask = attempts.get(row.task_id)
		if (ofTask) ofTask.push(attempt)
		else attempts.set(row.task_id, [attempt])
	}
	return attempts
}
