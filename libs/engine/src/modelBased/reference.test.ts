/** The reference by itself: lines of the domain's tables, and that it always knows how a task goes on. */

import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concurrence, red, sequence, shaped, step } from './testing/build.ts'
import { commandsOf, type HeldAttempt } from './testing/choose.ts'
import { type Order, sequences } from './testing/orders.ts'
import type { Command } from './testing/reference/commands.ts'
import { outcomesOf } from './testing/reference/explore.ts'
import { doingOf, emptyWorld, isBusy, shapeAt, type World } from './testing/reference/life.ts'
import type { Shape } from './testing/reference/shapes.ts'
import { reasonsOf, resultsOf, waitsOf } from './testing/reference/verdict.ts'

const bad = { run: ['badly'] } as const
const start = (shape: Shape, more: Partial<Extract<Command, { kind: 'start' }>['order']> = {}): Command => ({
	kind: 'start',
	order: { shape, opens: null, expires: null, edges: [], ...more },
})
const on = (life: number, kind: 'pause' | 'resume' | 'cancel' | 'unlock' | 'forceUnlock' | 'rerun' | 'remove'): Command => ({ kind, life })
const end = (life: number, number: number, attempt = 1): Command => ({
	kind: 'letEnd',
	attempt: { life, step: number, doing: 'run', number: attempt },
})

function after(...commands: Command[]): readonly World[] {
	return commands.reduce<readonly World[]>((worlds, command) => outcomesOf(worlds, [command]).map(({ world }) => world), [emptyWorld])
}

/** State, result, reasons and what a task waits for, and its steps; each way that is possible. */
function shown(worlds: readonly World[], number: number): string[] {
	const all = worlds.flatMap(({ lives, now }) => {
		const life = lives[number]
		if (!life) return []
		const steps = life.steps.map(({ phase }) => phase)
		const rest = (result: string): unknown[] => [reasonsOf(life, result).join('|'), waitsOf(life, now).join('|'), ...steps]
		return resultsOf(life).map((result) => [`${life.phase}/${result}`, ...rest(result)].filter((word) => word !== '').join(' '))
	})
	return [...new Set(all)]
}

const waiting = (more: Parameters<typeof step>[0] = {}): Shape => shaped(step({ waitsFor: 1, ...more }))
const send = (number: number, brings: 'well' | 'badly' | null = null): Command => ({ kind: 'sendEvent', life: 0, step: 0, number, brings })

const lock = shaped(step(), { claims: [red()] })
const waitingLock = shaped(step(), { claims: [red({ waits: true })] })
const pass = (hours: number): Command => ({ kind: 'passHours', hours })
const kill = (life: number, number = 1): Command => ({ kind: 'kill', attempts: [{ life, step: 0, doing: 'run', number }] })

describe('the reference says of', () => {
	test.each<[string, readonly Command[], ...string[]]>([
		['a step that succeeds', [start(shaped(step())), end(0, 0)], 'stopped/success success'],
		['an independent branch', [start(shaped(concurrence(step(bad), step()))), end(0, 0)], 'running/error failed error running'],
		[
			'the end of the last branch',
			[start(shaped(concurrence(step(bad), step()))), end(0, 0), end(0, 1)],
			'paused/error failed error success',
		],
		['a try that is left', [start(shaped(step({ ...bad, tries: 2 }))), end(0, 0)], 'running/pending back_off pending'],
		[
			'a rescue by skipping',
			[start(shaped(sequence(step({ ...bad, rescue: 'skip' }), step({ needs: 0 })))), end(0, 0)],
			'stopped/warning skipped skipped',
		],
		[
			'a rescue by failing',
			[start(shaped(sequence(step({ ...bad, rescue: 'fail' }), step()))), end(0, 0)],
			'stopped/error failed error cancelled',
		],
		[
			'a rescue by taking back',
			[start(shaped(sequence(step({ revert: ['well'] }), step({ ...bad, rescue: 'revert' })))), end(0, 0), end(0, 1)],
			'running/error reverted|failed reverting error',
		],
		['a lost step', [start(shaped(step())), kill(0)], 'running/pending running'],
		['a lost step that nobody may repeat', [start(shaped(step({ onLost: 'rescue' }))), kill(0)], 'paused/error lost error'],
		['a plan that fails', [start(shaped(step(), { planning: ['badly'] }))], 'paused/error planning_failed'],
		['a start in the future', [start(shaped(step()), { opens: 1 })], 'scheduled/pending start_time'],
		['a start that came', [start(shaped(step()), { opens: 1 }), pass(1)], 'running/pending running'],
		[
			'a start that came too late',
			[start(shaped(step(), { planHeld: true }), { expires: 1 }), pass(1)],
			'stopped/error missed_start_before',
		],
		['a confirmation that nobody gave', [start(shaped(step(), { confirmation: true })), pass(1)], 'stopped/cancelled not_confirmed'],
		['a cancel before the start', [start(shaped(step()), { opens: 1 }), on(0, 'cancel')], 'stopped/cancelled cancelled'],
		['a cancel while a step runs', [start(shaped(step())), on(0, 'cancel')], 'stopped/cancelled cancelled cancelled'],
		['a cancel that its type does not know', [start(shaped(step(), { cancellable: false })), on(0, 'cancel')], 'running/pending running'],
		['a pause', [start(shaped(sequence(step(), step()))), on(0, 'pause'), end(0, 0)], 'paused/pending success pending'],
		['an unlock', [start(shaped(step(bad))), end(0, 0), on(0, 'unlock')], 'stopped/error failed error'],
		['a forced unlock', [start(shaped(step())), on(0, 'forceUnlock')], 'stopped/error force_unlocked cancelled'],
		['a step that waits', [start(waiting()), end(0, 0)], 'running/pending event suspended'],
		['a step that is woken', [start(waiting()), end(0, 0), send(1)], 'running/pending running'],
		['a step that has what it waited for', [start(waiting()), end(0, 0), send(1), end(0, 0, 2)], 'stopped/success success'],
		[
			'the same event twice',
			[start(waiting({ waitsFor: 2 })), end(0, 0), send(1), end(0, 0, 2), send(1)],
			'running/pending event suspended',
		],
		['an event before the wait', [start(waiting()), send(1), end(0, 0), end(0, 0, 2)], 'stopped/success success'],
		['an outcome for a step that waits', [start(waiting()), end(0, 0), send(1, 'badly')], 'paused/error failed error'],
		['an outcome before the wait', [start(waiting()), send(1, 'well'), end(0, 0)], 'stopped/success success'],
		['an event for a task that has stopped', [start(shaped(step())), end(0, 0), send(1)], 'stopped/success success'],
		['a woken step that is lost', [start(waiting()), end(0, 0), send(1), kill(0, 2), end(0, 0, 3)], 'stopped/success success'],
		['a pause while a step waits', [start(waiting()), end(0, 0), on(0, 'pause')], 'running/pending |event suspended'],
		['a pause that comes about', [start(waiting()), end(0, 0), on(0, 'pause'), send(1)], 'paused/pending pending'],
		['a cancel while a step waits', [start(waiting()), end(0, 0), on(0, 'cancel')], 'stopped/cancelled cancelled cancelled'],
		[
			'an error beside a step that waits',
			[start(shaped(concurrence(step({ waitsFor: 1 }), step({ ...bad, rescue: 'fail' })))), end(0, 0), end(0, 1)],
			'stopped/error failed cancelled error',
		],
		['a resume', [start(shaped(step(bad))), end(0, 0), on(0, 'resume')], 'running/warning running'],
	])('%s', (_, commands, expected) => {
		expect(shown(after(...commands), 0)).toEqual([expected])
	})

	test.each<[string, readonly Command[], string]>([
		['a conflict', [start(lock), start(lock)], 'paused/error lock_conflict pending'],
		['a wait', [start(waitingLock), start(waitingLock)], 'planned/pending lock pending'],
		['a wait that is over', [start(waitingLock), start(waitingLock), end(0, 0)], 'running/pending running'],
		[
			'a dependency',
			[start(shaped(step())), start(shaped(step()), { edges: [{ on: 0, policy: 'success' }] })],
			'scheduled/pending dependency',
		],
		[
			'a dependency that is not met',
			[start(shaped(step())), start(shaped(step()), { edges: [{ on: 0, policy: 'ended' }] }), on(0, 'cancel')],
			'stopped/error dependency_failed',
		],
	])('%s on another task', (_, commands, expected) => {
		expect(shown(after(...commands), 1)).toEqual([expected])
	})

	test('two at once every order that there is', () => {
		const [before] = after(start(shaped(sequence(step(), step())))) as [World]
		const outcomes = outcomesOf([before], [end(0, 0), on(0, 'pause')])
		expect(
			shown(
				outcomes.map(({ world }) => world),
				0,
			).toSorted(),
		).toEqual(['paused/pending success pending', 'running/pending success running'])
	})
})

/** Plays a sequence in the reference alone, with one of its worlds at each fork. */
function playAlone(orders: readonly Order[]): void {
	let worlds: readonly World[] = [emptyWorld]
	for (const order of orders) {
		const commands = commandsOf(order, worlds[0] as World, heldIn(worlds[0] as World))
		if (commands.length === 0) continue
		const outcomes = outcomesOf(worlds, commands)
		expect(outcomes.length).toBeGreaterThan(0)
		worlds = [outcomes.at(-1)?.world as World]
	}
}

function heldIn({ lives }: World): HeldAttempt[] {
	return lives.flatMap((life, number): HeldAttempt[] => {
		if (life.phase === 'planning') return [{ life: number, step: null, doing: 'plan', number: life.planNumber, hand: number % 2 }]
		if (life.phase !== 'running') return []
		return life.steps.flatMap((one, at) =>
			isBusy(one) && shapeAt(life, at).held ? [{ life: number, step: at, doing: doingOf(one), number: one.number, hand: at % 2 }] : [],
		)
	})
}

test('the reference always knows how a task goes on', () => {
	fc.assert(fc.property(sequences, playAlone), { numRuns: 150 })
})

test('the reference shares no code with the model', () => {
	const root = fileURLToPath(new URL('testing/reference/', import.meta.url))
	const files = globSync('*.ts', { cwd: root })
	expect(files.length).toBeGreaterThan(5)
	for (const file of files) {
		const targets = [...readFileSync(`${root}${file}`, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, target]) => target)
		for (const target of targets) expect(target, file).toMatch(/^\.\/[a-z]+\.ts$/i)
	}
})
