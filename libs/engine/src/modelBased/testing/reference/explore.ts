/**
 * All worlds that can be reached when everything that can happen by itself has happened, and commands that are under way
 * at once were taken up in any order and at any moment in between.
 */

import type { Answer, Command } from './commands.ts'
import { take } from './commands.ts'
import { keyOf, vary, type Change, type World } from './life.ts'
import { movesOf } from './moves.ts'

export interface Outcome {
	readonly world: World
	/** What each command was answered, in the order in which they were given. */
	readonly answers: readonly Answer[]
}

interface Point {
	readonly world: World
	readonly open: readonly number[]
	readonly answers: readonly (Answer | null)[]
}

/** More steps from world to world than this take longer than they are worth: another sequence finds as much. */
const most = 150_000

/** What was asked for leaves too much open. No fault of the engine, and none of the reference where it is rare. */
export class TooManyWorlds extends Error {
	override readonly name = 'TooManyWorlds'
}

export function outcomesOf(worlds: readonly World[], commands: readonly Command[]): Outcome[] {
	const [first] = commands
	if (first?.kind === 'kill' || first?.kind === 'drain') return outcomesOfDeath(worlds, first)
	return explore(worlds, commands)
}

/** Task by task, for what a process leaves of one does not concern another. */
function outcomesOfDeath(worlds: readonly World[], { kind, attempts }: Extract<Command, { kind: 'kill' | 'drain' }>): Outcome[] {
	const how = kind === 'kill' ? 'lost' : 'handed_back'
	let reached = worlds
	for (const life of new Set(attempts.map((attempt) => attempt.life))) {
		const losses = attempts.flatMap((attempt): Command[] => (attempt.life === life ? [{ kind: 'lose', attempt, how }] : []))
		reached = explore(reached, losses).map(({ world }) => world)
	}
	return reached.map((world) => ({ world, answers: ['done'] }))
}

function explore(worlds: readonly World[], commands: readonly Command[]): Outcome[] {
	const stack: Point[] = worlds.map((world) => ({ world, open: commands.map((_, index) => index), answers: commands.map(() => null) }))
	const seen = new Set<string>()
	const outcomes: Outcome[] = []
	let steps = 0
	while (stack.length > 0) {
		const point = stack.pop() as Point
		const key = `${point.open.join()} ${point.answers.join()} ${keyOf(point.world)}`
		if (seen.has(key)) continue
		seen.add(key)
		if (steps > most) {
			const asked = commands.map(({ kind }) => kind).join(', ')
			throw new TooManyWorlds(`The reference went ${most} steps from world to world from ${asked}: this sequence leaves too much open.`)
		}
		const targets = point.open.map((index) => targetOf(commands[index] as Command))
		for (const index of point.open) {
			const open = point.open.filter((one) => one !== index)
			for (const { world, answer } of take(point.world, commands[index] as Command))
				stack.push({ world, open, answers: point.answers.with(index, answer) })
		}
		const changes = nextChanges(point.world, targets)
		for (const world of vary(point.world, changes)) stack.push({ ...point, world })
		steps += changes.length
		if (changes.length === 0 && point.open.length === 0) outcomes.push({ world: point.world, answers: point.answers as Answer[] })
	}
	return outcomes
}

/** The task that a command is about, if it is there already. */
function targetOf(command: Command): number | null {
	if ('life' in command) return command.life
	return 'attempt' in command ? command.attempt.life : null
}

/** Fewer than all where no order makes a difference. Beside a command to a task all that the task does may. */
function nextChanges(world: World, targets: readonly (number | null)[]): readonly Change[] {
	const own: Change[] = []
	const contended: Change[] = []
	for (const number of world.lives.keys()) {
		const { changes, order } = movesOf(world, number)
		const [first] = changes
		if (!first) continue
		const isTarget = targets.includes(number)
		if (order === 'free' && !isTarget) return [first]
		if (order === 'own' && !isTarget && own.length === 0) own.push(...changes)
		else if (order === 'contended' || isTarget) contended.push(...changes)
	}
	return own.length > 0 ? own : contended
}
