/** The sub-tasks of one task in memory: begun one after the other, counted, and resumed or cancelled with it. */

import { type FanOutPolicy, failsNow, tooManyFailed } from '@taskyard/model/fanOut'
import type { Fact } from '@taskyard/model/facts'
import type { Step, SubTaskCounts, Task } from '@taskyard/model/task'
import { type FanOutOptions, fanOutPolicy } from './fanOut.ts'
import { Suspended } from './suspend.ts'

/** A sub-task as its parent sees it. */
export interface MemoryMember {
	/** How it stands now. */
	stands(): Pick<Task, 'state' | 'result' | 'cancel'>
	ask(command: 'cancel' | 'resume'): void
}

/** The task that starts them. */
export interface MemoryParent {
	task(): Task
	apply(fact: Fact): boolean
	now(): number
	/** Does something once what is being decided is decided. */
	soon(work: () => void): void
}

interface MemoryFamily {
	readonly policy: FanOutPolicy
	members: { readonly start: () => MemoryMember; readonly member: MemoryMember }[]
	/** Not begun yet. */
	left: (() => MemoryMember)[]
	/** Cancelled before they began. */
	neverBegun: number
	/** The resume that its paused ones were resumed for. */
	resumed: number | null
}

export class MemoryFamilies {
	readonly #parent: MemoryParent
	readonly #families = new Map<number, MemoryFamily>()

	constructor(parent: MemoryParent) {
		this.#parent = parent
	}

	/** What `context.fanOut` does. @param starts one for each sub-task */
	fanOut({ index, suspension }: Step, starts: readonly (() => MemoryMember)[], options: FanOutOptions = {}): Suspended {
		const policy = fanOutPolicy(options)
		const known = this.#families.get(index)
		if (!known) {
			const family: MemoryFamily = { policy, members: [], left: [...starts], neverBegun: 0, resumed: null }
			this.#families.set(index, family)
			this.#beginNext(family)
		} else if (suspension?.wake === 'resumed' && tooManyFailed(policy.failWhen, countsOf(known))) {
			const failed = known.members.filter(({ member }) => hasFailed(member))
			known.members = known.members.filter((one) => !failed.includes(one))
			known.left.push(...failed.map(({ start }) => start))
			this.#beginNext(known)
		}
		return new Suspended('sub_tasks', {})
	}

	/** The task or one of its sub-tasks has changed. */
	changed(): void {
		if (this.#families.size > 0) this.#parent.soon(() => this.#tend())
	}

	#tend(): void {
		for (const [index, family] of this.#families) {
			const task = this.#parent.task()
			const step = task.steps[index]
			if (!step) continue
			if (isEnding(task, step)) cancelAll(family)
			else if (step.state === 'suspended') this.#resume(family, step)
			if (step.state !== 'cancelled') this.#tell(family, index)
		}
	}

	#resume(family: MemoryFamily, { suspension }: Step): void {
		const at = suspension?.resumed?.at ?? null
		if (at !== null && at !== family.resumed) {
			family.resumed = at
			for (const { member } of family.members) if (member.stands().state === 'paused') member.ask('resume')
		}
		if (!failsNow(family.policy, countsOf(family))) this.#beginNext(family)
	}

	#beginNext(family: MemoryFamily): void {
		const isUnderWay = family.members.some(({ member }) => !['stopped', 'paused'].includes(member.stands().state))
		const start = isUnderWay ? undefined : family.left.shift()
		if (start) family.members.push({ start, member: start() })
	}

	#tell(family: MemoryFamily, step: number): void {
		const counts = countsOf(family)
		const failed = failsNow(family.policy, counts)
		this.#parent.apply({ kind: 'sub_tasks_changed', step, counts, failed, at: this.#parent.now() })
		if (failed && counts.open > 0) cancelAll(family)
	}
}

function isEnding({ cancel }: Task, { state, suspension, cancelAsked }: Step): boolean {
	return cancel !== 'none' || state === 'cancelled' || cancelAsked || (suspension?.cancelBy ?? null) !== null
}

function cancelAll(family: MemoryFamily): void {
	family.neverBegun += family.left.length
	family.left = []
	for (const { member } of family.members) {
		const { state, cancel } = member.stands()
		if (state !== 'stopped' && cancel === 'none') member.ask('cancel')
	}
}

function hasFailed(member: MemoryMember): boolean {
	const { state, result } = member.stands()
	return state === 'stopped' && (result === 'error' || result === 'cancelled')
}

function countsOf({ members, left, neverBegun }: MemoryFamily): SubTaskCounts {
	const all = members.map(({ member }) => member.stands())
	const stopped = all.filter(({ state }) => state === 'stopped')
	const ended = (wanted: Task['result']): number => stopped.filter(({ result }) => result === wanted).length
	return {
		total: members.length + left.length + neverBegun,
		open: left.length + all.length - stopped.length,
		paused: all.filter(({ state }) => state === 'paused').length,
		success: ended('success'),
		warning: ended('warning'),
		error: ended('error'),
		cancelled: ended('cancelled') + neverBegun,
	}
}
