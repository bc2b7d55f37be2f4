/**
 * Starts the sub-tasks of a running step, a thousand in each transaction. Repeated by another attempt it goes on where
 * the last one was interrupted; for a step that was resumed after too many had failed, those that failed are made once
 * more, and the others stand.
 */

import { enqueue } from '@taskyard/dispatch/jobs'
import { tooManyFailed } from '@taskyard/model/fanOut'
import { stringifyJson } from '@taskyard/model/json'
import type { Secrets } from '@taskyard/model/sensitive/secrets'
import type { Step } from '@taskyard/model/task'
import type { TaskDefinition } from '@taskyard/sdk/definition'
import { Failure } from '@taskyard/sdk/failure'
import { fanOutPolicy, type FanOutOptions } from '@taskyard/sdk/fanOut'
import { Suspended } from '@taskyard/sdk/suspend'
import { commandRefused, notFannedOut } from '@taskyard/sdk/taskFailures'
import { inTransaction, type Pool } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import type { Keyring } from '@taskyard/store/sensitive/keyring'
import { type FanOut, readFanOut } from '@taskyard/store/tasks/fanOuts'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import { type MakingFamily, type MakingRefused, makeSubTasks, openFanOut, repeatFailed } from '@taskyard/store/tasks/makeSubTasks'
import type { NewTask } from '@taskyard/store/tasks/startTasks'
import { prepareStart } from '../commands/prepareStart.ts'
import { atFailurePoint } from '../failurePoint.ts'
import { repeatWhile } from '../repetition.ts'
import type { KnownTypes } from '../taskTypes/knownTypes.ts'

export interface FanOutServices {
	readonly pool: Pool
	readonly clock: IdSource
	readonly types: KnownTypes
	readonly keyring: Keyring
	/** False ends the repetition of writes: the attempt was aborted, or the process stops. */
	readonly worthRepeating: () => boolean
	/** Called when the database says that the attempt is to end: nothing more is made for it. */
	readonly abort: (why: 'not_mine' | 'cancelled') => void
	readonly onCommit: () => void
}

/** The attempt that asks. */
export interface FanningOut {
	readonly loaded: LoadedTask
	readonly step: Step
	readonly signal: AbortSignal
	/** What it was told in confidence. */
	readonly secrets: Secrets | null
}

/** Sub-tasks of one transaction at most. */
const largestPart = 1000

/** Answers what the step returns in order to wait for them. */
export async function fanOut(
	services: FanOutServices,
	asking: FanningOut,
	type: string | TaskDefinition,
	inputs: readonly unknown[],
	options: FanOutOptions = {},
): Promise<Suspended> {
	const { loaded, step, signal } = asking
	const policy = fanOutPolicy(options)
	const family: MakingFamily = { ...policy, task: loaded.task.id, step: step.index, attempt: step.attempt, total: inputs.length }
	const known = await repeatWhile(services.worthRepeating, () => readFanOut(services.pool, family))
	const first = known?.created ?? 0
	const prepared = await prepareAll(services, asking, labelOf(type), inputs.slice(first), first, options)
	if (known && step.suspension?.wake === 'resumed' && tooManyFailed(policy.failWhen, known.counts)) {
		await repeatAllFailed(services, { ...family, total: Math.max(known.counts.total, inputs.length) }, signal)
	}
	if (isComplete(known, inputs)) return new Suspended('sub_tasks', {})
	for (let from: number | null = first; from !== null; ) {
		signal.throwIfAborted()
		from = await makePart(services, family, prepared, first)
	}
	return new Suspended('sub_tasks', {})
}

function isComplete(known: FanOut | null, inputs: readonly unknown[]): boolean {
	return known !== null && known.created >= inputs.length
}

const labelOf = (type: string | TaskDefinition): string => (typeof type === 'string' ? type : type.data.label)

/** All of them, before any is stored: a fault in the last input leaves nothing behind. */
async function prepareAll(
	services: FanOutServices,
	{ loaded, step, secrets }: FanningOut,
	label: string,
	inputs: readonly unknown[],
	first: number,
	{ queue, priority }: FanOutOptions,
): Promise<NewTask[]> {
	const { owner, correlationId, task } = loaded
	const parent = { task: task.id, step: step.index, queue: loaded.queue, priority: loaded.priority }
	const tasks: NewTask[] = []
	for (const [index, input] of inputs.entries()) {
		const start = await prepareStart(services, {
			label,
			input: stringifyJson(input ?? {}, 'input'),
			who: owner,
			correlationId,
			secrets,
			parent,
			...(queue !== undefined && { queue }),
			...(priority !== undefined && { priority }),
		})
		const place = `Sub-task ${first + index + 1} of ${first + inputs.length}`
		if ('refusal' in start)
			throw commandRefused(start.refusal.code, `${place}: ${start.refusal.message} None was started.`, start.refusal.faults)
		if (start.task.state !== 'pending') throw notFannedOut(label, 'asks a person to confirm each task')
		if (start.duplicate) throw notFannedOut(label, 'has a duplicate key')
		tasks.push(start.task)
	}
	return tasks
}

/** Makes the next part, wherever others have come to; answers null when there is none left. */
async function makePart(
	services: FanOutServices,
	family: MakingFamily,
	prepared: readonly NewTask[],
	first: number,
): Promise<number | null> {
	const next = await repeatWhile(services.worthRepeating, () =>
		inTransaction(services.pool, async (client): Promise<number | null> => {
			const from = allowed(services, await openFanOut(client, family))
			const part = prepared.slice(from - first, from - first + largestPart)
			if (part.length === 0 && prepared.length > 0) return null
			const begin = await makeSubTasks(client, family, part, from)
			await enqueue(
				client,
				begin.map((one) => ({ ...one, branch: 0 })),
			)
			const made = from + part.length
			return made < first + prepared.length ? made : null
		}),
	)
	services.onCommit()
	if (atFailurePoint) await atFailurePoint('subTasks.created', family.task)
	return next
}

async function repeatAllFailed(services: FanOutServices, family: MakingFamily, signal: AbortSignal): Promise<void> {
	for (let made = largestPart; made === largestPart; ) {
		signal.throwIfAborted()
		made = await repeatWhile(services.worthRepeating, () =>
			inTransaction(services.pool, async (client) => {
				allowed(services, await openFanOut(client, family))
				const repeated = await repeatFailed(client, family, largestPart, () => services.clock.next())
				await enqueue(
					client,
					repeated.begin.map((one) => ({ ...one, branch: 0 })),
				)
				return repeated.made
			}),
		)
		services.onCommit()
		if (atFailurePoint) await atFailurePoint('subTasks.created', family.task)
	}
}

function allowed(services: FanOutServices, opened: number | MakingRefused): number {
	if (typeof opened === 'number') return opened
	services.abort(opened)
	throw new Failure(
		opened === 'cancelled'
			? 'The task is being cancelled: it starts no more sub-tasks.'
			: 'This attempt no longer counts: it starts no sub-tasks.',
		{ code: opened, retryable: false },
	)
}
