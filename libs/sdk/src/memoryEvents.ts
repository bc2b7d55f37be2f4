/** Events of one task in memory: what was sent to its steps, and what of it an attempt is told. */

import type { FactOf } from '@taskyard/model/facts'
import { parseJson, stringifyJson } from '@taskyard/model/json'
import type { Step, StepError } from '@taskyard/model/task'
import type { StepWake } from './definition.ts'
import { Failure } from './failure.ts'

/** What a test sends to a step. */
export interface MemoryEvent {
	/** An event with a known id came already. Default: one of its own. */
	readonly id?: string
	/** Default `event`. */
	readonly name?: string
	readonly payload?: unknown
	/** Ends the step instead of waking it. */
	readonly outcome?: { readonly output: unknown } | { readonly error: { readonly message: string; readonly code?: string } }
}

interface Sent {
	readonly n: number
	readonly id: string
	readonly name: string
	/** JSON text. */
	readonly payload: string
	readonly outcome: FactOf<'event_sent'>['outcome']
}

/** What an attempt of a step is told that is begun again after it was suspended. */
export interface MemoryWake {
	readonly told: StepWake | null
	/** Number of the last event that it is given. */
	readonly seen: number
	/** It was ended with this, without code of its author. */
	readonly outcome: Sent['outcome']
}

export class MemoryEvents {
	readonly #sent = new Map<number, Sent[]>()

	/** Whether an event is known already. */
	knows(step: number, id: string | undefined): boolean {
		return id !== undefined && (this.#sent.get(step) ?? []).some((event) => event.id === id)
	}

	/** The fact that an event would be, to be kept once it was taken. */
	factOf(step: number, { name = 'event', outcome }: MemoryEvent, at: number): FactOf<'event_sent'> {
		const ended = outcome ? ('output' in outcome ? { output: textOf(outcome.output) } : { error: errorOf(outcome.error) }) : null
		return { kind: 'event_sent', step, n: this.arrived(step) + 1, name, who: 0, outcome: ended, at }
	}

	keep({ step, n, name, outcome }: FactOf<'event_sent'>, { id, payload }: MemoryEvent): void {
		const sent = { n, id: id ?? `event ${n}`, name, payload: textOf(payload), outcome }
		this.#sent.set(step, [...(this.#sent.get(step) ?? []), sent])
	}

	arrived(step: number): number {
		return this.#sent.get(step)?.length ?? 0
	}

	wakeOf({ index, suspension, eventsSeen }: Step): MemoryWake {
		const wake = suspension?.wake
		if (!wake || wake === 'cancel' || wake === 'joined') return { told: null, seen: eventsSeen, outcome: null }
		const events = (this.#sent.get(index) ?? []).filter(({ n }) => n > eventsSeen)
		const ended = events.find(({ outcome }) => outcome !== null)
		if (ended || wake === 'poll') return { told: null, seen: ended?.n ?? eventsSeen, outcome: ended?.outcome ?? null }
		return {
			told: {
				reason: wake,
				state: suspension.state === null ? null : parseJson(suspension.state),
				events: events.map(({ id, name, payload }) => ({ id, name, payload: parseJson(payload) })),
			},
			seen: events.at(-1)?.n ?? eventsSeen,
			outcome: null,
		}
	}
}

/** What a caller ended a step with, as its attempt would have. */
export function outputOfEvent(outcome: NonNullable<Sent['outcome']>): string | null {
	if ('output' in outcome) return outcome.output
	const { message, code } = outcome.error
	throw new Failure(message, { retryable: false, ...(code !== null && { code }) })
}

function textOf(value: unknown): string {
	return value === undefined ? 'null' : stringifyJson(value, 'payload')
}

function errorOf({ message, code = null }: { readonly message: string; readonly code?: string | null }): StepError {
	return { message, type: 'Failure', code: code ?? null, trace: null, details: null, reason: 'failed' }
}
