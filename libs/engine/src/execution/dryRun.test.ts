import { Failure } from '@taskyard/sdk/failure'
import { useDatabase } from '@taskyard/testkit/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EngineUnderTest, engineUnderTest, sketch, step } from '../testing/engineUnderTest.ts'

const database = useDatabase()
let engine: EngineUnderTest
const plan = sketch({
	label: 'DryRun::Plans',
	tree: () => step(0),
	steps: () => [{ run: () => 'never' }],
	locks: [{ resource: { type: 'Directory', id: '{path}' }, name: 'backup', mode: 'exclusive' }],
	data: { name: 'Backup of {path}' },
})

beforeAll(async () => {
	engine = await engineUnderTest({
		url: database.url,
		definitions: [
			plan,
			{
				...sketch({ label: 'DryRun::Throws', tree: () => step(0), steps: () => [] }),
				plan: () => Promise.reject(new Failure('no such host', { code: 'no_host' })),
			},
		],
	})
})
afterAll(() => engine?.stop())

const ask = (label: string, input: object) =>
	engine.commands.dryRunTask({ label, input: JSON.stringify(input), who: engine.owner, limit: 10_000 })

describe('a dry run', () => {
	it('answers name, steps and locks, and stores nothing of a task', async () => {
		expect(await ask('DryRun::Plans', { path: '/srv' })).toMatchObject({
			planned: {
				name: 'Backup of /srv',
				plan: { tree: { kind: 'step', index: 0 }, steps: [{ action: 'DryRun::Plans/0', name: 'step 0' }] },
				locks: [{ resource: { type: 'Directory', id: '/srv' }, name: 'backup', mode: 'exclusive' }],
			},
		})
		for (const table of ['task', 'step', 'event', 'lock', 'resource', 'dry_run']) {
			const { rows } = await engine.pool.query(`select count(*)::int as count from ${table}`)
			expect([table, rows]).toEqual([table, [{ count: 0 }]])
		}
	})

	it('answers what planning threw', async () => {
		expect(await ask('DryRun::Throws', {})).toMatchObject({
			failure: { message: 'no such host', code: 'no_host', reason: 'planning_failed' },
		})
	})

	it('of a question that is gone changes nothing', async () => {
		await engine.executor.activate('019aa000-0000-7000-8000-000000000000')
		expect((await engine.pool.query('select from dry_run')).rowCount).toBe(0)
	})
})
