import { areRelated, conflicts, nextInLine } from '@taskyard/model/locks'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { inTransaction } from '../connection.ts'
import { readStandingClaims } from './standingClaims.ts'
import { claim, useClaimants } from './testing/claimants.ts'

const claimants = useClaimants()
const { newTask, take, release, standing } = claimants

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
						// As if all had stood in line: granted is who would be next.
						const inLine = after.map((one) => (one.task === task ? { ...one, granted: false } : one))
						expect(mine.every((one) => one.granted === (taken.kind === 'granted'))).toBe(true)
						expect(nextInLine(inLine).includes(task)).toBe(taken.kind === 'granted')
						if (taken.kind === 'queued') queued += 1
					}
				} else {
					const [someone] = before.slice(move.task % Math.max(1, before.length))
					const task = someone?.task ?? (tasks[move.task] as string)
					const expected = nextInLine(before.filter((one) => one.task !== task)).sort()
					const granted = await release(task)
					expect(granted.filter((one) => !expected.includes(one))).toEqual([])
					// What a release leaves to a later look: sub-tasks behind their own ancestors, or whose ancestor has its lock only now.
					const overlooked = expected.filter((one) => !granted.includes(one))
					expect(overlooked.filter((one) => before.some((other) => other.task === one && other.ancestors.length === 0))).toEqual([])
					for (const one of overlooked) {
						const found = await inTransaction(claimants.pool, (client) => readStandingClaims(client, one))
						expect(found.claims).toEqual({ kind: 'granted' })
					}
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
