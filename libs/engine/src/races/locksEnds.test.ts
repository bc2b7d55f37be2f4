import type { Fact } from '@taskyard/model/facts'
import type { LockClaim } from '@taskyard/model/plan'
import { Failure } from '@taskyard/sdk/failure'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type EngineUnderTest, engineUnderTest, sketch, step } from '../testing/engineUnderTest.ts'

const database = useDatabase()
let engine: EngineUnderTest

const resources = ['left', 'right'] as const
const modes = ['exclusive', 'shared'] as const
const conflicts = ['wait', 'fail'] as const
const ends = ['finish', 'fail', 'cancel', 'unlock', 'force'] as const
type End = (typeof ends)[number]

const locksOf = (resource: string, mode: LockClaim['mode'], onConflict: 'wait' | 'fail'): LockClaim[] =>
	(resource === 'both' ? resources : [resource]).map((id) => ({ resource: { type: 'Side', id }, name: '*', mode, onConflict }))
const labelOf = (resource: string, mode: string, onConflict: string): string => `Ends::${resource}-${mode}-${onConflict}`

beforeAll(async () => {
	const kinds = [...resources, 'both'].flatMap((resource) =>
		modes.flatMap((mode) => conflicts.map((onConflict) => ({ resource, mode, onConflict }))),
	)
	engine = await engineUnderTest({
		url: database.url,
		cancelDeadline: 50,
		definitions: kinds.map(({ resource, mode, onConflict }) =>
			sketch({
				label: labelOf(resource, mode, onConflict),
				tree: () => step(0),
				locks: locksOf(resource, mode, onConflict),
				steps: (input: { end: End }) => [
					{
						run: async (_: never, { signal }) => {
							if (input.end === 'fail' || input.end === 'unlock') throw new Failure('It was to fail.', { retryable: false })
							if (input.end === 'finish') return
							if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
							signal.throwIfAborted()
						},
					},
				],
			}),
		),
	})
})
afterAll(() => engine?.stop())

const anyTask = fc.record({
	resource: fc.constantFrom(...resources, 'both'),
	mode: fc.constantFrom(...modes),
	onConflict: fc.constantFrom('wait', ...conflicts),
	end: fc.constantFrom(...ends),
	/** Ends before its turn has come, when it can. */
	early: fc.boolean(),
})

/** Leads the task to its end by one move, if it needs one; answers whether it has stopped. */
async function lead(id: string, end: End, early: boolean, resumes: Map<string, number>): Promise<boolean> {
	const { task } = await engine.load(id)
	const by = { who: engine.owner, why: null }
	const submit = (kind: 'unlock_asked' | 'force_unlock_asked' | 'resume_asked') =>
		engine.door.submit(id, () => [{ fact: { kind, ...by, at: Date.now() } satisfies Fact }])
	switch (task.state) {
		case 'stopped':
			return true
		case 'paused':
			if (task.reason === 'lock_conflict' && (resumes.get(id) ?? 0) < 3) {
				resumes.set(id, (resumes.get(id) ?? 0) + 1)
				await submit('resume_asked')
			} else if (end === 'unlock') await submit('unlock_asked')
			else await engine.commands.cancelTask({ id, ...by })
			return false
		case 'scheduled':
		case 'pending':
		case 'planning':
		case 'planned':
		case 'running':
			if (task.state !== 'running' && !early) return false
			if (end === 'cancel') {
				await engine.commands.cancelTask({ id, ...by })
				await engine.executor.look()
			} else if (end === 'force') {
				await submit('force_unlock_asked')
				await engine.executor.look()
			}
			return false
	}
}

it('no lock survives its task, however that ends, and nobody waits for ever', async () => {
	let waited = 0
	await fc.assert(
		fc.asyncProperty(fc.array(anyTask, { minLength: 4, maxLength: 12 }), async (tasks) => {
			const started = await Promise.all(
				tasks.map(async (task) => ({
					...task,
					id: await engine.start(labelOf(task.resource, task.mode, task.onConflict), { end: task.end }),
				})),
			)
			const resumes = new Map<string, number>()
			await waitFor('all tasks to stop', async () => {
				const { rows } = await database.pool.query<{ line: number; both: number }>(
					`select count(*) filter (where not granted)::int as line,
						(select count(*)::int from lock a join lock b using (resource_id)
							where a.granted and b.granted and a.task_id < b.task_id and not (a.mode = 1 and b.mode = 1)) as both from lock`,
				)
				waited += rows[0]?.line ?? 0
				if (rows[0]?.both) throw new Error('Two tasks hold what conflicts.')
				const stopped = await Promise.all(started.map(({ id, end, early }) => lead(id, end, early, resumes)))
				const left = started.filter((_, index) => !stopped[index])
				if (left.length > 0) throw new Error(`Not stopped are ${JSON.stringify(left)}.`)
				return true
			})
			const { rows } = await database.pool.query('select task_id, granted from lock')
			expect(rows).toEqual([])
		}),
		{ numRuns: 25, endOnFailure: true },
	)
	expect(waited).toBeGreaterThan(0)
}, 120_000)
