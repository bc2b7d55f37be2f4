/**
 * What the steps of the shapes do to the world outside of the database, and what must be found there afterwards. One kind
 * of effect is a line in a file, written once by each attempt that runs; the other is a file that an attempt makes under
 * a name of its own and renames when it has asked whether it still counts, as authors are told to.
 */

import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StepContext } from '@taskyard/sdk/definition'
import { stepStateCode } from '@taskyard/store/tasks/codes'
import type { Yard } from './yard.ts'

export type Doing = 'run' | 'finalize' | 'revert'

/** The folder of the effects, for the workers. */
export const effectsVariable = 'TASKYARD_EFFECTS'

type Attempt = Pick<StepContext, 'taskId' | 'step' | 'attempt'>

/** Called by steps: the line that says that this attempt has begun. */
export function begin({ taskId, step, attempt }: Attempt, doing: Doing): void {
	appendFileSync(join(folderOfWorker(), 'lines'), `${taskId} ${step} ${attempt} ${doing}\n`)
}

/** Called by steps: the file that only the attempt leaves behind which still counts. */
export async function replace(context: Attempt & Pick<StepContext, 'stillMine'>, doing: Doing): Promise<void> {
	const { taskId, step, attempt } = context
	const name = `${taskId}.${step}.${doing}`
	const made = join(folderOfWorker(), 'made', `${name}.${attempt}`)
	writeFileSync(made, String(attempt))
	if (!(await context.stillMine())) throw new Error('Another attempt has taken over.')
	renameSync(made, join(folderOfWorker(), 'files', name))
}

function folderOfWorker(): string {
	const folder = process.env[effectsVariable]
	if (!folder) throw new Error(`${effectsVariable} is not set: the shapes run in the workers of kill tests.`)
	return folder
}

export interface Effects {
	readonly folder: string
	readonly environment: Readonly<Record<string, string>>
	/** Everything that is wrong with the effects of these tasks, all of which stand still. */
	faults(yard: Pick<Yard, 'pool'>, ids: readonly string[]): Promise<string[]>
	remove(): void
}

interface Ended {
	readonly task_id: string
	readonly step: number
	readonly attempt: number
	readonly old: number
	readonly new: number
}

export function openEffects(): Effects {
	const folder = mkdtempSync(join(tmpdir(), 'taskyard-effects-'))
	for (const name of ['made', 'files']) mkdirSync(join(folder, name))
	writeFileSync(join(folder, 'lines'), '')

	return {
		folder,
		environment: { [effectsVariable]: folder },
		async faults({ pool }, ids) {
			const mine = new Set(ids)
			const lines = readFileSync(join(folder, 'lines'), 'utf8')
				.split('\n')
				.filter((line) => mine.has(line.slice(0, line.indexOf(' '))))
			const { rows } = await pool.query<Ended>(
				`select task_id, step, attempt, old, new from event where task_id = any($1::uuid[]) and kind = 2 and old in (1, 7, 9)
				and exists (select from task where id = task_id and label like 'Shape::%') order by task_id, revision, n`,
				[ids],
			)
			const ended = new Map(rows.map((row) => [`${row.task_id} ${row.step} ${row.attempt}`, row]))
			const faults = [...new Set(lines.filter((line, index) => lines.indexOf(line) !== index))].map((line) => `“${line}” was done twice`)
			for (const line of new Set(lines)) {
				const [task, step, attempt, doing] = line.split(' ')
				const row = ended.get(`${task} ${step} ${attempt}`)
				if (!row) faults.push(`“${line}” was done by an attempt that never ended`)
				else if (doingOf(row) !== doing) faults.push(`“${line}” was done by an attempt of another kind`)
			}
			const done = new Set(lines)
			const files = new Set(readdirSync(join(folder, 'files')).filter((name) => mine.has(name.slice(0, name.indexOf('.')))))
			for (const row of rows) {
				// Back to success: this finalize or revert is to be done again.
				if (!succeeded.has(row.new) || (row.new === 2 && row.old !== 1)) continue
				const what = `${row.task_id} ${row.step} ${row.attempt} ${doingOf(row)}`
				if (!done.has(what)) faults.push(`“${what}” succeeded and left no line`)
				const name = `${row.task_id}.${row.step}.${doingOf(row)}`
				const found = files.has(name) ? readFileSync(join(folder, 'files', name), 'utf8') : 'nobody'
				if (found !== String(row.attempt)) faults.push(`“${what}” succeeded, and its file was left by ${found}`)
			}
			return faults
		},
		remove: () => rmSync(folder, { recursive: true, force: true }),
	}
}

/** An attempt that has done what it had to: its step is then in one of these. */
const succeeded = new Set((['success', 'finalized', 'reverted'] as const).map((state) => stepStateCode.encode(state)))

function doingOf({ old }: Ended): Doing {
	const state = stepStateCode.decode(old)
	return state === 'finalizing' ? 'finalize' : state === 'reverting' ? 'revert' : 'run'
}
