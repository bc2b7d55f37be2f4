import { areRelated, conflicts, nextInLine, type StandingClaim } from '@taskyard/model/locks'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { claim, useClaimants } from './testing/claimants.ts'

const claimants = useClaimants()
const { newTask, take, release, standing } = claimants

/** All that can be granted: what is granted to an ancestor can let its descendants go on. */
function allNext(claims: readonly StandingClaim[]): string[] {
	const next = nextInLine(claims)
	if (next.length === 0) return []
	return [...next, ...allNext(claims.map((one) => (next.includes(one.task) ? { ...one, granted: true } : one)))].sort()
}

it('whatever is claimed and released, the statements grant what the rules of the model grant', async () => {
	const anyClaims = fc.array(
		fc.record({
			resource: fc.constantFrom('r', 's', 't'),
			name: fc.constantFrom('*', 'x', 'y'),
			mode: fc.constantFrom('exclusive' as const, 'shared' as const),
			onConflict: fc.constantFrom('wait' as const, 'wait' as const, 'fail' as const),
		}),
		{ minLength: 1, maxLength: 3 },
	)
	const anyMove = fc.oneof(
		{ weight: 3, arbitrary: fc.record({ kind: fc.constant('take' as const), task: fc.nat(7), claims: anyClaims }) },
		{ weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), task: fc.nat(7) }) },
	)
	// A family of four, and four strangers.
	const tasks: string[] = []
	for (const parent of [null, 0, 1, 0, null, null, null, null]) {
		tasks.push(await newTask(`task ${tasks.length}`, parent === null ? undefined : tasks[parent]))
	}
	let queued = 0
	let handedOn = 0
	await fc.assert(
		fc.asyncProperty(fc.array(anyMove, { minLength: 6, maxLength: 24 }), async (moves) => {
			await claimants.pool.query('truncate lock')
			for (const move of moves) {
				const before = await standing()
				if (move.kind === 'take') {
					const task = tasks[move.task] as string
					if (before.some((one) => one.task === task)) continue
					const taken = await take(task, ...move.claims.map((one) => claim(one.resource, one.mode, one.onConflict, one.name)))
					const after = await standing()
					const mine = after.filter((one) => one.task === task)
					if (taken.kind === 'refused') expect(after).toEqual(before)
					else {
						// As if all had stood in line: granted is who would be next, and its sub-tasks that can live on its claims.
						const inLine = after.map((one) => (one.task === task ? { ...one, granted: false } : one))
						expect(mine.every((one) => one.granted === (taken.kind === 'granted'))).toBe(true)
						expect(nextInLine(inLine).includes(task)).toBe(taken.kind === 'granted')
						const others = taken.kind === 'granted' ? (taken.others ?? []).map((one) => one.task) : []
						const grantedNow = before.map((one) => (others.includes(one.task) ? { ...one, granted: true } : one))
						expect(after.filter((one) => one.task !== task)).toEqual(grantedNow)
						expect(allNext(after)).toEqual([])
						if (taken.kind === 'queued') queued += 1
					}
				} else {
					const [someone] = before.slice(move.task % Math.max(1, before.length))
					const task = someone?.task ?? (tasks[move.task] as string)
					const granted = await release(task)
					expect(granted).toEqual(allNext(before.filter((one) => one.task !== task)))
					handedOn += granted.length
				}
				const holders = (await standing()).filter((one) => one.granted)
				for (const one of holders) {
					for (const other of holders) {
						const clash = one.resource === other.resource && conflicts(one, other) && !areRelated(one, other)
						// Only siblings that live, or have lived, on the lock of an ancestor.
						if (clash) expect(one.ancestors.some((id) => other.ancestors.includes(id))).toBe(true)
					}
				}
			}
		}),
		{ numRuns: 60 },
	)
	// A property about lines needs lines.
	expect(queued).toBeGreaterThan(40)
	expect(handedOn).toBeGreaterThan(10)
}, 60_000)
