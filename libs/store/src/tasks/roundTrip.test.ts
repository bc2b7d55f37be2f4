/** What is decided of a task is what is loaded of it: along random ways through all that one task can live through. */

import { decide } from '@taskyard/model/decide'
import type { Changed } from '@taskyard/model/decision'
import type { Fact } from '@taskyard/model/facts'
import { fingerprintOf } from '@taskyard/model/fingerprint'
import { admission } from '@taskyard/model/gates'
import { stringifyJson } from '@taskyard/model/json'
import { mergeChanges } from '@taskyard/model/mergeChanges'
import { defaultPolicies, type Plan, type PlannedStep, type RescueStrategy } from '@taskyard/model/plan'
import { planToStore } from '@taskyard/model/storedPlan'
import { type Gates, noGates, type StepError, type Task } from '@taskyard/model/task'
import { useDatabase } from '@taskyard/testkit/database'
import { insertUser, newTask } from '@taskyard/testkit/rows'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { applyDecisions, applyNextSteps, isNextStep, type Write } from './applyDecisions.ts'
import { timerKindCode } from './codes.ts'
import { loadTasks } from './loadTasks.ts'
import { startTasks } from './startTasks.ts'

const database = useDatabase()
let owner = 0
beforeAll(async () => {
	owner = await insertUser(database.pool)
})

// An eighth of a millisecond is exact in binary and in microseconds.
const start = 1_795_000_000_000.125
const child = 7

async function load(id: string): Promise<Task> {
	const found = (await loadTasks(database.pool, [id])).get(id)
	if (!found) throw new Error(`There is no task ${id}.`)
	return found.task
}

async function newOne(gates: Gates = noGates): Promise<Task> {
	const task = newTask({ owner, ...gates, ...admission(gates, start) })
	await startTasks(database.pool, [task])
	return load(task.id)
}

function planOf(rescue: RescueStrategy): Plan {
	const step = (index: number, more: Partial<PlannedStep> = {}): PlannedStep => ({
		action: 'Sample/step',
		name: `step ${index}`,
		input: { serial: 9007199254740993n, index },
		weight: 1,
		policies: { ...defaultPolicies, rescue, retry: { ...defaultPolicies.retry, attempts: 2 } },
		...more,
	})
	return {
		tree: {
			kind: 'sequence',
			nodes: [
				{ kind: 'step', index: 0 },
				{ kind: 'concurrence', nodes: [1, 2].map((index) => ({ kind: 'step', index })) },
			],
		},
		steps: [step(0, { finalize: true, revert: true }), step(1, { revert: true }), step(2)],
		locks: [],
		timeout: 60_000,
	}
}

const error = (during?: 'finalize' | 'revert'): StepError => ({
	message: 'exit code 23',
	type: 'Failure',
	code: 'exit',
	trace: 'Failure: exit code 23\n    at copy (/srv/app/copy.ts:1:2)',
	details: { bytes: 9007199254740993n },
	reason: 'failed',
	...(during && { during }),
})

const commands = ['cancel_asked', 'pause_asked', 'resume_asked', 'unlock_asked', 'force_unlock_asked', 'rerun_asked'] as const
const stepCommands = ['retry_step_asked', 'skip_step_asked', 'cancel_step_asked'] as const
const gone = { kind: 'attempt_lost' as const, error: { ...error(), type: 'Lost', reason: 'lost' as const } }

/** What may be said of a task. Commands are rare, else it would never come far. */
function factsFor(task: Task, at: number, plan: Plan): { usual: Fact[]; rare: Fact[] } {
	const usual: Fact[] = [{ kind: 'due', at }]
	const rare: Fact[] = commands.map((kind) => ({ kind, who: 1, why: 'so', at }))
	const attempt = task.planAttempt
	if (task.state === 'scheduled') for (const yes of [true, true, false]) usual.push({ kind: 'confirm_asked', yes, who: 1, why: null, at })
	if (task.state === 'pending')
		usual.push({ kind: 'claimed', child, at }, { kind: 'declined', waitingFor: { kind: 'worker', keys: {} }, at })
	if (task.state === 'planning') {
		usual.push(
			{ kind: 'planned', attempt, plan, at },
			{ kind: 'attempt_handed_back', step: null, attempt, at },
			{ ...gone, step: null, attempt, at },
		)
		const { retry } = defaultPolicies
		usual.push({
			kind: 'plan_failed',
			attempt,
			error: error(),
			retryable: true,
			retry: { ...retry, attempts: 2 },
			rescue: 'pause',
			random: 0.5,
			at,
		})
	}
	if (task.state === 'planned') {
		usual.push({ kind: 'claims_granted', child, at }, { kind: 'claims_refused', conflict: error(), at })
		usual.push({ kind: 'claims_queued', waitingFor: { kind: 'lock', keys: { type: 'Directory', id: '/srv' } }, at })
	}
	if (task.state === 'running')
		usual.push({ kind: 'activated', child, own: true, at }, { kind: 'cancel_signalled', at }, { kind: 'cancel_deadline', at })
	for (const step of task.steps) {
		const outcome = { step: step.index, attempt: step.attempt, at }
		if (['running', 'finalizing', 'reverting'].includes(step.state)) {
			const done: Fact = { kind: 'step_succeeded', ...outcome, output: '{"n": 12345678901234567890}', take: { child, own: true } }
			usual.push(done, done, { kind: 'step_failed', ...outcome, error: error(), retryable: true, random: 0.5, progress: 0.25 })
			rare.push({ kind: 'step_cancelled', ...outcome }, { ...gone, ...outcome }, { kind: 'attempt_handed_back', ...outcome })
			rare.push({ kind: 'step_cancel_deadline', ...outcome })
		}
		if (step.state !== 'success') rare.push(...stepCommands.map((kind): Fact => ({ kind, step: step.index, who: 1, why: null, at })))
	}
	return { usual, rare }
}

/** The facts that bring a new task to its first step. */
const begin = (plan: Plan): Fact[] => [
	{ kind: 'claimed', child, at: start },
	{ kind: 'planned', attempt: 1, plan, at: start },
	{ kind: 'claims_granted', child, own: true, at: start },
]

/** Decides facts one after the other as one write; null when the first changes nothing. */
function writeOf(before: Task, facts: readonly Fact[]): Write | null {
	let task = before
	let plan: Plan | null = null
	const parts: Changed[] = []
	for (const fact of facts) {
		const decision = decide(task, fact)
		if (decision.kind !== 'changed') break
		if (fact.kind === 'planned') plan = fact.plan
		task = decision.task
		parts.push(decision)
	}
	if (parts.length === 0) return null
	const changed = mergeChanges(parts, task)
	return { before, changed, plan: plan && stringifyJson(planToStore(plan)), name: null, output: null }
}

async function apply(write: Write): Promise<Task> {
	const statement = isNextStep(write) ? applyNextSteps : applyDecisions
	expect([...(await statement(database.pool, [write]))]).toEqual([write.before.id])
	return load(write.before.id)
}

/** The column of the progress has single precision. */
function storable(task: Task): Task {
	return {
		...task,
		progress: Math.fround(task.progress),
		steps: task.steps.map((step) => ({ ...step, progress: Math.fround(step.progress) })),
	}
}

/** What the decision leaves of the task once it is written. */
const written = ({ changed, before }: Write) => storable({ ...changed.task, revision: before.revision + 1 })

async function timersOf(id: string): Promise<{ step: number; kind: string; due: number }[]> {
	const { rows } = await database.pool.query<{ step: number; kind: number; due: number }>(
		'select step, kind, due_at as due from timer where task_id = $1 order by step, kind',
		[id],
	)
	return rows.map((row) => ({ ...row, kind: timerKindCode.decode(row.kind) }))
}

describe('what is decided is what is loaded', () => {
	it('along random ways', async () => {
		const seen = new Set<string>()
		const gates: Gates = { ...noGates, startAt: start + 2000, startBefore: start + 30_000, confirmBefore: start + 5000 }
		const ways = fc.record({
			begun: fc.constantFrom(true, true, true, false),
			gates: fc.constantFrom(noGates, gates),
			rescue: fc.constantFrom<RescueStrategy>('pause', 'skip', 'fail', 'revert'),
			choices: fc.array(fc.noBias(fc.record({ rare: fc.nat(11), which: fc.nat(), seconds: fc.constantFrom(0, 1, 20) })), {
				minLength: 20,
				maxLength: 40,
				size: 'max',
			}),
		})
		await fc.assert(
			fc.asyncProperty(ways, async (way) => {
				const plan = planOf(way.rescue)
				let task = await newOne(way.begun ? noGates : way.gates)
				if (way.begun) task = await apply(writeOf(task, begin(plan)) as Write)
				let at = start
				for (const { rare, which, seconds } of way.choices) {
					at += seconds * 1000
					const candidates = factsFor(task, at, plan)
					const list = rare === 0 ? candidates.rare : candidates.usual
					const write = writeOf(task, [list[which % list.length] as Fact])
					if (!write) continue
					task = await apply(write)
					expect(storable(task)).toEqual(written(write))
					const due = new Map((await timersOf(task.id)).map((timer) => [`${timer.step}/${timer.kind}`, timer.due]))
					if (task.state === 'stopped') expect(due.size).toBe(0)
					else for (const timer of write.changed.timers) expect(due.get(`${timer.step ?? -1}/${timer.kind}`)).toBeCloseTo(timer.dueAt, 2)
					for (const { state } of [task, ...task.steps]) seen.add(state)
				}
			}),
			{ numRuns: 100 },
		)
		expect([...seen]).toEqual(expect.arrayContaining(['paused', 'running', 'stopped', 'pending', 'success', 'cancelled']))
	}, 60_000)

	it.each([
		['through finalize to a good end', null, ['running', 'success', 'finalizing', 'finalized']],
		['through a failure back to where it began', 2, ['running', 'success', 'error', 'reverting', 'reverted']],
	] as const)('%s', async (_, failing, passed) => {
		const plan = planOf('revert')
		let task = await apply(writeOf(await newOne(), begin(plan)) as Write)
		const seen = new Set<string>()
		for (let at = start + 1000; task.state === 'running'; at += 1000) {
			const busy = task.steps.find(({ state }) => state === 'running' || state === 'finalizing' || state === 'reverting')
			const outcome = busy && { step: busy.index, attempt: busy.attempt, at }
			const fact: Fact = !outcome
				? { kind: 'activated', child, own: true, at }
				: outcome.step === failing
					? { kind: 'step_failed', ...outcome, error: error(), retryable: false, random: 0, progress: 0.25 }
					: { kind: 'step_succeeded', ...outcome, output: '{}', take: null }
			const write = writeOf(task, [fact]) as Write
			task = await apply(write)
			expect(storable(task)).toEqual(written(write))
			for (const { state } of task.steps) seen.add(state)
		}
		expect(task.state).toBe('stopped')
		expect([...seen]).toEqual(expect.arrayContaining([...passed]))
	})

	it('a timer that is set twice in one group has the later time, and those of a stopped task go', async () => {
		const plan = planOf('pause')
		let task = await newOne()
		const operator = { who: 1, why: null }
		const again: Fact[] = [
			{ kind: 'attempt_handed_back', step: 0, attempt: 1, at: start + 1000 },
			{ kind: 'pause_asked', ...operator, at: start + 1000 },
			{ kind: 'resume_asked', ...operator, at: start + 5000 },
		]
		const write = writeOf(task, [...begin(plan), ...again])
		if (!write) throw new Error('Nothing was decided.')
		expect(write.changed.timers.map(({ kind, dueAt }) => [kind, dueAt])).toEqual([
			['time_out', start + 60_000],
			['time_out', start + 65_000],
		])
		task = await apply(write)
		expect(await timersOf(task.id)).toEqual([{ step: -1, kind: 'time_out', due: start + 65_000 }])
		const stop = writeOf(task, [{ kind: 'cancel_asked', ...operator, at: start + 6000 }])
		task = await apply(stop as Write)
		expect(task.state).toBe('stopped')
		expect(await timersOf(task.id)).toEqual([])
	})
})

it('only what failed by its own doing has a fingerprint, of the planning too', async () => {
	const { retry } = defaultPolicies
	const at = start
	const plan = planOf('pause')
	let task = await newOne()
	const facts: Fact[][] = [
		[
			{ kind: 'claimed', child, at },
			{
				kind: 'plan_failed',
				attempt: 1,
				error: error(),
				retryable: true,
				retry: { ...retry, attempts: 3 },
				rescue: 'pause',
				random: 0,
				at,
			},
		],
		[
			{ kind: 'due', at: at + 60_000 },
			{ kind: 'claimed', child, at: at + 60_000 },
			{ ...gone, step: null, attempt: 2, at: at + 60_000 },
			{ kind: 'claimed', child, at: at + 60_000 },
			{ kind: 'planned', attempt: 3, plan, at: at + 60_000 },
			{ kind: 'claims_granted', child, at: at + 60_000 },
			{ kind: 'step_failed', step: 0, attempt: 1, error: error(), retryable: true, random: 0, progress: 0, at: at + 60_000 },
		],
	]
	for (const group of facts) task = await apply(writeOf(task, group) as Write)
	const { rows } = await database.pool.query('select step, number, fingerprint from attempt where task_id = $1 order by step, number', [
		task.id,
	])
	expect(rows).toEqual([
		{ step: -1, number: 1, fingerprint: fingerprintOf(error()) },
		{ step: -1, number: 2, fingerprint: null },
		{ step: 0, number: 1, fingerprint: fingerprintOf(error()) },
	])
})
