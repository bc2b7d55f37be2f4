/**
 * The door through which each change of a task goes, in groups.
 *
 * Whoever has a fact about a task submits it. The door loads the tasks it does not hold, decides all facts that have
 * gathered, writes the decisions in one statement, and answers each submitter after the group committed. There is no
 * timer: a group is what gathered while the previous one was under way, so a lone fact waits for nobody.
 *
 * A decision is bound to the revision it was decided on. One whose task has moved on is void: the task is loaded again
 * and its facts decided again, unseen by who submitted them.
 */

import { decide } from '@taskyard/model/decide'
import type { Changed, Decision } from '@taskyard/model/decision'
import type { Fact } from '@taskyard/model/facts'
import { mergeChanges } from '@taskyard/model/mergeChanges'
import type { Task } from '@taskyard/model/task'
import { inTransaction, type Pool } from '@taskyard/store/connection'
import { ensurePartitions } from '@taskyard/store/partitions'
import { isDataFault, isMissingPartition, isRetryable } from '@taskyard/store/sqlState'
import { applyDecisions, applyNextSteps, isNextStep, type Write } from '@taskyard/store/tasks/applyDecisions'
import { type LoadedTask, loadTasks } from '@taskyard/store/tasks/loadTasks'
import type { ReleasedTask } from '@taskyard/store/tasks/releaseHeld'
import { atFailurePoint, type FailurePoint } from '../failurePoint.ts'
import { taskOutput } from './taskOutput.ts'
import { type Decided, hasConsequences, writeDecisions } from './writeDecisions.ts'

/** What a submitter has to say of a task, once it is loaded: facts in order, or null for nothing to say. */
export type Choose = (loaded: LoadedTask) => readonly Submission[] | null

export interface Submission {
	readonly fact: Fact
	/** With a fact `planned`: JSON text of the plan, and the name it computed. */
	readonly plan?: string
	readonly name?: string | null
}

/** What became of a submission. `missing`: there is no such task. */
export type Answer =
	| { readonly kind: 'decided'; readonly loaded: LoadedTask; readonly decisions: readonly Decision[] }
	| { readonly kind: 'nothing'; readonly loaded: LoadedTask }
	| { readonly kind: 'missing' }

/** A decision could not be stored because of its data; its neighbours were. */
export class UnstorableDecision extends Error {}

interface Waiting {
	readonly task: string
	readonly choose: Choose
	readonly size: number
	readonly resolve: (answer: Answer) => void
	readonly reject: (error: Error) => void
}

export interface DoorOptions {
	readonly pool: Pool
	/** Called after each commit, to wake those who watch. */
	readonly onCommit: () => void
	/** False ends the repetition of writes that the database refuses to take: the lease is over, or the process stops. */
	readonly worthRepeating: () => boolean
	readonly log: (level: 'error' | 'warning' | 'info' | 'debug', message: string) => void
}

/** Goes on, without a job, with sub-tasks that may begin because one has ended here. */
export interface Follower {
	mayFollow(ended: string): boolean
	take(tasks: readonly ReleasedTask[]): void
}

export interface Door {
	submit(task: string, choose: Choose, size?: number): Promise<Answer>
	/** Keeps a task in memory between its facts, until `release` was called as often. */
	hold(task: string): void
	release(task: string): void
	/** Puts a task that was committed in a transaction of its own into memory, if it is held, and wakes those who watch. */
	renew(loaded: LoadedTask): void
	/** Whoever carries tasks out in this process takes over what may begin because one of them has ended. */
	passTo(follower: Follower): void
	/** Resolves when nothing waits and nothing is under way. */
	idle(): Promise<void>
}

const largestGroup = 500
const largestBytes = 1024 * 1024
/** Pause before a write is repeated that met a broken connection or a deadlock, in milliseconds. */
const repetitionPause = 100

export function openDoor(options: DoorOptions): Door {
	const held = new Map<string, LoadedTask>()
	const holders = new Map<string, number>()
	let waiting: Waiting[] = []
	let running: Promise<void> | null = null
	let passedTo: Follower | null = null

	function hold(task: string): void {
		holders.set(task, (holders.get(task) ?? 0) + 1)
	}

	function release(task: string): void {
		const left = (holders.get(task) ?? 1) - 1
		if (left > 0) holders.set(task, left)
		else {
			holders.delete(task)
			held.delete(task)
		}
	}

	async function work(): Promise<void> {
		while (waiting.length > 0) {
			const group = nextGroup()
			// Who has let go of a task while its group loads another must not take it from those that still have a word to say.
			for (const { task } of group) hold(task)
			try {
				await settleGroup(group)
			} catch (error) {
				for (const one of group) one.reject(error as Error)
			} finally {
				for (const { task } of group) release(task)
			}
		}
		running = null
	}

	function nextGroup(): Waiting[] {
		let bytes = 0
		let count = 0
		while (count < waiting.length && count < largestGroup) {
			bytes += waiting[count]?.size ?? 0
			if (count > 0 && bytes > largestBytes) break
			count += 1
		}
		const group = waiting.slice(0, count)
		waiting = count === waiting.length ? [] : waiting.slice(count)
		return group
	}

	/** Decides and writes the group, again for those whose task has moved on, until each has its answer. */
	async function settleGroup(group: readonly Waiting[]): Promise<void> {
		let open = group
		const fresh = new Set<string>()
		while (open.length > 0) {
			await load(open, fresh)
			const again: Waiting[] = []
			const drafts = new Map<string, Draft>()
			for (const one of open) {
				const loaded = held.get(one.task)
				if (!loaded) one.resolve({ kind: 'missing' })
				else {
					const draft = drafts.get(one.task) ?? {
						before: loaded,
						now: loaded.task,
						parts: [],
						answers: [],
						plan: null,
						name: null,
						unstorable: false,
					}
					drafts.set(one.task, draft)
					consider(one, draft)
				}
			}
			for (const [task, draft] of drafts) {
				const turned = draft.answers.some(
					({ decisions }) => decisions === null || decisions.some((decision) => decision.kind !== 'changed'),
				)
				// What memory says no to, the database may say yes to: it is asked before anybody hears no.
				if (turned && !fresh.has(task)) {
					held.delete(task)
					again.push(...draft.answers.map(({ one }) => one))
					drafts.delete(task)
				}
			}
			if (atFailurePoint && [...drafts.values()].some(({ parts }) => parts.length > 0))
				await atFailurePoint('checkpoint.decided', open[0]?.task)
			const moved = await write([...drafts.values()])
			for (const draft of drafts.values()) {
				if (draft.parts.length > 0 && !moved.has(draft.before.task.id)) {
					held.delete(draft.before.task.id)
					fresh.delete(draft.before.task.id)
					again.push(...draft.answers.map(({ one }) => one))
				} else answer(draft)
			}
			open = again
		}
	}

	/** What a scheduled task waits for changes without a change of its revision, so that memory cannot know it. */
	function isMissing(task: string): boolean {
		const loaded = held.get(task)
		return !loaded || loaded.task.state === 'scheduled'
	}

	async function load(open: readonly Waiting[], fresh: Set<string>): Promise<void> {
		const missing = [...new Set(open.map((one) => one.task).filter(isMissing))]
		if (missing.length === 0) return
		const loaded = await repeat(() => loadTasks(options.pool, missing))
		for (const [id, task] of loaded) held.set(id, task)
		for (const id of missing) fresh.add(id)
	}

	/**
	 * Answers the tasks whose decisions were stored. What the short statement can write is a group of its own, written
	 * beside the other: the two share no task.
	 */
	async function write(drafts: readonly Draft[]): Promise<Set<string>> {
		const orders = drafts.filter((draft) => draft.parts.length > 0).map((draft) => ({ draft, loaded: draft.before, write: toWrite(draft) }))
		const isShort = ({ write }: Order): boolean => write.changed.dispatch === 0 && isNextStep(write)
		const short = orders.filter(isShort)
		const long = short.length === 0 ? orders : orders.filter((order) => !isShort(order))
		const [first, second] = await Promise.all([writeOrHalve(short, writeShort), writeOrHalve(long, writeLong)])
		return first.size === 0 ? second : new Set([...first, ...second])
	}

	async function writeOrHalve(
		orders: readonly Order[],
		writeGroup: (orders: readonly Order[]) => Promise<Set<string>>,
	): Promise<Set<string>> {
		if (orders.length === 0) return new Set()
		try {
			const moved = await repeat(() => writeGroup(orders))
			if (atFailurePoint) await atFailurePoint(committedPoint(orders, writeGroup === writeShort), orders[0]?.draft.before.task.id)
			options.onCommit()
			return moved
		} catch (error) {
			if (!isDataFault(error)) throw error
			if (orders.length === 1) {
				const [{ draft }] = orders as [Order]
				const message = `The database refused what this step or task wanted to store: ${(error as Error).message}`
				for (const { one } of draft.answers) one.reject(new UnstorableDecision(message, { cause: error }))
				draft.answers.length = 0
				draft.unstorable = true
				// Counted as moved, so that nobody decides the same again.
				return new Set([draft.before.task.id])
			}
			const middle = Math.ceil(orders.length / 2)
			const first = await writeOrHalve(orders.slice(0, middle), writeGroup)
			if (atFailurePoint) await atFailurePoint('checkpoint.halved', orders[0]?.draft.before.task.id)
			const second = await writeOrHalve(orders.slice(middle), writeGroup)
			return new Set([...first, ...second])
		}
	}

	function writeShort(orders: readonly Order[]): Promise<Set<string>> {
		return applyNextSteps(
			options.pool,
			orders.map((order) => order.write),
		)
	}

	async function writeLong(orders: readonly Order[]): Promise<Set<string>> {
		const alone = orders.every((order) => order.write.changed.dispatch === 0 && !hasConsequences(order))
		if (alone) {
			return applyDecisions(
				options.pool,
				orders.map((order) => order.write),
			)
		}
		const here: ReleasedTask[] = []
		const moved = await inTransaction(options.pool, (client) => {
			here.length = 0
			return writeDecisions(client, orders, passedTo && { mayFollow: passedTo.mayFollow, here })
		})
		if (here.length > 0) passedTo?.take(here)
		return moved
	}

	/** Repeats what failed by no fault of the data, while that is worth it. */
	async function repeat<Result>(attempt: () => Promise<Result>): Promise<Result> {
		for (;;) {
			try {
				return await attempt()
			} catch (error) {
				if (!isRetryable(error) || !options.worthRepeating()) throw error
				options.log('warning', `A group is written again: ${(error as Error).message}`)
				// A machine that slept wakes up in a period that has no partition yet.
				if (isMissingPartition(error)) await ensurePartitions(options.pool).catch(() => undefined)
				await new Promise((resolve) => setTimeout(resolve, repetitionPause))
			}
		}
	}

	function answer(draft: Draft): void {
		// The database has it as it was, and perhaps not even that: whoever comes next loads it.
		if (draft.unstorable) {
			held.delete(draft.before.task.id)
			return
		}
		const loaded = draft.parts.length > 0 ? afterCommit(draft) : draft.before
		if (draft.parts.length > 0) held.set(loaded.task.id, loaded)
		for (const { one, decisions } of draft.answers) {
			one.resolve(decisions ? { kind: 'decided', loaded, decisions } : { kind: 'nothing', loaded })
		}
	}

	return {
		submit(task, choose, size = 0) {
			return new Promise((resolve, reject) => {
				waiting.push({ task, choose, size, resolve, reject })
				running ??= Promise.resolve().then(work)
			})
		},
		hold,
		release,
		renew(loaded) {
			options.onCommit()
			if (holders.has(loaded.task.id)) held.set(loaded.task.id, loaded)
		},
		passTo(follower) {
			passedTo = follower
		},
		async idle() {
			while (running) await running
		},
	}
}

/** One task of a group: as it was loaded, as the facts so far leave it, and who waits for an answer. */
interface Draft {
	readonly before: LoadedTask
	now: Task
	readonly parts: Changed[]
	readonly answers: { one: Waiting; decisions: Decision[] | null }[]
	plan: string | null
	name: string | null
	/** Its data were refused: nothing of it is stored. */
	unstorable: boolean
}

/** A draft with what is to be written of it. */
interface Order extends Decided {
	readonly draft: Draft
}

/** Decides what one submitter has to say, on top of what others of the group have said of the same task. */
function consider(one: Waiting, draft: Draft): void {
	const submissions = one.choose(draft.now === draft.before.task ? draft.before : { ...draft.before, task: draft.now })
	if (!submissions) {
		draft.answers.push({ one, decisions: null })
		return
	}
	const decisions: Decision[] = []
	for (const { fact, plan, name } of submissions) {
		const decision = decide(draft.now, fact)
		decisions.push(decision)
		if (decision.kind !== 'changed') break
		draft.now = decision.task
		draft.parts.push(decision)
		draft.plan = plan ?? draft.plan
		draft.name = name ?? draft.name
	}
	draft.answers.push({ one, decisions })
}

function committedPoint(orders: readonly Order[], short: boolean): FailurePoint {
	if (short) return 'checkpoint.shortWritten'
	return orders.some(({ write }) => write.changed.ended) ? 'end.committed' : 'checkpoint.committed'
}

function toWrite(draft: Draft): Write {
	const changed = mergeChanges(draft.parts, draft.now)
	return { before: draft.before.task, changed, plan: draft.plan, name: draft.name, output: changed.ended ? taskOutput(draft.now) : null }
}

function afterCommit(draft: Draft): LoadedTask {
	return {
		...draft.before,
		name: draft.name ?? draft.before.name,
		input: draft.now.plan ? null : draft.before.input,
		task: { ...draft.now, revision: draft.before.task.revision + 1 },
	}
}
