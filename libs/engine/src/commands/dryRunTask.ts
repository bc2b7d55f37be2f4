/**
 * Asks what a task would do: a row with the question, a job on the queue of the type, and a worker that plans and writes
 * the answer. Nothing of a task is stored; the question goes when it is answered, or when nobody waits any more.
 */

import { enqueue } from '@taskyard/dispatch/jobs'
import { parseJson } from '@taskyard/model/json'
import { hasMarks } from '@taskyard/model/sensitive/marks'
import { inTransaction, type Pool } from '@taskyard/store/connection'
import { keepInput } from '../sensitive/keepInput.ts'
import type { ChangeListener } from './changeListener.ts'
import { inputMessage, readInput } from './readInput.ts'
import { type PrepareOptions, unknownType } from './prepareStart.ts'
import { refuse } from './refuse.ts'
import type { DryRun, DryRunAnswer } from './types.ts'
import { openWaiting } from './waiting.ts'

export interface DryRuns {
	ask(order: DryRun): Promise<DryRunAnswer>
	close(): void
}

export function openDryRuns(options: PrepareOptions, listener: ChangeListener): DryRuns {
	const { pool, clock, types, keyring } = options
	const answers = openWaiting<string>(listener, (ids) => readAnswers(pool, ids))
	return {
		async ask({ label, input, who, limit }) {
			const type = await types.find(label)
			if (!type) return refuse('unknown_task_type', await unknownType(pool, label))
			const read = readInput(input, { quoted: !hasMarks(type.data.inputSchema) })
			if ('fault' in read) return refuse('invalid_input', `The input of ${label} cannot be used: ${read.fault.message}`, [read.fault])
			const faults = type.check(read.value)
			if (faults.length > 0) return refuse('invalid_input', inputMessage(label, faults), faults)
			const kept = keepInput(type, { input }, read.value, keyring)
			if ('refusal' in kept) return kept
			const id = clock.next()
			await inTransaction(pool, async (client) => {
				await client.query('insert into dry_run (id, label, input, asked_by) values ($1, $2, $3, $4)', [id, label, kept.input, who])
				await enqueue(client, [{ task: id, queue: type.data.queue, priority: 0, branch: 0 }])
			})
			const answer = await answers.until(id, limit)
			await pool.query('delete from dry_run where id = $1', [id])
			if (answer !== null) return parseJson(answer) as DryRunAnswer
			const message = `No worker has planned ${label} within ${limit / 1000} s. Look whether one takes the queue "${type.data.queue}" and has room.`
			return { timedOut: { limit, message } }
		},
		close: () => answers.close(),
	}
}

async function readAnswers(pool: Pool, ids: readonly string[]): Promise<Map<string, string>> {
	const { rows } = await pool.query<{ id: string; answer: string }>({
		name: 'taskyard:readDryRuns',
		text: 'select id, answer::text from dry_run where id = any($1::uuid[]) and answered_at is not null',
		values: [ids],
	})
	return new Map(rows.map((row) => [row.id, row.answer]))
}
