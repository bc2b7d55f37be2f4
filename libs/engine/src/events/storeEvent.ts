/** Stores an event for a step together with what it decides, inside the caller's transaction. */

import { decide } from '@taskyard/model/decide'
import type { Fact } from '@taskyard/model/facts'
import { parseJson, stringifyJson } from '@taskyard/model/json'
import { hasMarks, placeIn } from '@taskyard/model/sensitive/marks'
import { sealText } from '@taskyard/model/sensitive/sealText'
import type { Step, StepError } from '@taskyard/model/task'
import type { PoolClient } from '@taskyard/store/connection'
import { insertEvent, mostUnseenEvents } from '@taskyard/store/events/insertEvent'
import { type Keyring, SealFault } from '@taskyard/store/sensitive/keyring'
import { seal } from '@taskyard/store/sensitive/seals'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import { refuse } from '../commands/refuse.ts'
import { readInput } from '../commands/readInput.ts'
import type { CommandRefusal, EventOutcome, Refused, SendEvent } from '../commands/types.ts'
import { decided, writeDecisions } from '../decisions/writeDecisions.ts'
import { atFailurePoint } from '../failurePoint.ts'
import { outputFaults, outputMessage } from './checkOutcome.ts'

/** Undoes what the transaction has written, to answer that nothing changed. */
export class RefusedInside extends Error {
	readonly refused: Refused

	constructor(refused: Refused) {
		super(refused.refusal.message)
		this.refused = refused
	}
}

/** Answers a refusal of a transaction as what it is. */
export async function answerRefusal<Answer>(work: Promise<Answer>): Promise<Answer | Refused> {
	try {
		return await work
	} catch (error) {
		if (error instanceof RefusedInside) return error.refused
		throw error
	}
}

const longestName = 200

/** What of an event cannot be stored, whatever its task is; null when it can be. */
export function wrongEvent({ id, name, payload, outcome }: Pick<SendEvent, 'id' | 'name' | 'payload' | 'outcome'>): Refused | null {
	for (const [field, text] of [
		['id', id],
		['name', name],
	] as const) {
		if (text.length === 0 || text.length > longestName || text.includes('\0') || !text.isWellFormed())
			return refuse(
				'invalid_event',
				`The ${field} of the event has ${text.length} characters; expected 1 to ${longestName} that can be stored.`,
			)
	}
	if (outcome && payload !== undefined)
		return refuse('invalid_event', 'The event has a payload and an outcome. Send the one that wakes the step, or the one that ends it.')
	const texts = [
		payload,
		outcome && 'output' in outcome ? outcome.output : undefined,
		outcome && 'error' in outcome ? outcome.error.details : undefined,
	]
	for (const text of texts) {
		const read = text === undefined ? null : readInput(text)
		if (read && 'fault' in read)
			return refuse('invalid_event', `What the event carries cannot be used: ${read.fault.message}`, [read.fault])
	}
	const message = outcome && 'error' in outcome ? outcome.error.message : ' '
	if (message.length === 0 || message.length > 8_192 || message.includes('\0') || !message.isWellFormed())
		return refuse('invalid_event', `The message of the error has ${message.length} characters; expected 1 to 8192 that can be stored.`)
	return null
}

/** The step that an event is for must be one of the plan, or may be as long as there is none. */
const mostSteps = 100_000

/**
 * The caller has loaded the task with its lock. Answers whether the event was known.
 *
 * @throws RefusedInside
 */
export async function storeEvent(
	client: PoolClient,
	loaded: LoadedTask,
	event: SendEvent,
	at: number,
	keyring: Keyring,
): Promise<{ readonly repeated: boolean }> {
	const { task } = loaded
	const step = task.steps[event.step]
	if (!Number.isInteger(event.step) || event.step < 0 || (task.plan ? !step : event.step >= mostSteps)) {
		const steps = task.plan
			? `The task has ${task.steps.length} steps, counted from 0, and no step ${event.step}.`
			: `${event.step} cannot be the index of a step.`
		throw new RefusedInside(refuse('no_such_step', steps))
	}
	const given = event.outcome ? outcomeOf(event.outcome) : null
	const outcome = given && 'output' in given ? { output: sealedOutput(step, given.output, keyring) } : given
	const inserted = await insertEvent(
		client,
		{
			task: task.id,
			step: event.step,
			id: event.id,
			name: event.name,
			payload: outcome ? ('error' in outcome ? stringifyJson(outcome.error, 'error') : outcome.output) : (event.payload ?? 'null'),
			outcome: outcome ? ('error' in outcome ? 'error' : 'output') : null,
			at,
			who: event.who,
		},
		step?.eventsSeen ?? 0,
	)
	if (!inserted)
		throw new RefusedInside(
			refuse('too_many_events', `${mostUnseenEvents} events wait for the step, and are the most. Send more when it has taken these.`),
		)
	if (inserted.known) return { repeated: true }
	if (given && 'output' in given) checkOutput(loaded, event.step, given.output)
	if (atFailurePoint) await atFailurePoint('event.stored', task.id)
	const fact: Fact = { kind: 'event_sent', step: event.step, n: inserted.n, name: event.name, who: event.who, outcome, at }
	const decision = decide(task, fact)
	if (decision.kind === 'refused') throw new RefusedInside(refuse(decision.code as CommandRefusal, `${capital(decision.because)}.`))
	if (decision.kind === 'changed') await writeDecisions(client, [decided(loaded, decision)])
	return { repeated: false }
}

/** What its action marks as sensitive is sealed; what a step is to accept is known once it has suspended. */
function sealedOutput(step: Step | undefined, output: string, keyring: Keyring): string {
	const accepts = step?.state === 'suspended' ? step.suspension?.accepts : null
	if (!accepts || !hasMarks(accepts)) return output
	try {
		return sealText(output, { places: [placeIn(accepts)], secrets: null, seal: (json) => seal(keyring, json) })
	} catch (error) {
		if (!(error instanceof SealFault)) throw error
		throw new RefusedInside(refuse('no_encryption_key', `The sensitive fields of the output cannot be stored: ${error.message}`))
	}
}

/** A step that has not suspended yet checks the output when it does. */
function checkOutput({ task }: LoadedTask, index: number, output: string): void {
	const step = task.steps[index]
	const accepts = step?.state === 'suspended' ? step.suspension?.accepts : null
	if (!accepts) return
	const faults = outputFaults(accepts, parseJson(output))
	if (faults.length === 0) return
	throw new RefusedInside(refuse('invalid_input', outputMessage(task.plan?.steps[index]?.name ?? `step ${index}`, faults), faults))
}

function outcomeOf(outcome: EventOutcome): { readonly output: string } | { readonly error: StepError } {
	if ('output' in outcome) return outcome
	const { message, code, details } = outcome.error
	const error: StepError = {
		message,
		type: 'Failure',
		code: code === undefined ? null : code.slice(0, 100).replaceAll('\0', '\ufffd').toWellFormed(),
		trace: null,
		details: details === undefined ? null : parseJson(details),
		reason: 'failed',
	}
	return { error }
}

const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1)
