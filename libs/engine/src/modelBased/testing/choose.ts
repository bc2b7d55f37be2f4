/** Makes commands of orders: which task, step or attempt an order means is chosen when it is carried out. */

import type { Attempt, Command } from './reference/commands.ts'
import { isBusy, shapeAt, type Life, type LifePhase, type World } from './reference/life.ts'
import { isOver, isSuspended } from './reference/waits.ts'
import type { Order } from './orders.ts'

/** An attempt whose code waits for the word of the test, and where. */
export interface HeldAttempt extends Attempt {
	readonly hand: number
}

/** The commands that an order stands for; none where there is nothing it could mean, or where the domain does not say what it means. */
export function commandsOf(order: Order, world: World, held: readonly HeldAttempt[]): Command[] {
	switch (order.act) {
		case 'together': {
			const both = order.orders.flatMap((one) => commandsOf(one, world, held))
			// The same twice is another matter, and two new tasks at once would not know which of them is which.
			const same = JSON.stringify(both[0]) === JSON.stringify(both[1]) || both.every(({ kind }) => kind === 'start' || kind === 'rerun')
			return same ? both.slice(1) : both
		}
		case 'start': {
			const on = new Map(
				world.lives.length === 0 ? [] : order.edges.map(({ pick, policy }) => [pick % world.lives.length, policy] as const),
			)
			return [
				{
					kind: 'start',
					order: {
						shape: order.shape,
						opens: order.opens === 0 ? null : world.now + order.opens,
						expires: order.expires === 0 ? null : world.now + order.opens + order.expires,
						edges: [...on].map(([life, policy]) => ({ on: life, policy })),
					},
				},
			]
		}
		case 'letEnd': {
			const chosen = one(held, order.pick)
			return chosen ? [{ kind: 'letEnd', attempt: attemptOf(chosen) }] : []
		}
		case 'kill':
		case 'drain': {
			const chosen = one(held, order.pick)
			return chosen ? [{ kind: order.act, attempts: held.filter(({ hand }) => hand === chosen.hand).map(attemptOf) }] : []
		}
		case 'passHours':
			return [{ kind: 'passHours', hours: order.hours }]
		case 'allowDanger':
			return [{ kind: 'allowDanger', allowed: order.allowed }]
		case 'jobs':
			return []
		case 'pause':
		case 'resume':
		case 'cancel':
		case 'unlock':
		case 'forceUnlock':
		case 'rerun':
		case 'remove': {
			const life = fittest(
				world,
				order.pick,
				({ phase, unlocked }) => fits[order.act].includes(phase) || (order.act === 'resume' && unlocked),
			)
			if (life === null || (order.act === 'resume' && isOpen(world.lives[life] as Life))) return []
			if (order.act === 'rerun' && isUnderWay(world, life)) return []
			return [{ kind: order.act, life }]
		}
		case 'confirm': {
			const life = fittest(world, order.pick, (one) => one.phase === 'scheduled' && one.confirmUntil !== null)
			return life === null ? [] : [{ kind: 'confirm', life, yes: order.yes }]
		}
		case 'retryStep':
		case 'skipStep':
			return onStep(
				order,
				world,
				(life) => life.phase === 'paused',
				(step) => step.phase === 'error',
			)
		case 'cancelStep':
			return onStep(
				order,
				world,
				(life) => life.phase === 'running',
				(step) => isBusy(step) || isSuspended(step),
			)
		case 'sendEvent':
			return sendEvent(order, world)
	}
}

const fits: Record<'pause' | 'resume' | 'cancel' | 'unlock' | 'forceUnlock' | 'rerun' | 'remove', readonly LifePhase[]> = {
	pause: ['running'],
	resume: ['paused'],
	cancel: ['scheduled', 'pending', 'planning', 'planned', 'running', 'paused'],
	unlock: ['paused'],
	forceUnlock: ['scheduled', 'pending', 'planning', 'planned', 'running', 'paused'],
	rerun: ['stopped'],
	remove: ['stopped'],
}

/** Mostly to a step that waits, or will. */
function sendEvent({ pick, again, brings }: Extract<Order, { act: 'sendEvent' }>, world: World): Command[] {
	const waiting = (life: Life): number[] => [...life.steps.keys()].filter((step) => shapeAt(life, step).waitsFor > 0 && !isOver(life, step))
	const number = fittest(world, pick, (life) => (life.phase === 'running' || life.phase === 'paused') && waiting(life).length > 0)
	const life = number === null ? null : world.lives[number]
	if (!life || number === null || life.deleted || !isBegun(life)) return []
	const fitting = waiting(life)
	const suspended = fitting.filter((step) => isSuspended(life.steps[step] as Life['steps'][number]))
	const choice = [suspended, fitting, [...life.steps.keys()]].filter((steps) => steps.length > 0)
	const step = one(choice[pick % 5 > 0 ? 0 : pick % choice.length] ?? [], Math.floor(pick / 7))
	if (step === null) return []
	const came = (life.steps[step] as Life['steps'][number]).events.length
	return [{ kind: 'sendEvent', life: number, step, number: again && came > 0 ? came : came + 1, brings }]
}

/** The domain says nothing of steps that are taken back, and of what is asked or sent while a step is finalized. */
function isBegun({ steps, reverting }: Life): boolean {
	return steps.length > 0 && !reverting && steps.every(({ phase }) => phase !== 'finalizing')
}

function onStep(
	order: { readonly act: 'retryStep' | 'skipStep' | 'cancelStep'; readonly pick: number },
	world: World,
	fit: (life: Life) => boolean,
	fitStep: (step: Life['steps'][number]) => boolean,
): Command[] {
	const number = fittest(world, order.pick, (life) => fit(life) && life.steps.some(fitStep))
	const life = number === null ? null : world.lives[number]
	if (!life || number === null) return []
	if (!isBegun(life)) return []
	const steps = [...life.steps.keys()]
	const fitting = steps.filter((step) => fitStep(life.steps[step] as Life['steps'][number]))
	const step = one(fitting.length > 0 && order.pick % 5 > 0 ? fitting : steps, Math.floor(order.pick / 7))
	return step === null ? [] : [{ kind: order.act, life: number, step }]
}

/** A pause that is withdrawn while steps are in error: the domain does not say whether those run again. */
function isOpen(life: Life): boolean {
	return life.phase === 'running' && life.pauseAsked && life.steps.some((step) => step.phase === 'error')
}

/** A task of the same order that has not stopped: a process that plans both would not know which of them it plans. */
function isUnderWay({ lives }: World, number: number): boolean {
	return lives.some((life, other) => other !== number && life.shape === lives[number]?.shape && life.phase !== 'stopped')
}

/** Mostly a task for which the order makes sense, sometimes any: refusals are part of the domain. */
function fittest(world: World, pick: number, fit: (life: Life) => boolean): number | null {
	const all = [...world.lives.keys()]
	const fitting = all.filter((number) => !(world.lives[number] as Life).deleted && fit(world.lives[number] as Life))
	if (pick % 6 > 0) return one(fitting, pick)
	return one(all, pick)
}

function one<T>(choice: readonly T[], pick: number): T | null {
	return choice[pick % choice.length] ?? null
}

function attemptOf({ life, step, doing, number }: HeldAttempt): Attempt {
	return { life, step, doing, number }
}
