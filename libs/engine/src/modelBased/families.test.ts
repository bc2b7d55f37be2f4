/**
 * Random families against the real engine: what persons do to a parent and its sub-tasks, compared after each command with
 * a reference that is written from the domain. `TASKYARD_SEED` plays the families of a failure again.
 */

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { childrenOf, childType, countsAndRows, parentType } from '../testing/families.ts'
import { type EngineUnderTest, engineUnderTest } from '../testing/engineUnderTest.ts'
import { after, begun, type Family, type FamilyCommand, type FamilyShape, type Standing } from './testing/reference/family.ts'

const database = useDatabase()
let engine: EngineUnderTest
beforeAll(async () => {
	engine = await engineUnderTest({ url: database.url, definitions: [childType(), parentType()] })
	await engine.commands.changeSetting({ key: 'dangerous_actions', value: true, who: engine.owner })
})
afterAll(() => engine?.stop())

const shapes: fc.Arbitrary<FamilyShape & { readonly limit: number | null }> = fc.record({
	fates: fc.array(fc.constantFrom('success' as const, 'pause' as const, 'pause' as const, 'fail' as const), { minLength: 1, maxLength: 4 }),
	failWhen: fc.constantFrom('any' as const, 'all' as const),
	leaveRunning: fc.boolean(),
	limit: fc.constantFrom(null, 1, 2),
})

const member = fc.nat(3)
const command: fc.Arbitrary<FamilyCommand> = fc.oneof(
	fc.record({ kind: fc.constantFrom('cancelParent' as const, 'resumeParent' as const, 'resumeParent' as const) }),
	fc.record({ kind: fc.constantFrom('cancelMember' as const, 'resumeMember' as const, 'unlockMember' as const), member }),
)

/** What the tables say; null while something is under way. */
async function seen(id: string, children: readonly string[]): Promise<Family | null> {
	const { task } = await engine.load(id)
	const members: Standing[] = []
	for (const child of children) {
		const { state, result } = (await engine.load(child)).task
		if (state !== 'paused' && state !== 'stopped') return null
		members.push(state === 'paused' ? 'paused' : (result as Standing))
	}
	return { members, parent: [`${task.state}/${task.result}`, ...(task.reason === null ? [] : [task.reason])].join(' '), touched: false }
}

const told = ({ members, parent }: Family): string => `${parent}: ${members.join(', ')}`

async function play(
	{ limit, ...shape }: FamilyShape & { readonly limit: number | null },
	commands: readonly FamilyCommand[],
): Promise<void> {
	const { fates, failWhen, leaveRunning } = shape
	const options = { failWhen, leaveRunning, ...(limit !== null && { limit }) }
	const id = await engine.start('Family::Parent', { fates, options })
	const story: string[] = []

	async function reach(possible: readonly Family[]): Promise<Family> {
		let last = 'nothing'
		const found = await waitFor('the family to be where the reference is', async () => {
			const children = await childrenOf(engine, id)
			const now = children.length === fates.length ? await seen(id, children) : null
			last = now ? told(now) : 'under way'
			return possible.find((one) => now && told(one) === last) ?? null
		}).catch((cause: Error) => {
			throw new Error([...story, `came to ${last}, expected ${possible.map(told).join(' or ')}`].join('\n'), { cause })
		})
		const { counted, rows } = await countsAndRows(engine.pool, id)
		expect(counted, story.join('\n')).toEqual(rows)
		return found
	}

	let family = await reach(begun(shape))
	for (const one of [...commands, { kind: 'cancelParent' } as const]) {
		const possible = after(shape, family, one)
		if (possible.length === 0) continue
		const target = 'member' in one ? ((await childrenOf(engine, id))[one.member] ?? '') : id
		const order = { id: target, who: engine.owner, why: null }
		story.push(JSON.stringify(one))
		const answer = await give(one.kind, order)
		expect(answer, story.join('\n')).toHaveProperty('task')
		family = await reach(possible)
	}
}

function give(kind: FamilyCommand['kind'], order: { id: string; who: number; why: null }): Promise<object> {
	switch (kind) {
		case 'cancelParent':
		case 'cancelMember':
			return engine.commands.cancelTask(order)
		case 'resumeParent':
		case 'resumeMember':
			return engine.commands.resumeTask(order)
		case 'unlockMember':
			return engine.commands.unlockTask({ ...order, confirmed: true })
	}
}

const runs = process.env.TASKYARD_NIGHTLY === undefined ? 60 : 1_000

test(
	`parent and sub-tasks go where the reference goes, in ${runs} random families`,
	async () => {
		const given = process.env.TASKYARD_SEED
		const seed = given ? Number(given) : Math.trunc(Math.random() * 2 ** 31)
		await fc.assert(fc.asyncProperty(shapes, fc.array(command, { minLength: 2, maxLength: 6, size: 'max' }), play), {
			numRuns: runs,
			seed,
			endOnFailure: true,
		})
		expect((await database.pool.query('select from task where state <> 6')).rowCount).toBe(0)
	},
	20 * 60_000,
)
