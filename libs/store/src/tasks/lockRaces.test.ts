import { expect, it } from 'vitest'
import { claim, useClaimants } from './testing/claimants.ts'

const claimants = useClaimants()
const { newTask, take, release, standing } = claimants

/** A fixed order of numbers that looks like none. */
function numbersFrom(seed: number): (below: number) => number {
	let state = seed
	return (below) => {
		state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
		return Math.floor((state / 2_147_483_648) * below)
	}
}

/** Deadlocks that the server has broken up. */
async function deadlocks(): Promise<number> {
	const { rows } = await claimants.pool.query<{ count: number }>(
		'select pg_stat_clear_snapshot(), (select deadlocks::int from pg_stat_database where datname = current_database()) as count',
	)
	return rows[0]?.count ?? -1
}

it('4 connections that claim and release up to three of five resources each: no deadlock, each is granted once, and none is forgotten', async () => {
	const ended = new Set<string>()
	const granted = new Set<string>()
	let waited = 0
	/** Ends the task, and all that were granted their locks by that. */
	async function end(task: string): Promise<void> {
		if (granted.has(task)) throw new Error(`Task ${task} was granted its locks twice.`)
		granted.add(task)
		const next = await release(task)
		ended.add(task)
		for (const one of next) await end(one)
	}
	const each = 60
	await Promise.all(
		[1, 2, 3, 4].map(async (seed) => {
			const below = numbersFrom(seed)
			for (let n = 0; n < each; n++) {
				const task = await newTask(`task ${n} of ${seed}`)
				const claims = Array.from({ length: 1 + below(3) }, () =>
					claim(`${below(5)}`, below(3) === 0 ? 'shared' : 'exclusive', 'wait', below(4) === 0 ? 'x' : '*'),
				)
				const taken = await take(task, ...claims)
				if (taken.kind === 'granted') await end(task)
				else waited += 1
			}
		}),
	)
	expect(await standing()).toEqual([])
	expect(ended.size).toBe(4 * each)
	expect(await deadlocks()).toBe(0)
	// Without a line nobody has raced.
	expect(waited).toBeGreaterThan(10)
}, 60_000)
