/** For tests of this folder: task types that fan out, and what the database says of their sub-tasks. */

import { Failure } from '@taskyard/sdk/failure'
import type { StepContext, TaskDefinition } from '@taskyard/sdk/definition'
import type { FanOutOptions } from '@taskyard/sdk/fanOut'
import type { Pool } from '@taskyard/store/connection'
import { taskResultCode, taskStateCode } from '@taskyard/store/tasks/codes'
import type { EngineUnderTest, Sketch } from './engineUnderTest.ts'
import { sketch, step } from './engineUnderTest.ts'

/** What becomes of a sub-task: it ends at once, fails, pauses until it is resumed, or waits for its cancel or its release. */
export type Fate = 'success' | 'fail' | 'pause' | 'wait'

/** Lets sub-tasks end that wait, and says how many began. */
export interface Gate {
	readonly begun: string[]
	release(): void
	readonly opened: Promise<void>
}

export function openGate(): Gate {
	const { promise, resolve } = Promise.withResolvers<void>()
	return { begun: [], release: resolve, opened: promise }
}

/** `Family::Child` does what its input says; paused ones succeed at their second run. */
export function childType(gate: Gate = openGate(), more: Partial<Sketch> = {}): TaskDefinition {
	return sketch({
		label: 'Family::Child',
		tree: () => step(0),
		steps: ({ fate }: { fate: Fate }) => [
			{
				policies: fate === 'fail' ? { rescue: 'fail' } : {},
				run: async (_: never, { attempt, signal, taskId }: StepContext) => {
					gate.begun.push(taskId)
					if (fate === 'fail') throw new Failure('it fails', { retryable: false })
					if (fate === 'pause' && attempt === 1) throw new Failure('it pauses', { retryable: false })
					if (fate === 'wait') {
						const aborted = new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
						await Promise.race([gate.opened, aborted])
					}
				},
			},
		],
		...more,
	} as Sketch)
}

export interface ParentInput {
	readonly fates: readonly Fate[]
	readonly options?: FanOutOptions
}

/** `Family::Parent` fans out a child for each fate. */
export function parentType(more: Partial<Sketch> = {}, child = 'Family::Child'): TaskDefinition {
	return sketch({
		label: 'Family::Parent',
		tree: () => step(0),
		steps: ({ fates, options }: ParentInput) => [
			{
				run: (_: never, context: StepContext) =>
					context.fanOut(
						child,
						fates.map((fate) => ({ fate })),
						options,
					),
			},
		],
		...more,
	} as Sketch)
}

export interface CountedRow {
	total: number
	open: number
	paused: number
	held: number
	success: number
	warning: number
	error: number
	cancelled: number
}

/** What `fan_out` says of a step, and what its tasks themselves say. */
export async function countsAndRows(pool: Pool, task: string, index = 0): Promise<{ counted: CountedRow; rows: CountedRow }> {
	const state = (name: Parameters<typeof taskStateCode.encode>[0]) => taskStateCode.encode(name)
	const result = (name: Parameters<typeof taskResultCode.encode>[0]) =>
		`count(*) filter (where state = ${state('stopped')} and result = ${taskResultCode.encode(name)})::int as ${name}`
	const counted = await pool.query<CountedRow>(
		'select created as total, open, paused, held, success, warning, error, cancelled from fan_out where task_id = $1 and step = $2',
		[task, index],
	)
	const rows = await pool.query<CountedRow>(
		`select count(*)::int as total, count(*) filter (where state <> ${state('stopped')})::int as open,
			count(*) filter (where state = ${state('paused')})::int as paused, count(*) filter (where held)::int as held,
			${result('success')}, ${result('warning')}, ${result('error')}, ${result('cancelled')}
		from task where parent_id = $1 and parent_step = $2 and member`,
		[task, index],
	)
	return { counted: counted.rows[0] as CountedRow, rows: rows.rows[0] as CountedRow }
}

/** The sub-tasks of a task in the order in which they were made. */
export async function childrenOf({ pool }: Pick<EngineUnderTest, 'pool'>, task: string): Promise<string[]> {
	const { rows } = await pool.query<{ id: string }>('select id from task where parent_id = $1 order by id', [task])
	return rows.map(({ id }) => id)
}
