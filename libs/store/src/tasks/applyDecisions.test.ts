import { decide } from '@taskyard/model/decide'
import type { Changed } from '@taskyard/model/decision'
import type { Fact, Taker } from '@taskyard/model/facts'
import { mergeChanges } from '@taskyard/model/mergeChanges'
import { defaultPolicies, type Plan, type PlanNode } from '@taskyard/model/plan'
import { noGates, type Task } from '@taskyard/model/task'
import { useDatabase } from '@taskyard/testkit/database'
import { insertUser, newId, newTask } from '@taskyard/testkit/rows'
import { beforeAll, describe, expect, it } from 'vitest'
import { applyDecisions, applyNextSteps, enginePlanner, isNextStep, type Write } from './applyDecisions.ts'
import { loadTasks } from './loadTasks.ts'
import { startTasks } from './startTasks.ts'
import { openPool } from '../connection.ts'

const database = useDatabase()
let owner = 0
beforeAll(async () => {
	owner = await insertUser(database.pool)
})

const child = 7
const taker: Taker = { child }
const at = 1_795_000_000_000
const step = (index: number): PlanNode => ({ kind: 'step', index })
const chain: PlanNode = { kind: 'sequence', nodes: [step(0), step(1), step(2)] }
const fork: PlanNode = { kind: 'concurrence', nodes: [step(0), step(1), step(2)] }

const planOf = (tree: PlanNode): Plan => ({
	tree,
	steps: [0, 1, 2].map((index) => ({
		action: 'Sample/step',
		name: `step ${index}`,
		input: {},
		weight: index + 1,
		policies: { ...defaultPolicies, retry: { ...defaultPolicies.retry, attempts: 3 } },
	})),
	locks: [],
})

/** Decides facts one after the other on a task as one write. */
function writeOf(before: Task, facts: readonly Fact[], plan: Plan | null = null): Write {
	let task = before
	const parts: Changed[] = []
	for (const fact of facts) {
		const decision = decide(task, fact)
		if (decision.kind !== 'changed') throw new Error(`The fact ${fact.kind} changes nothing.`)
		task = decision.task
		parts.push(decision)
	}
	return { before, changed: mergeChanges(parts, task), plan: plan && JSON.stringify(plan), name: null, output: null }
}

async function load(id: string): Promise<Task> {
	const found = (await loadTasks(database.pool, [id])).get(id)
	if (!found) throw new Error(`There is no task ${id}.`)
	return found.task
}

/** A task whose first step runs, and with it as many of the others as there are further facts. */
async function running(tree: PlanNode, further: readonly Fact[] = []): Promise<Task> {
	const id = newId()
	await startTasks(database.pool, [newTask({ id, owner })])
	await applyDecisions(database.pool, [writeOf(await load(id), [{ kind: 'claimed', child, at }])])
	const plan = planOf(tree)
	const facts: Fact[] = [{ kind: 'planned', attempt: 1, plan, at }, { kind: 'claims_granted', child, at }, ...further]
	await applyDecisions(database.pool, [writeOf(await load(id), facts, plan)])
	return load(id)
}

const succeeded = (index: number, take: Taker | null, output: string | null = '{"n": 12345678901234567890}', attempt = 1): Fact => ({
	kind: 'step_succeeded',
	step: index,
	attempt,
	output,
	at: at + 250.125,
	take,
})
const failed: Fact = {
	kind: 'step_failed',
	step: 0,
	attempt: 1,
	error: { message: 'no', type: 'Failure', code: null, trace: null, details: null, reason: 'failed' },
	retryable: true,
	random: 0,
	progress: 0,
	at,
}
const activated: Fact = { kind: 'activated', child, at }

/** All that is stored of a task, but for its id and the moment of the write. */
async function stored(id: string): Promise<unknown> {
	const { rows } = await database.pool.query<{ all: string }>(
		`select json_build_object('task', to_jsonb(t) - 'id' - 'created_at' - 'state_updated_at',
  'steps', (select json_agg(to_jsonb(s) - 'task_id' order by s.index) from step s where s.task_id = t.id),
  'outputs', (select json_agg(s.output::text order by s.index) from step s where s.task_id = t.id),
  'events', (select json_agg(to_jsonb(e) - 'task_id' - 'at' order by e.revision, e.n) from event e where e.task_id = t.id),
  'attempts', (select json_agg(to_jsonb(a) - 'task_id' order by a.step, a.number) from attempt a where a.task_id = t.id),
  'changes', (select json_agg(json_build_array(c.revision, c.kinds) order by c.revision) from change c where c.task_id = t.id)) as all
from task t where id = $1`,
		[id],
	)
	return JSON.parse(rows[0]?.all ?? 'null')
}

describe('the short statement writes what the long one writes', () => {
	it.each([
		['the next step of a sequence', chain, [], succeeded(0, taker)],
		['no step, for the child takes none', fork, [activated], succeeded(0, null)],
		['another branch', fork, [activated], succeeded(1, taker)],
		['a step without output', chain, [], succeeded(0, taker, null)],
	] as const)('when %s begins', async (_, tree, further, fact) => {
		const [one, other] = [await running(tree, further), await running(tree, further)]
		const [short, long] = [writeOf(one, [fact]), writeOf(other, [fact])]
		expect(isNextStep(short)).toBe(true)
		expect([...(await applyNextSteps(database.pool, [short]))]).toEqual([one.id])
		expect([...(await applyDecisions(database.pool, [long]))]).toEqual([other.id])
		expect(await stored(one.id)).toEqual(await stored(other.id))
		expect({ ...(await load(one.id)), id: '' }).toEqual({ ...(await load(other.id)), id: '' })
	})
})

describe('is more than the next step', () => {
	it.each([
		['the end of the task', chain, [], [succeeded(0, taker), succeeded(1, taker), succeeded(2, taker)]],
		['the first step', chain, [], [failed]],
		['a second try', chain, [failed, { kind: 'due', at: at + 1e6 }, { ...activated, at: at + 1e6 }], [succeeded(0, taker, null, 2)]],
		['two facts at once', fork, [activated], [succeeded(0, null), succeeded(1, null)]],
		['a cancel that was asked', chain, [], [{ kind: 'cancel_asked', who: 1, why: null, at }, succeeded(0, taker)]],
	] as [string, PlanNode, Fact[], Fact[]][])('%s', async (_, tree, further, facts) => {
		expect(isNextStep(writeOf(await running(tree, further), facts))).toBe(false)
	})
})

describe('is more than the next step, when beside it changes', () => {
	const changes: Partial<Task>[] = [
		{ pauseAsked: true },
		{ unlocked: true },
		{ touched: true },
		{ gates: { ...noGates, confirmBefore: at } },
		{ planTries: 1 },
		{ notBefore: at },
		{ runningSince: at + 1 },
		{ ranFor: 1 },
		{ waitingFor: { kind: 'capacity', keys: {} } },
	]
	it.each(changes.map((change) => [Object.keys(change).join(), change] as const))('%s', async (_, change) => {
		const write = writeOf(await running(chain), [succeeded(0, taker)])
		expect(isNextStep(write)).toBe(true)
		expect(isNextStep({ ...write, changed: { ...write.changed, task: { ...write.changed.task, ...change } } })).toBe(false)
	})

	it('that a cancel of the step is no longer asked', async () => {
		const before = await running(chain)
		const asked = { ...before, steps: before.steps.map((one) => (one.index === 0 ? { ...one, cancelAsked: true } : one)) }
		expect(isNextStep({ ...writeOf(before, [succeeded(0, taker)]), before: asked })).toBe(false)
	})
})

describe('a decision on an old revision', () => {
	it.each([
		['short', applyNextSteps],
		['long', applyDecisions],
	])('is void in the %s statement, and its neighbours count', async (_, apply) => {
		const [moved, still] = [await running(chain), await running(chain)]
		const writes = [writeOf(moved, [succeeded(0, taker)]), writeOf(still, [succeeded(0, taker)])]
		await applyDecisions(database.pool, [writeOf(moved, [{ kind: 'cancel_asked', who: 1, why: null, at }])])
		const before = await stored(moved.id)
		expect([...(await apply(database.pool, writes))]).toEqual([still.id])
		expect(await stored(moved.id)).toEqual(before)
		expect(await load(still.id)).toMatchObject({ revision: still.revision + 1 })
	})
})

it('the short statement visits the tasks in the order of the parameters', async () => {
	const pool = openPool(database.url, {
		max: 1,
		applicationName: 'taskyard test',
		session: `${enginePlanner} -c plan_cache_mode=force_generic_plan`,
	})
	try {
		const task = await running(chain)
		const sent: string[] = []
		const spy = { query: (({ text }: { text: string }) => (sent.push(text), { rows: [] })) as unknown as typeof pool.query }
		await applyNextSteps(spy, [writeOf(task, [succeeded(0, taker)])])
		await pool.query(`prepare short as ${sent[0]}`)
		const { rows } = await pool.query<{ 'QUERY PLAN': string }>(
			`explain (costs off) execute short (${Array.from({ length: 9 }, () => 'null').join()})`,
		)
		const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
		expect(plan).toMatch(
			/Update on task t\n\s+-> {2}Nested Loop\n\s+-> {2}Function Scan on i\n\s+-> {2}Index Scan using task_pkey on task t\n/,
		)
	} finally {
		await pool.end()
	}
})
