/** Plays a sequence of orders against the engine and the reference at once, and says where they part. */

import { setTimeout as delay } from 'node:timers/promises'
import { commandsOf, type HeldAttempt } from './choose.ts'
import { differences } from './compare.ts'
import { ledgerFaults } from './ledger.ts'
import { leftovers, observe } from './observe.ts'
import type { Order } from './orders.ts'
import { type Cast, heldAttempts, perform } from './perform.ts'
import type { Answer, Command } from './reference/commands.ts'
import { outcomesOf, TooManyWorlds } from './reference/explore.ts'
import { emptyWorld, type World } from './reference/life.ts'
import { isSuspended } from './reference/waits.ts'
import { tell } from './tell.ts'
import type { Yard } from './yard.ts'

/** The engine is not where the reference says it can be. */
export class Difference extends Error {
	override readonly name = 'Difference'
}

/** How long the engine may stand still elsewhere than where it is expected, in milliseconds. */
let patience = 10_000
/** Once a sequence has failed it is played again and again to find the shortest that does. */
const laterPatience = 2_000
/** How long something may be left when all has stopped: a job held under an id that nobody named stays for ten seconds. */
const clearance = 25_000
/** Hours and words that are given at the end before a task counts as waiting for a person. */
const mostRounds = 40

let sequences = 0

export async function play(yard: Yard, orders: readonly Order[]): Promise<void> {
	sequences += 1
	const cast: Cast = { sequence: `${process.pid}.${sequences}`, ids: [] }
	const game = openGame(yard, cast)
	try {
		await game.give([{ kind: 'allowDanger', allowed: true }])
		for (const order of orders) {
			if (order.act === 'jobs') await yard.fate(order.fate)
			else await game.give(commandsOf(order, game.world, heldAttempts(yard, cast)))
		}
		await finish(game, yard, cast)
	} catch (error) {
		if (error instanceof Difference) patience = laterPatience
		if (error instanceof Difference || error instanceof TooManyWorlds) await clear(yard, cast)
		throw error
	}
}

interface Game {
	readonly world: World
	readonly story: readonly string[]
	give(commands: readonly Command[]): Promise<void>
}

function openGame(yard: Yard, cast: Cast): Game {
	let worlds: readonly World[] = [emptyWorld]
	const story: string[] = []

	/** Waits until the engine is in one of these worlds, and answers those in which it can be. */
	async function settle(outcomes: readonly World[]): Promise<readonly World[]> {
		const begun = performance.now()
		let movedAt = begun
		let last = ''
		for (let looks = 0; ; looks++) {
			const seen = await observe(yard.pool, cast.ids)
			const now = JSON.stringify(seen)
			if (now !== last) movedAt = performance.now()
			last = now
			const held = heldAttempts(yard, cast)
			const found = outcomes.map((world) => ({ world, differs: differences(world, seen, held) }))
			const same = found.filter(({ differs }) => differs.length === 0)
			if (same.length > 0) return same.map(({ world }) => world)
			if (performance.now() - movedAt > patience || performance.now() - begun > 6 * patience) {
				const [nearest] = found.toSorted((one, other) => one.differs.length - other.differs.length)
				const lines = [...story, `The engine came to rest elsewhere than in the ${outcomes.length} worlds of the reference. The nearest:`]
				throw new Difference([...lines, ...(nearest?.differs ?? ['there is none'])].join('\n'))
			}
			if (looks > 2) {
				await yard.fate(null)
				await yard.age(cast.ids)
			}
			await yard.look()
			await delay(Math.min(5 + looks * 5, 50))
		}
	}

	return {
		get world() {
			return worlds[0] as World
		},
		story,
		async give(commands) {
			if (commands.length === 0) return
			const [{ now }] = worlds as [World]
			const outcomes = outcomesOf(worlds, commands)
			const answers: Answer[] = await Promise.all(commands.map((command) => perform(yard, cast, command, now)))
			story.push(commands.map((command, index) => `${tell(command)} → ${answers[index]}`).join('  and at once  '))
			const possible = outcomes.filter((outcome) => outcome.answers.every((answer, index) => answer === answers[index]))
			if (possible.length === 0) {
				const expected = [...new Set(outcomes.map((outcome) => outcome.answers.join()))].join(' or ')
				throw new Difference([...story, `The engine answered ${answers.join()}, the reference expected ${expected}.`].join('\n'))
			}
			worlds = await settle(possible.map(({ world }) => world))
		},
	}
}

/** Lets everything go on until each task has stopped or waits for a person; ends those too, and nothing may be left. */
async function finish(game: Game, yard: Yard, cast: Cast): Promise<void> {
	for (let round = 0; ; round++) {
		const next = nextWord(game.world, heldAttempts(yard, cast))
		if (next) await game.give(next)
		else if (JSON.stringify(game.world.lives).includes('"rest":') && isTimed(game.world)) await game.give([{ kind: 'passHours', hours: 1 }])
		else break
		if (round > mostRounds * 4) throw new Difference([...game.story, 'The tasks go on for ever.'].join('\n'))
	}
	await game.give([{ kind: 'allowDanger', allowed: true }])
	for (const [life, { phase }] of game.world.lives.entries()) {
		if (phase === 'running') throw new Difference([...game.story, `task ${life} runs, although nothing is left for it to do`].join('\n'))
	}
	for (const life of game.world.lives.keys()) {
		if ((game.world.lives[life] as World['lives'][number]).phase !== 'stopped') await game.give([{ kind: 'cancel', life }])
		// Its end may have been what another task waited for.
		for (let next; (next = nextWord(game.world, heldAttempts(yard, cast))); ) await game.give(next)
	}
	const begun = performance.now()
	for (let left = await leftovers(yard.pool, cast.ids); left.length > 0; left = await leftovers(yard.pool, cast.ids)) {
		if (performance.now() - begun > clearance) {
			throw new Difference([...game.story, 'All tasks have stopped, and something is left:', ...left].join('\n'))
		}
		await yard.look()
		await delay(10)
	}
	const faults = await ledgerFaults(yard.pool, cast.ids)
	if (faults.length > 0) throw new Difference([...game.story, ...faults].join('\n'))
}

/** What lets a task go on: the end of an attempt, or an event for a step that waits for one. */
function nextWord(world: World, held: readonly HeldAttempt[]): readonly Command[] | null {
	if (held.length > 0) return commandsOf({ act: 'letEnd', pick: 0 }, world, held)
	for (const [life, { steps }] of world.lives.entries()) {
		const step = steps.findIndex(isSuspended)
		if (step >= 0) return [{ kind: 'sendEvent', life, step, number: (steps[step]?.events.length ?? 0) + 1, brings: null }]
	}
	return null
}

/** Whether a time will come at which something happens by itself. */
function isTimed({ now, lives }: World): boolean {
	const later = (at: number | null): boolean => at !== null && at > now
	return lives.some(({ phase, opens, expires, confirmUntil, planRest, started, steps }) => {
		if (phase === 'stopped' || phase === 'paused') return false
		if (later(opens) || later(confirmUntil) || later(planRest) || (!started && later(expires))) return true
		return steps.some(({ rest }) => later(rest))
	})
}

/** Of a sequence that was left in the middle nothing may stand in the way of the next. */
async function clear(yard: Yard, cast: Cast): Promise<void> {
	await yard.fate(null)
	await yard.commands.changeSetting({ key: 'dangerous_actions', value: true, who: yard.owner })
	for (const id of cast.ids) await yard.commands.forceUnlockTask({ id, who: yard.owner, why: 'the sequence has failed', confirmed: true })
	for (const attempt of heldAttempts(yard, cast)) await perform(yard, cast, { kind: 'letEnd', attempt }, 0)
}
