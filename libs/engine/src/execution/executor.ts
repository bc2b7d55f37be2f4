/**
 * The hands of a worker child: takes an activation, plans or runs what the task needs, and goes on with the next step in
 * the same process. What is not durable is never gone on from: each step starts after the group with its predecessor
 * committed.
 */

import { enqueue } from '@taskyard/dispatch/jobs'
import type { Decision } from '@taskyard/model/decision'
import type { Fact } from '@taskyard/model/facts'
import { defaultPolicies } from '@taskyard/model/plan'
import { planToStore } from '@taskyard/model/storedPlan'
import type { Step, StepError } from '@taskyard/model/task'
import type { StepContext, TaskDefinition } from '@taskyard/sdk/definition'
import { abortReason, stepErrorOf } from '@taskyard/sdk/failure'
import { parseJson, stringifyJson } from '@taskyard/sdk/json'
import type { Pool } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import { type Answer, type Door, UnstorableDecision } from '../decisions/door.ts'
import { fillIn } from '../decisions/taskOutput.ts'
import { planWithLocks } from '../locks/planWithLocks.ts'
import { forgetProcessGroup, storeProcessGroup } from '../recovery/processGroups.ts'
import { repeatWhile } from '../repetition.ts'
import { abort, AttemptContext, type AttemptServices, beginAttempt, type Running } from './attemptContext.ts'
import type { ProgressReports } from './progressReports.ts'
import { openStepLog } from './stepLog.ts'

export interface ExecutorOptions {
	readonly pool: Pool
	readonly door: Door
	readonly clock: IdSource
	/** Id of this incarnation of a child. */
	readonly child: number
	readonly bootId: string
	readonly definitions: ReadonlyMap<string, TaskDefinition>
	readonly progress: ProgressReports
	/** Milliseconds between the signal of a cancel and its deadline. */
	readonly cancelDeadline: number
	readonly worthRepeating: () => boolean
	readonly log: (level: 'error' | 'warning' | 'info' | 'debug', message: string) => void
}

export interface Executor {
	/** Carries on with a task as far as this process can. Never throws for the task's own doing. */
	activate(task: string): Promise<void>
	/** Signals the running attempts of a task whose cancel was asked. */
	cancel(task: string): void
	/** Aborts everything at once: the lease is over, and nothing of this child counts any more. */
	abortAll(): void
	/** Goes on with no further step: what comes next travels by the queue. */
	drain(): void
	/** Aborts what still runs and hands it back, for the process is about to end. */
	handBack(): void
	/** Running attempts. */
	readonly busy: number
}

/** A task that this process carries on with, by one or more activations at once. */
interface Carried {
	activations: number
	/** Attempts that have begun here, as step and number. */
	readonly begun: Set<string>
}

export function openExecutor(options: ExecutorOptions): Executor {
	const { door, clock, child, definitions } = options
	const running = new Map<string, Running>()
	const carried = new Map<string, Carried>()
	let draining = false

	async function activate(task: string): Promise<void> {
		if (draining) return passOn(task)
		door.hold(task)
		const entry = carried.get(task) ?? { activations: 0, begun: new Set<string>() }
		carried.set(task, entry)
		entry.activations += 1
		try {
			const answer = await door.submit(task, (loaded) => activationFacts(loaded))
			if (answer.kind !== 'missing') await carryOn(answer)
		} finally {
			entry.activations -= 1
			if (entry.activations === 0) carried.delete(task)
			door.release(task)
		}
	}

	/** Nothing new begins in a process that drains: what its job stood for is for another. */
	async function passOn(task: string): Promise<void> {
		const answer = await door.submit(task, () => null)
		if (answer.kind !== 'missing') await enqueue(options.pool, [{ task, queue: answer.loaded.queue, branch: 0 }])
	}

	/** Whether this caller is the one that runs the attempt. Two may be told of it in one group, and an answer may be older than what was done since. */
	function mayBegin(task: string, step: Step): boolean {
		const begun = carried.get(task)?.begun
		const attempt = `${step.index}/${step.attempt}`
		if (!begun || begun.has(attempt)) return false
		begun.add(attempt)
		return true
	}

	function activationFacts({ task }: LoadedTask): { fact: Fact }[] | null {
		if (!definitions.has(task.label)) return null
		const at = clock.now()
		if (task.state === 'pending') return [{ fact: { kind: 'claimed', child, at } }]
		if (task.state === 'running') return [{ fact: { kind: 'activated', child, at } }]
		return null
	}

	/** Goes on from an answer of the door: plans, takes locks, or runs what it was given. */
	async function carryOn(answer: Exclude<Answer, { kind: 'missing' }>): Promise<void> {
		const { loaded } = answer
		const { task } = loaded
		const definition = definitions.get(task.label)
		if (!definition) return
		if (task.state === 'planning' && task.planChild === child) return plan(loaded, definition)
		if (task.state === 'planned') {
			const granted = await planWithLocks(options, loaded, null)
			if (granted) await runGiven(granted, definition)
			return
		}
		await runGiven(loaded, definition)
	}

	/** Runs the steps that the database says are this child's, and that nobody here has begun. */
	async function runGiven(loaded: LoadedTask, definition: TaskDefinition): Promise<void> {
		if (loaded.task.state !== 'running') return
		const mine = loaded.task.steps.filter((step) => step.state === 'running' && step.child === child)
		await Promise.all(mine.map((step) => runFrom(loaded, definition, step)))
	}

	const planning = new Set<string>()

	async function plan(loaded: LoadedTask, definition: TaskDefinition): Promise<void> {
		const { id, planAttempt: attempt } = loaded.task
		if (planning.has(id)) return
		planning.add(id)
		try {
			const answer = await planOnce(loaded, definition, attempt)
			if (answer && answer.kind !== 'missing') await carryOn(answer)
		} finally {
			planning.delete(id)
		}
	}

	async function planOnce(loaded: LoadedTask, definition: TaskDefinition, attempt: number): Promise<Answer | null> {
		const { id } = loaded.task
		try {
			const input = parseJson(loaded.input ?? 'null')
			const planned = await definition.plan(input)
			const locks = planned.locks ?? planned.plan.locks
			const kept = { ...planned.plan, locks }
			const text = stringifyJson(planToStore(kept))
			const name = planned.name ?? null
			if (locks.length > 0 || (planned.links?.length ?? 0) > 0) {
				const granted = await planWithLocks(options, loaded, { plan: kept, text, name, attempt, links: planned.links ?? [] })
				return granted && { kind: 'nothing', loaded: granted }
			}
			return await door.submit(
				id,
				() => {
					const at = clock.now()
					return [{ fact: { kind: 'planned', attempt, plan: kept, at }, plan: text, name }, { fact: { kind: 'claims_granted', child, at } }]
				},
				text.length,
			)
		} catch (error) {
			if (!options.worthRepeating()) throw error
			const failed: StepError = { ...stepErrorOf(error).error, reason: 'planning_failed' }
			await door.submit(id, () => [{ fact: { kind: 'plan_failed', attempt, error: failed, at: clock.now() } }])
			return null
		}
	}

	const worth = (entry: Running): boolean => options.worthRepeating() && !entry.aborted

	const services: AttemptServices = {
		reportProgress({ task, step, reported, detail }) {
			options.progress.report({ task, step, fraction: reported, detail })
		},
		openLog(entry) {
			const { task, step, attempt } = entry
			return openStepLog({
				pool: options.pool,
				attempt: { task, step, attempt },
				now: () => clock.now(),
				onFencedOff: () => abort(entry, 'not_mine'),
				worthRepeating: options.worthRepeating,
			})
		},
		async stillMine(entry) {
			if (!worth(entry)) return false
			const current = await door.submit(entry.task, () => null)
			const mine = current.kind === 'nothing' && isCurrent(current.loaded, entry.step, entry.attempt)
			if (!mine) abort(entry, 'not_mine')
			return mine
		},
		async ownProcessGroup(entry, pid) {
			entry.ownsProcessGroup = true
			const { task, step, attempt } = entry
			const group = { task, step, attempt, child, bootId: options.bootId, pid }
			await repeatWhile(
				() => worth(entry),
				() => storeProcessGroup(options.pool, group),
			)
		},
	}

	/** Runs a step and, as long as the door gives one more, the next. */
	async function runFrom(loaded: LoadedTask, definition: TaskDefinition, first: Step): Promise<void> {
		let current: { loaded: LoadedTask; step: Step } | null = { loaded, step: first }
		while (current) current = await runOne(current.loaded, definition, current.step)
	}

	async function runOne(loaded: LoadedTask, definition: TaskDefinition, step: Step): Promise<{ loaded: LoadedTask; step: Step } | null> {
		if (!mayBegin(loaded.task.id, step)) return null
		if (draining) {
			// Given to this process in its last moment, e.g. by a plan that was under way: nothing of it has begun.
			await door.submit(loaded.task.id, () => [
				{ fact: { kind: 'attempt_handed_back', step: step.index, attempt: step.attempt, at: clock.now() } },
			])
			return null
		}
		const key = keyOf(loaded.task.id, step)
		const entry = beginAttempt(loaded.task.id, step)
		running.set(key, entry)
		let answer: Answer | null
		try {
			answer = await attemptStep(loaded, definition, step, entry)
		} finally {
			if (entry.deadline) clearTimeout(entry.deadline)
			running.delete(key)
			options.progress.forget(loaded.task.id, step.index)
		}
		if (!answer || answer.kind === 'missing') return null
		const decision = answer.kind === 'decided' ? lastOf(answer.decisions) : null
		if (decision?.kind === 'changed') {
			const next = decision.start[0]
			const started = next === undefined ? undefined : answer.loaded.task.steps[next]
			return started && started.state === 'running' && started.child === child ? { loaded: answer.loaded, step: started } : null
		}
		// Refused. Either another took over, or our own write came through although its answer was lost: then what it
		// started is ours.
		await runGiven(answer.loaded, definition)
		return null
	}

	async function attemptStep(loaded: LoadedTask, definition: TaskDefinition, step: Step, entry: Running): Promise<Answer | null> {
		const { id } = loaded.task
		const { index, attempt } = step
		const context = new AttemptContext(entry, step, loaded, services)
		const { timeout } = loaded.task.plan?.steps[index]?.policies ?? defaultPolicies
		const limit = timeout === null ? null : setTimeout(() => abort(entry, 'timed_out'), timeout)
		let outcome: { output: string | null } | { thrown: unknown }
		try {
			outcome = { output: await runAction(loaded, definition, step, context) }
		} catch (thrown) {
			outcome = { thrown }
		} finally {
			if (limit) clearTimeout(limit)
		}
		try {
			await entry.log?.flush()
			// The action has ended what it started; a group that is forgotten too late would only be looked for in vain.
			if (entry.ownsProcessGroup) {
				const group = { task: id, step: index, attempt, bootId: options.bootId }
				await repeatWhile(options.worthRepeating, () => forgetProcessGroup(options.pool, group))
			}
		} catch (thrown) {
			outcome = { thrown }
		}
		// An abort is no failure of the step: whoever has taken over, or will, says what becomes of it.
		if ('thrown' in outcome && entry.aborted === 'not_mine') return null
		const size = 'output' in outcome ? (outcome.output?.length ?? 0) : 0
		try {
			return await door.submit(id, (now) => [{ fact: outcomeFact(now, step, outcome, entry) }], size)
		} catch (error) {
			if (!(error instanceof UnstorableDecision)) throw error
			// Its data were refused: the step ends in error by name, with an error that can be stored.
			return door.submit(id, (now) => [{ fact: outcomeFact(now, step, { thrown: new Error(error.message) }, entry) }])
		}
	}

	function outcomeFact(
		now: LoadedTask,
		step: Step,
		outcome: { output: string | null } | { thrown: unknown },
		{ aborted, reported }: Running,
	): Fact {
		const at = clock.now()
		const { index, attempt } = step
		if ('output' in outcome)
			return { kind: 'step_succeeded', step: index, attempt, output: outcome.output, at, take: draining ? null : child }
		if (aborted === 'cancelled' && now.task.cancel !== 'none') return { kind: 'step_cancelled', step: index, attempt, at }
		if (aborted === 'handed_back') return givenBack(now, step, at)
		// Whatever an author's code makes of the signal, what happened is that its time was over.
		const { error, retryable } = stepErrorOf(aborted === 'timed_out' ? abortReason('timed_out') : outcome.thrown)
		return { kind: 'step_failed', step: index, attempt, error, retryable, random: Math.random(), at, progress: reported }
	}

	/** A step that may run twice is handed back; for another a person decides, as for one that was lost. */
	function givenBack(now: LoadedTask, step: Step, at: number): Fact {
		const { index, attempt } = step
		if (now.task.plan?.steps[index]?.policies.onLost === 'retry') return { kind: 'attempt_handed_back', step: index, attempt, at }
		const message = 'The worker was stopped while this step ran. Look at what it has done, then resume the task.'
		return {
			kind: 'attempt_lost',
			step: index,
			attempt,
			error: { message, type: 'Lost', code: 'worker_stopped', trace: null, details: null, reason: 'lost' },
			at,
		}
	}

	async function runAction(loaded: LoadedTask, definition: TaskDefinition, step: Step, context: StepContext): Promise<string | null> {
		const planned = loaded.task.plan?.steps[step.index]
		if (!planned) throw new Error(`The plan of this task has no step ${step.index}.`)
		const action = definition.actions.get(planned.action)
		if (!action)
			throw new Error(
				`No action "${planned.action}" is registered for ${loaded.task.label}; the plan was made by another version of the type.`,
			)
		const input = fillIn(planned.input, loaded.task)
		const output = await action.run(input as never, context)
		return output === undefined ? null : stringifyJson(output)
	}

	function isCurrent(loaded: LoadedTask, index: number, attempt: number): boolean {
		const step = loaded.task.steps[index]
		return loaded.task.state === 'running' && step?.state === 'running' && step.attempt === attempt
	}

	function keyOf(task: string, step: Step): string {
		return `${task}/${step.index}/${step.attempt}`
	}

	return {
		activate,
		cancel(task) {
			let signalled = false
			for (const [key, entry] of running) {
				if (entry.task !== task || entry.aborted) continue
				signalled = true
				abort(entry, 'cancelled')
				entry.deadline = setTimeout(() => void giveUp(key, task), options.cancelDeadline)
			}
			if (signalled) note(task, 'cancel_signalled')
		},
		abortAll() {
			for (const entry of running.values()) abort(entry, 'not_mine')
		},
		drain() {
			draining = true
		},
		handBack() {
			draining = true
			for (const entry of running.values()) abort(entry, 'handed_back')
		},
		get busy() {
			return running.size
		},
	}

	/** The deadline of a cancel has passed: what still runs no longer counts. */
	function giveUp(key: string, task: string): void {
		if (!running.has(key)) return
		options.log(
			'warning',
			`Task ${task} did not end within ${options.cancelDeadline / 1000} s of its cancel; its running steps are given up.`,
		)
		note(task, 'cancel_deadline')
	}

	function note(task: string, kind: 'cancel_signalled' | 'cancel_deadline'): void {
		door
			.submit(task, () => [{ fact: { kind, at: clock.now() } }])
			.catch((error: Error) => options.log('error', `The cancel of task ${task} could not be noted: ${error.message}`))
	}
}

function lastOf(decisions: readonly Decision[]): Decision | null {
	return decisions.at(-1) ?? null
}
