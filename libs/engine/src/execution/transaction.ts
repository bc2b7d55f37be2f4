/**
 * The transaction of one step: its author's SQL, and then its outcome, which are committed together or not at all.
 *
 * The connection is taken by the first query. What the author's code leaves is decided and written on that connection,
 * under the lock of the task's row, so that an attempt which no longer counts commits nothing. When the answer of the
 * commit gets lost, whoever asks next waits for that lock, and sees what has become of it.
 */

import { decide } from '@taskyard/model/decide'
import type { Fact } from '@taskyard/model/facts'
import { Failure } from '@taskyard/sdk/failure'
import type { StepSql } from '@taskyard/sdk/stepTransaction'
import type { Pool, PoolClient } from '@taskyard/store/connection'
import { ensurePartitions } from '@taskyard/store/partitions'
import { isConnectionFailure, isDataFault, isMissingPartition, isRetryable, sqlState, sqlStateOf } from '@taskyard/store/sqlState'
import { stepTypes } from '@taskyard/store/stepTypes'
import { type LoadedTask, loadTasks } from '@taskyard/store/tasks/loadTasks'
import type { Answer, Door } from '../decisions/door.ts'
import { decided, writeDecisions } from '../decisions/writeDecisions.ts'
import { atFailurePoint } from '../failurePoint.ts'
import { repeatWhile } from '../repetition.ts'
import { type Running, signalOf } from './attemptContext.ts'
import type { Outcome } from './outcome.ts'
import { controlWord } from './controlWord.ts'
import type { TransactionConnections } from './transactionConnections.ts'

export interface TransactionServices {
	readonly connections: TransactionConnections
	/** Asked to end what a connection is doing. */
	readonly pool: Pool
	readonly door: Pick<Door, 'renew'>
}

export interface StepTransaction {
	readonly sql: StepSql
	/** Rejects when the transaction is over before its author's code is. */
	readonly over: Promise<never>
	/**
	 * Commits an output with the SQL. Whatever else the outcome is, the SQL is taken back.
	 *
	 * @returns the answer of the door, or the outcome that is still to be submitted there
	 */
	end(outcome: Outcome, fact: (now: LoadedTask) => Fact): Promise<{ readonly answer: Answer } | { readonly outcome: Outcome }>
}

export function openTransaction(services: TransactionServices, attempt: Running): StepTransaction {
	const { connections, pool, door } = services
	const signal = signalOf(attempt)
	const { promise: over, reject: tellOver } = Promise.withResolvers<never>()
	over.catch(() => undefined)
	let opening: Promise<PoolClient> | null = null
	let open: PoolClient | null = null
	/** Why there is no transaction any more. */
	let ended: unknown = null
	/** What took the connection away: its limit, which is the step's own doing, or something that is not. */
	let fate: { readonly failure: Failure } | { readonly broken: Error } | null = null
	/** The first statement that failed: nothing can be committed after it, but for a savepoint. */
	let failed: unknown = null
	let last: Promise<unknown> = Promise.resolve()
	let asked = 0

	function overBecause(reason: unknown): void {
		ended ??= reason
		tellOver(ended)
	}

	/** What is told of an error. One that has taken the connection away says what becomes of the step. */
	function read(error: unknown): unknown {
		const state = sqlStateOf(error)
		if (state === sqlState.transactionTimeout || state === sqlState.idleInTransactionTimeout)
			fate ??= { failure: tookTooLong(connections.limit, error) }
		else if (isConnectionFailure(error)) fate ??= { broken: error as Error }
		return fate && 'failure' in fate ? fate.failure : error
	}

	function onError(error: Error): void {
		overBecause(read(error))
	}

	function onAbort(): void {
		overBecause(signal.reason)
		void close(asked > 0)
	}

	/** A connection that is broken, or that the server has no room for, is asked for again: nothing was done with it. */
	async function begin(): Promise<PoolClient> {
		const client = await repeatWhile(() => ended === null, take)
		open = client
		client.on('error', onError)
		if (ended) {
			await close(false)
			throw ended
		}
		if (atFailurePoint) await atFailurePoint('transaction.begun', attempt.task)
		return client
	}

	async function take(): Promise<PoolClient> {
		const client = await connections.take(signal)
		try {
			await client.query('begin')
			return client
		} catch (error) {
			connections.giveBack(client, true)
			throw error
		}
	}

	function letGo(client: PoolClient, closed: boolean): void {
		open = null
		signal.removeEventListener('abort', onAbort)
		// What a connection says while it is closed is nobody's concern; nobody listening would end the process.
		if (!closed) client.off('error', onError)
		connections.giveBack(client, closed)
	}

	/** Takes the SQL back. A connection that may still be at work is asked to stop, and closed. */
	async function close(atWork: boolean): Promise<void> {
		const client = open
		if (!client) return
		open = null
		if (fate) return letGo(client, true)
		if (atWork) {
			await pool
				.query('select pg_cancel_backend($1)', [(client as PoolClient & { readonly processID: number }).processID])
				.catch(() => undefined)
			return letGo(client, true)
		}
		const taken = await client.query('rollback').then(
			() => true,
			() => false,
		)
		letGo(client, !taken)
	}

	async function ask(text: string, values: readonly unknown[]): Promise<{ rows: never[]; rowCount: number | null }> {
		if (ended) throw ended
		opening ??= begin()
		const client = await opening
		if (ended) throw ended
		// The extended protocol takes one statement at a time.
		const statement = { text, values: [...values], types: stepTypes, queryMode: 'extended' }
		const { rows, rowCount } = await client.query<never>(statement)
		return { rows, rowCount }
	}

	signal.addEventListener('abort', onAbort, { once: true })
	const sql: StepSql = {
		query(text, values = []) {
			const word = controlWord(text)
			if (word) return Promise.reject(controlRefused(word))
			asked += 1
			// One after the other, as they were asked.
			const answer = last.then(() => ask(text, values))
			const said = answer.catch((error: unknown) => {
				// What it was cancelled for is what its author hears.
				const reason = read(ended ?? error)
				failed ??= reason
				throw reason
			})
			last = said.catch(() => undefined)
			return said.finally(() => {
				asked -= 1
			})
		},
	}

	async function store(client: PoolClient, fact: (now: LoadedTask) => Fact): Promise<Answer> {
		if (client.getTransactionStatus() !== 'T') throw cannotCommit(failed)
		if (atFailurePoint) await atFailurePoint('transaction.codeEnded', attempt.task)
		// What the author has set is his own: neither our statements nor the next step may meet it.
		await client.query('reset all; reset role; reset session authorization')
		const loaded = (await loadTasks(client, [attempt.task], true)).get(attempt.task)
		const decision = loaded && decide(loaded.task, fact(loaded))
		if (!loaded || decision?.kind !== 'changed') {
			await close(false)
			return loaded && decision ? { kind: 'decided', loaded, decisions: [decision] } : { kind: 'missing' }
		}
		await writeDecisions(client, [decided(loaded, decision)])
		if (atFailurePoint) await atFailurePoint('transaction.written', attempt.task)
		await client.query('commit')
		letGo(client, false)
		if (atFailurePoint) await atFailurePoint('transaction.committed', attempt.task)
		const after = { ...loaded, task: { ...decision.task, revision: loaded.task.revision + 1 } }
		door.renew(after)
		return { kind: 'decided', loaded: after, decisions: [decision] }
	}

	async function end(outcome: Outcome, fact: (now: LoadedTask) => Fact): Promise<{ answer: Answer } | { outcome: Outcome }> {
		// Queries that nobody awaited belong to the step too.
		if ('output' in outcome) await last
		if (!('output' in outcome) || !opening) {
			const atWork = asked > 0
			overBecause(isOver())
			await close(atWork)
			signal.removeEventListener('abort', onAbort)
			return { outcome: fate && 'broken' in fate && !('output' in outcome) ? fate : outcome }
		}
		// From here on the row of the task says whether the attempt still counts.
		signal.removeEventListener('abort', onAbort)
		try {
			if (ended) throw ended
			if (!open) throw cannotCommit(failed)
			ended = isOver()
			return { answer: await store(open, fact) }
		} catch (error) {
			const thrown = read(error)
			if (isMissingPartition(error)) await ensurePartitions(pool).catch(() => undefined)
			await close(false)
			if (fate && 'broken' in fate) return { outcome: fate }
			if (thrown === error && isRetryable(error)) return { outcome: { broken: error as Error } }
			return { outcome: { thrown: isDataFault(error) ? refusedData(error as Error) : thrown } }
		}
	}

	return { sql, over, end }
}

function isOver(): Failure {
	return new Failure('The step has ended, and its transaction with it: await each query.', { code: 'transaction_over', retryable: false })
}

function tookTooLong(limit: number, cause: unknown): Failure {
	return new Failure(
		`The SQL of this step took longer than ${limit / 1000} s (transaction_timeout), and is taken back. Do less in one transaction, and what needs no SQL before the first query or in a step of its own.`,
		{ code: 'transaction_timeout', cause },
	)
}

function controlRefused(word: string): Failure {
	return new Failure(
		`A step's transaction is begun and ended for it, and its SQL cannot say ${word}. Throw to take everything back; a savepoint takes a part back.`,
		{ code: 'transaction_control', retryable: false },
	)
}

function cannotCommit(first: unknown): Failure {
	const because = first instanceof Error ? first.message : 'the transaction was ended by its own SQL'
	return new Failure(
		`The transaction of this step can store nothing: ${because}. Let the error end the step, or set a savepoint before the statement and go back to it.`,
		{ code: 'transaction_failed', cause: first },
	)
}

function refusedData(error: Error): Failure {
	const code = sqlStateOf(error)
	return new Failure(`The database refused what this step wanted to store: ${error.message}`, { ...(code && { code }), cause: error })
}
