/** Gives the commands of the reference to the real engine. */

import type { CommandAnswer, EventOutcome } from '../../commands/types.ts'
import type { Answer, Attempt, Command } from './reference/commands.ts'
import type { HeldAttempt } from './choose.ts'
import type { HeldHere } from './hands.ts'
import { backOff, type Given, labelOf } from './types.ts'
import { shift, type Yard } from './yard.ts'

/** The tasks of one sequence: their ids in the order in which the reference numbers them. */
export interface Cast {
	readonly sequence: string
	readonly ids: string[]
}

const hour = 60 * 60_000

/** What waits in all hands, in an order that does not depend on which process was faster. */
export function heldAttempts(yard: Yard, cast: Cast): HeldAttempt[] {
	const found = yard.hands.flatMap((hand) =>
		hand.held.flatMap(({ task, step, doing, attempt }): HeldAttempt[] => {
			const life = cast.ids.indexOf(task)
			return life === -1 ? [] : [{ life, step, doing, number: attempt, hand: hand.child }]
		}),
	)
	return found.sort((one, other) => one.life - other.life || (one.step ?? -1) - (other.step ?? -1) || one.number - other.number)
}

/** @param now the hour at which the reference stands */
export async function perform(yard: Yard, cast: Cast, command: Command, now: number): Promise<Answer> {
	const { commands, owner: who } = yard
	const on = (life: number): { id: string; who: number; why: string } => ({ id: cast.ids[life] ?? '', who, why: command.kind })
	switch (command.kind) {
		case 'start': {
			const { shape, opens, expires, edges } = command.order
			const given: Given = { key: `${cast.sequence}/${cast.ids.length}/${Math.random()}`, sequence: cast.sequence, shape }
			const at = Date.now()
			const answer = await commands.startTask({
				label: labelOf(shape),
				input: JSON.stringify(given),
				who,
				correlationId: cast.sequence,
				// Between two hours, so that an hour that passes decides and nothing else.
				...(opens !== null && { startAt: at + (opens - now) * hour - hour / 2 }),
				...(expires !== null && { startBefore: at + (expires - now) * hour - hour / 4 }),
				...(edges.length > 0 && { dependsOn: edges.map(({ on: life, policy }) => ({ task: cast.ids[life] ?? '', policy })) }),
			})
			if (!('task' in answer)) return 'refused'
			cast.ids.push(answer.task.id)
			// Its thirty seconds become half an hour: they pass when the test says so.
			if (shape.confirmation) await shift(yard.pool, [answer.task.id], `interval '-${backOff} milliseconds'`, 'confirm_before')
			return 'done'
		}
		case 'rerun': {
			const answer = await commands.rerunTask({ ...on(command.life), correlationId: cast.sequence })
			if (!('task' in answer)) return 'refused'
			cast.ids.push(answer.task.id)
			await shift(yard.pool, [answer.task.id], `interval '-${backOff} milliseconds'`, 'confirm_before')
			return 'done'
		}
		case 'pause':
			return said(await commands.pauseTask(on(command.life)))
		case 'resume':
			return said(await commands.resumeTask(on(command.life)))
		case 'cancel':
			return said(await commands.cancelTask(on(command.life)))
		case 'unlock':
			return said(await commands.unlockTask({ ...on(command.life), confirmed: true }))
		case 'forceUnlock':
			return said(await commands.forceUnlockTask({ ...on(command.life), confirmed: true }))
		case 'remove':
			return said(await commands.deleteTask(on(command.life)))
		case 'retryStep':
			return said(await commands.retryStep({ ...on(command.life), step: command.step }))
		case 'skipStep':
			return said(await commands.skipStep({ ...on(command.life), step: command.step }))
		case 'cancelStep':
			return said(await commands.cancelStep({ ...on(command.life), step: command.step }))
		case 'sendEvent': {
			const { step, number, brings } = command
			const outcome: EventOutcome | null =
				brings === 'well' ? { output: JSON.stringify({ index: step }) } : brings && { error: { message: 'It went badly elsewhere.' } }
			const task = cast.ids[command.life] ?? ''
			const answer = await commands.sendEvent({ task, step, id: `event ${number}`, name: 'word', ...(outcome && { outcome }), who })
			return 'task' in answer ? 'done' : 'refused'
		}
		case 'confirm':
			return said(await commands.confirmTask({ ...on(command.life), yes: command.yes }))
		case 'allowDanger':
			await commands.changeSetting({ key: 'dangerous_actions', value: command.allowed, who })
			return 'done'
		case 'letEnd':
			letEnd(yard, cast, command.attempt)
			return 'done'
		case 'kill':
		case 'drain': {
			const [victim] = command.attempts
			const hand = yard.hands.find(({ held }) => victim && held.some((one) => isSame(cast, victim, one)))
			if (hand) await yard[command.kind](hand)
			return 'done'
		}
		case 'lose':
			throw new Error('A process is ended as a whole.')
		case 'passHours':
			await yard.passHours(cast.ids, command.hours)
			return 'done'
	}
}

function said(answer: CommandAnswer | { readonly consequences: unknown }): Answer {
	if ('consequences' in answer) throw new Error('A confirmed unlock answered its consequences instead of unlocking.')
	return 'task' in answer ? 'done' : 'refused'
}

function letEnd(yard: Yard, cast: Cast, attempt: Attempt): void {
	for (const hand of yard.hands) {
		const here = hand.held.find((one) => isSame(cast, attempt, one))
		if (here) hand.send({ type: 'letEnd', attempt: here })
	}
}

function isSame(cast: Cast, { life, step, number }: Attempt, here: HeldHere): boolean {
	return here.task === cast.ids[life] && here.step === step && here.attempt === number
}
