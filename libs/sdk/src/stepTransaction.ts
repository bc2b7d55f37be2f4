/** Steps whose SQL and whose outcome are stored together: both, or neither. */

import type { z } from 'zod'
import type { StepContext } from './definition.ts'
import { Failure } from './failure.ts'
import type { Suspended } from './suspend.ts'

/**
 * The database in which the tasks live, within the transaction of one step. A connection is taken by the first query and
 * kept until the step has ended, for 30 seconds at most. Values are bound as `$1`, `$2`; JSON is read as what it says,
 * `bigint` as a number where that is exact, an instant as a Date.
 */
export interface StepSql {
	query<Row = Record<string, unknown>>(
		text: string,
		values?: readonly unknown[],
	): Promise<{ readonly rows: readonly Row[]; readonly rowCount: number | null }>
}

/** The code of an action: what runs, or what runs in a transaction. */
export type ActionCode<Input extends z.ZodType, Output extends z.ZodType> =
	| {
			/** Answers the output, or what `suspend` makes: the step waits then without a worker. */
			run(input: z.output<Input>, context: StepContext): Promise<z.input<Output> | Suspended> | z.input<Output> | Suspended
			readonly transaction?: undefined
	  }
	| {
			/**
			 * In place of `run`: what `sql` has done is committed together with the output, or not at all when the step fails, is
			 * cancelled, or is no longer this worker's.
			 */
			transaction(sql: StepSql, input: z.output<Input>, context: StepContext): Promise<z.input<Output>> | z.input<Output>
			readonly run?: undefined
	  }

/** What `run` of such an action is where there is no database. */
export function needsDatabase(label: string): never {
	throw new Failure(
		`${label} has a transaction, and here is no database: test it with useTaskyard of @taskyard/testkit/taskyard, or give the harness an option sql that stands for one.`,
		{ code: 'needs_database', retryable: false },
	)
}

/** A transaction ends with its attempt: there is nothing that could wait. */
export function refuseSuspension(label: string): never {
	throw new Failure(`${label} has a transaction, which ends with its attempt, and cannot suspend: wait in a step of its own`, {
		code: 'invalid_suspension',
		retryable: false,
	})
}
