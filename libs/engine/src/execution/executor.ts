/**
 * The hands of a worker child: takes an activation, plans or runs what the task needs, and goes on with the next step in
 * the same process. What is not durable is never gone on from: each step starts after the group with its predecessor
 * committed.
 */

import { enqueue } from '@taskyard/dispatch/jobs'
import type { Decision } from '@taskyard/model/decision'
import type { Fact, Taker } from '@taskyard/model/facts'
import { hasAttempt } from '@taskyard/model/startable'
import type { Step } from '@taskyard/model/task'
import type { StepWake, TaskDefinition } from '@taskyard/sdk/definition'
import type { Pool } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import type { Keyring } from '@taskyard/store/sensitive/keyring'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import type { Commands } from '../commands/types.ts'
import { type Answer, type Door, UnstorableDecision } from '../decisions/door.ts'
import { atFailurePoint, type FailurePoint } from '../failurePoint.ts'
import { lastEvent, type StoredEvent } from '@taskyard/store/events/readEvents'
import { externalWorkOf } from './externalWork.ts'
import { makeCallback } from './makeCallback.ts'
import { outputElsewhere } from './endedElsewhere.ts'
import { type AttemptWake, readWake } from './wakeOfAttempt.ts'
import { planWithLocks } from '../locks/planWithLocks.ts'
import { forgetProcessGroup, storeProcessGroup } from '../recovery/processGroups.ts'
import { repeatWhile } from '../repetition.ts'
import { sealOutcome } from '../sensitive/sealOutcome.ts'
import { tendSubTasks } from '../subTasks/families.ts'
import { fanOut } from '../subTasks/fanOut.ts'
import { openSuccessors } from '../subTasks/successors.ts'
import { openKnownTypes } from '../taskTypes/knownTypes.ts'
import { changeChannel, controlChannel, openWakeUp } from '../wakeUp.ts'
import { activationFact, knowsStep, stepsForOwnChildren } from './activation.ts'
import { abort, AttemptContext, type AttemptServices, type Running, signalOf } from './attemptContext.ts'
import { type Outcome, outcomeFact } from './outcome.ts'
import { answerDryRun } from './dryRun.ts'
import { planTask } from './planTask.ts'
import type { ProgressReports } from './progressReports.ts'
import { hasTransaction, runAction } from './runAction.ts'
import { openStepLog } from './stepLog.ts'
import { withStrayErrors } from './strayErrors.ts'
import type { SupervisorLine } from './supervisorLine.ts'
import { taskCommandsFor } from './taskCommands.ts'
import { openRunningAttempts } from './runningAttempts.ts'
import { isLimited } from './timeLimit.ts'
import { openTransaction } from './transaction.ts'
import type { TransactionConnections } from './transactionConnections.ts'

export interface ExecutorOptions {
	readonly pool: Pool
	readonly door: Door
	readonly clock: IdSource
	/** Opens what is sensitive, and seals what steps leave of it. */
	readonly keyring: Keyring
	/** Id of this incarnation of a child. */
	readonly child: number
	readonly bootId: string
	readonly definitions: ReadonlyMap<string, TaskDefinition>
	readonly progress: ProgressReports
	/** For steps whose SQL and outcome are one transaction. */
	readonly transactions: TransactionConnections
	/** Opens the commands for steps that start, cancel or resume other tasks; called when the first one does. */
	readonly openCommands: () => Promise<Commands>
	/** `own`: this process runs one attempt at a time, the one it is told to. `alone`: it runs everything, and nobody watches over it. */
	readonly place: 'shared' | 'own' | 'alone'
	/** Where the server is reached from outside: callbacks go there. */
	readonly publicUrl: string
	/** Null for a process that stands alone. */
	readonly supervisor: SupervisorLine | null
	/** Milliseconds between the signal of a cancel and its deadline. */
	readonly cancelDeadline: number
	/** Milliseconds that an attempt has to end once its time is over. */
	readonly grace: number
	readonly worthRepeating: () => boolean
	readonly log: (level: 'error' | 'warning' | 'info' | 'debug', message: string) => void
}

export interface Executor {
	/**
	 * Carries on with a task as far as this process can. Never throws for the task's own doing.
	 *
	 * @param only an own child runs one attempt of this step, and nothing else
	 */
	activate(task: string, only?: number): Promise<void>
	/** Asks the database which running attempts were cancelled or are no longer this child's, and signals them. */
	look(): Promise<void>
	/** Aborts everything at once: the lease is over, and nothing of this child counts any more. */
	abortAll(): void
	/** Goes on with no further step: what comes next travels by the queue. */
	drain(): void
	/** Aborts what still runs and hands it back, for the process is about to end. */
	handBack(): void
	/** Attempts under way, those of planning included; without what was given up. */
	readonly busy: number
	/** Attempts that were given up and whose code has not ended. */
	readonly givenUp: number
}

/** A task that this process carries on with, by one or more activations at once. */
interface Carried {
	activations: number
	/** Attempts that have begun here, as step (or `plan`) and number. */
	readonly begun: Set<string>
	/** When the first of them began to be busy here, by the monotonic clock. */
	readonly since: number
}

export function openExecutor(options: ExecutorOptions): Executor {
	const { door, clock, child, definitions, place, supervisor } = options
	const running = openRunningAttempts(options)
	const carried = new Map<string, Carried>()
	const taker: Taker = place === 'alone' ? { child, own: true } : { child }
	const planOptions = { ...options, own: place === 'alone' }
	const families = {
		...options,
		types: openKnownTypes(options.pool),
		onCommit: openWakeUp(options.pool, changeChannel),
		wakeWorkers: openWakeUp(options.pool, controlChannel),
	}
	let draining = false

	const successors = openSuccessors(options.pool, options.log)
	// A child of one step goes on with nothing.
	if (place !== 'own') {
		door.passTo({
			mayFollow: (ended) => successors.isOpen(carried.get(ended)?.since ?? Number.NEGATIVE_INFINITY),
			take: successors.take,
		})
	}

	/** Carries on with a task, and for a moment with sub-tasks that may begin because it has ended. */
	async function activate(task: string, only?: number): Promise<void> {
		const since = performance.now()
		await activateOne(task, only, since)
		for (let next = successors.next(since); next !== undefined; next = successors.next(since)) await activateOne(next, undefined, since)
	}

	async function activateOne(task: string, only: number | undefined, since: number): Promise<void> {
		if (draining) return only === undefined ? passOn(task) : undefined
		const asks = only === undefined ? taker : { child, own: true, only }
		door.hold(task)
		const entry = carried.get(task) ?? { activations: 0, begun: new Set<string>(), since }
		carried.set(task, entry)
		entry.activations += 1
		try {
			if (atFailurePoint) await atFailurePoint('claim.jobTaken', task)
			const answer = await door.submit(task, (loaded) => {
				const fact = activationFact(loaded, definitions.get(loaded.task.label), asks, clock.now())
				return fact && [{ fact }]
			})
			if (answer.kind === 'missing') return only === undefined ? await answerDryRun(options, task) : undefined
			askForOwnChildren(answer.loaded)
			// What is said of its sub-tasks need not wait for a step that may take hours.
			await Promise.all([carryOn(answer), only === undefined && tendSubTasks(families, answer.loaded)])
		} finally {
			entry.activations -= 1
			if (entry.activations === 0) carried.delete(task)
			door.release(task)
		}
	}

	function askForOwnChildren({ task }: LoadedTask): void {
		const definition = place === 'shared' ? definitions.get(task.label) : undefined
		if (!definition || task.state !== 'running') return
		for (const step of stepsForOwnChildren(task, definition, clock.now())) supervisor?.needsOwnChild(task.id, step)
	}

	/** Nothing new begins in a process that drains: what its job stood for is for another. */
	async function passOn(task: string): Promise<void> {
		const answer = await door.submit(task, () => null)
		if (answer.kind === 'missing') return
		const { queue, priority } = answer.loaded
		await enqueue(options.pool, [{ task, queue, priority, branch: 0 }])
	}

	/** Whether this caller is the one that runs the attempt. Two may be told of it in one group, and an answer may be older than what was done since. */
	function mayBegin(task: string, step: number | 'plan', attempt: number): boolean {
		const begun = carried.get(task)?.begun
		const key = `${step}/${attempt}`
		if (!begun || begun.has(key)) return false
		begun.add(key)
		return true
	}

	/** Goes on from an answer of the door: plans, takes locks, or runs what it was given. */
	async function carryOn(answer: Exclude<Answer, { kind: 'missing' }>): Promise<void> {
		const { loaded } = answer
		const { task } = loaded
		const definition = definitions.get(task.label)
		if (!definition) return
		if (task.state === 'planning' && task.planChild === child) return plan(loaded, definition)
		if (task.state === 'planned' && place !== 'own') {
			const granted = await planWithLocks(planOptions, loaded, null)
			if (granted) await runGiven(granted, definition)
			return
		}
		await runGiven(loaded, definition)
	}

	/** Runs the steps that the database says are this child's, and that nobody here has begun. */
	async function runGiven(loaded: LoadedTask, definition: TaskDefinition): Promise<void> {
		if (loaded.task.state !== 'running') return
		const mine = loaded.task.steps.filter((step) => hasAttempt(step.state) && step.child === child)
		await Promise.all(mine.map((step) => runFrom(loaded, definition, step)))
	}

	let plansUnderWay = 0

	async function plan(loaded: LoadedTask, definition: TaskDefinition): Promise<void> {
		if (!mayBegin(loaded.task.id, 'plan', loaded.task.planAttempt)) return
		plansUnderWay += 1
		let answer: Answer | null
		try {
			if (atFailurePoint) await atFailurePoint('claim.claimed', loaded.task.id)
			answer = await planTask(planOptions, loaded, definition, taker)
		} finally {
			plansUnderWay -= 1
		}
		if (atFailurePoint) await atFailurePoint('plan.committed', loaded.task.id)
		if (answer && answer.kind !== 'missing') await carryOn(answer)
	}

	const worth = (entry: Running): boolean => options.worthRepeating() && !entry.aborted

	const services: AttemptServices = {
		reportProgress({ task, step, attempt, reported, detail }) {
			options.progress.report({ task, step, attempt, fraction: reported, detail })
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
		externalWork: (entry) => externalWorkOf(options.pool, entry, () => worth(entry)),
		makeCallback: (entry, expires) => makeCallback(options.pool, entry, expires, options.publicUrl, () => worth(entry)),
		fanOut(entry, step, loaded, type, inputs, order) {
			const making = { ...families, worthRepeating: () => worth(entry), abort: (why: 'not_mine' | 'cancelled') => abort(entry, why) }
			return fanOut(making, { loaded, step, signal: signalOf(entry), secrets: entry.confidant.secrets }, type, inputs, order)
		},
		tasks(entry, { owner, correlationId, queue, priority }) {
			const { task, step, confidant } = entry
			return taskCommandsFor(taskServices, { task, step, owner, correlationId, queue, priority, signal: signalOf(entry), confidant })
		},
	}

	const taskServices = {
		commands: options.openCommands,
		definitions,
		mayRunInline: place !== 'own',
		activate(task: string) {
			activate(task).catch((error: Error) => options.log('error', `Activation of task ${task} failed: ${error.stack}`))
		},
	}

	const transactionServices = { connections: options.transactions, pool: options.pool, door }

	/** Runs a step and, as long as the door gives one more, the next. */
	async function runFrom(loaded: LoadedTask, definition: TaskDefinition, first: Step): Promise<void> {
		let current: { loaded: LoadedTask; step: Step } | null = { loaded, step: first }
		while (current) current = await runOne(current.loaded, definition, current.step)
	}

	async function runOne(loaded: LoadedTask, definition: TaskDefinition, step: Step): Promise<{ loaded: LoadedTask; step: Step } | null> {
		if (!mayBegin(loaded.task.id, step.index, step.attempt)) return null
		if (draining || !loaded.task.plan || !knowsStep(definition, loaded.task.plan, step.index)) {
			// Given to this process in its last moment, or by a plan that newer code has made: nothing of it has begun.
			await door.submit(loaded.task.id, () => [
				{ fact: { kind: 'attempt_handed_back', step: step.index, attempt: step.attempt, at: clock.now() } },
			])
			return null
		}
		const entry = running.begin(loaded.task.id, step)
		let answer: Answer | null
		try {
			answer = await attemptStep(loaded, definition, step, entry)
		} finally {
			running.end(entry)
			options.progress.forget(loaded.task.id, step.index)
		}
		if (atFailurePoint) await atFailurePoint(phaseOf(step, 'checkpointed'), loaded.task.id)
		if (!answer || answer.kind === 'missing') return null
		const decision = answer.kind === 'decided' ? lastOf(answer.decisions) : null
		if (decision?.kind === 'changed') {
			const next = decision.start[0]
			const started = next === undefined ? undefined : answer.loaded.task.steps[next]
			return started && hasAttempt(started.state) && started.child === child ? { loaded: answer.loaded, step: started } : null
		}
		// Refused. Either another took over, or our own write came through although its answer was lost: then what it
		// started is ours.
		if (answer.loaded.task.steps[step.index]?.attempt !== step.attempt)
			options.log(
				'warning',
				`Attempt ${step.attempt} of step ${step.index} of task ${loaded.task.id} is no longer the current one: what it ended with was refused.`,
			)
		await runGiven(answer.loaded, definition)
		return null
	}

	async function attemptStep(loaded: LoadedTask, definition: TaskDefinition, step: Step, entry: Running): Promise<Answer | null> {
		const { id } = loaded.task
		const { index, attempt } = step
		const { confidant } = entry
		const wake = await wakeOf(entry, step)
		const limited = isLimited(loaded.task, index)
		if (limited) running.limit(entry, loaded.task, step)
		let outcome: Outcome
		const transaction = !wake?.outcome && hasTransaction(loaded.task, definition, step) ? openTransaction(transactionServices, entry) : null
		if (atFailurePoint) await atFailurePoint(phaseOf(step, 'begun'), id)
		try {
			const left: Outcome = wake?.outcome
				? { output: endedElsewhere(loaded.task, definition, step, wake.outcome) }
				: await withStrayErrors(entry, async () => {
						const told = confidant.open(wake?.told ?? null) as StepWake | null
						const context = new AttemptContext(entry, step, loaded, services, told)
						return runAction(loaded.task, definition, step, context, transaction, confidant)
					})
			outcome = sealOutcome(confidant, loaded.task, definition, index, left)
		} catch (thrown) {
			outcome = { thrown, ...(wake?.outcome && { endedBy: wake.outcome.n }) }
			// What else it has under way is of no use any more; most has ended, for it threw itself.
			entry.controller?.abort(thrown)
		} finally {
			if (limited) running.unlimit(entry)
		}
		if (atFailurePoint) await atFailurePoint(phaseOf(step, 'codeEnded'), id)
		try {
			await entry.log?.flush()
			if (atFailurePoint && step.state === 'running') await atFailurePoint('execute.logFlushed', id)
			// The action has ended what it started; a group that is forgotten too late would only be looked for in vain.
			if (entry.ownsProcessGroup) {
				const group = { task: id, step: index, attempt, bootId: options.bootId }
				await repeatWhile(options.worthRepeating, () => forgetProcessGroup(options.pool, group))
			}
			if ('suspended' in outcome) await prepareToWait(entry, step)
		} catch (thrown) {
			outcome = { thrown }
		}
		if (transaction) {
			const ended = await transaction.end(entry.givenUp ? { thrown: signalOf(entry).reason } : outcome, (now) =>
				factOf(now, step, outcome, entry),
			)
			if ('answer' in ended) return ended.answer
			outcome = ended.outcome
		}
		// An abort is no failure of the step: whoever has taken over, or will, says what becomes of it.
		if (entry.givenUp || ('thrown' in outcome && entry.aborted === 'not_mine')) return null
		const size = sizeOf(outcome)
		try {
			const answer = await door.submit(id, (now) => [{ fact: factOf(now, step, outcome, entry) }], size)
			if (atFailurePoint && 'suspended' in outcome) await atFailurePoint('suspend.committed', id)
			return answer
		} catch (error) {
			if (!(error instanceof UnstorableDecision)) throw error
			// Its data were refused: the step ends in error by name, with an error that can be stored.
			const refused = { thrown: new Error(error.message) }
			return door.submit(id, (now) => [{ fact: factOf(now, step, refused, entry) }])
		}
	}

	/** What has come for a step that is begun again after it was suspended; null for any other. */
	async function wakeOf(entry: Running, step: Step): Promise<AttemptWake | null> {
		if (!step.suspension) return null
		const wake = await repeatWhile(
			() => worth(entry),
			() => readWake(options.pool, entry.task, step),
		)
		if (wake) {
			entry.seen = { ...entry.seen, seen: wake.seen }
			// Work elsewhere has reported it: it does not go back.
			entry.reported = wake.progress
			if (wake.progress > 0) services.reportProgress(entry)
		}
		return wake
	}

	/** A step that has never waited may have been sent events before its task had a plan. */
	async function prepareToWait(entry: Running, step: Step): Promise<void> {
		if (!step.suspension) {
			const arrived = await repeatWhile(options.worthRepeating, () => lastEvent(options.pool, entry.task, step.index))
			entry.seen = { ...entry.seen, arrived }
		}
		if (atFailurePoint) await atFailurePoint('suspend.begun', entry.task)
	}

	function factOf({ task }: LoadedTask, step: Step, outcome: Outcome, entry: Running): Fact {
		return outcomeFact(task, step, outcome, entry, draining || place === 'own' ? null : taker, clock.now())
	}

	function isCurrent(loaded: LoadedTask, index: number, attempt: number): boolean {
		const step = loaded.task.steps[index]
		return loaded.task.state === 'running' && step !== undefined && hasAttempt(step.state) && step.attempt === attempt
	}

	return {
		activate,
		look: running.look,
		abortAll: () => running.abortAll('not_mine'),
		drain() {
			draining = true
			successors.close()
		},
		handBack() {
			draining = true
			successors.close()
			running.abortAll('handed_back')
		},
		get busy() {
			return running.size + plansUnderWay
		},
		get givenUp() {
			return running.givenUp
		},
	}
}

function phaseOf({ state }: Step, moment: 'begun' | 'codeEnded' | 'checkpointed'): FailurePoint {
	const phase = state === 'finalizing' ? 'finalize' : state === 'reverting' ? 'revert' : 'execute'
	return `${phase}.${moment}`
}

/** Characters of what is to be stored. */
function sizeOf(outcome: Outcome): number {
	if ('suspended' in outcome) return outcome.suspended.suspension.state?.length ?? 0
	return 'output' in outcome ? (outcome.output?.length ?? 0) : 0
}

function endedElsewhere({ plan }: LoadedTask['task'], { actions }: TaskDefinition, { index }: Step, event: StoredEvent): string {
	const planned = plan?.steps[index]
	return outputElsewhere(event, actions.get(planned?.action ?? '')?.outputSchema, planned?.name ?? '')
}

function lastOf(decisions: readonly Decision[]): Decision | null {
	return decisions.at(-1) ?? null
}
