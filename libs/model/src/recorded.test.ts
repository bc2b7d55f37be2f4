import { newTask } from './newTask.ts'
import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import type { Changed } from './decision.ts'
import type { Fact, FactOf } from './facts.ts'
import type { StepError, Task } from './task.ts'

const opened: Task = {
	...newTask('019aa000-0000-7000-8000-000000000000', 'Nightly::Export'),
	state: 'running',
	startedAt: 0,
	runningSince: 0,
	recorded: true,
	silentUntil: 100,
}
const who = { who: 1, why: null }
const error: StepError = { message: 'disk full', type: 'Failure', code: 'disk', trace: null, details: null, reason: 'failed' }
const closed = (result: FactOf<'closed'>['result'], at = 50): Fact => ({
	kind: 'closed',
	result,
	error: result === 'error' ? error : null,
	...who,
	at,
})

function changed(task: Task, fact: Fact): Changed {
	const decision = decide(task, fact)
	if (decision.kind !== 'changed') throw new Error(JSON.stringify(decision))
	return decision
}

describe('a task that another program carries out', () => {
	it('takes reports: its progress never goes back, and its silence begins anew', () => {
		const half = changed(opened, { kind: 'reported', progress: 0.5, silentUntil: 150, at: 50 })
		expect([half.task.progress, half.task.silentUntil, half.timers]).toEqual([0.5, 150, [{ step: null, kind: 'silence', dueAt: 150 }]])
		const less = changed(half.task, { kind: 'reported', progress: 0.2, silentUntil: 160, at: 60 })
		expect(less.task.progress).toBe(0.5)
		expect(changed(less.task, { kind: 'reported', progress: null, silentUntil: null, at: 60 }).timers).toEqual([])
	})

	it.each([
		['success', null, 1],
		['warning', null, 1],
		['error', 'failed', 0],
		['cancelled', 'cancelled', 0],
	] as const)('is closed with %s', (result, reason, progress) => {
		const end = changed(opened, closed(result))
		expect(end.task).toMatchObject({ state: 'stopped', result, reason, progress, endedAt: 50, error: result === 'error' ? error : null })
		expect(end.ended).toBe(true)
	})

	it('keeps what its program said, also when it had been asked to cancel', () => {
		const asked = changed(opened, { kind: 'cancel_asked', ...who, at: 20 })
		expect(asked.task).toMatchObject({ state: 'running', cancel: 'requested' })
		expect(changed(asked.task, closed('success')).task).toMatchObject({ result: 'success', reason: null })
		expect(changed(asked.task, closed('cancelled')).task).toMatchObject({ result: 'cancelled', reason: 'cancelled' })
		const noted = changed(changed(opened, closed('success')).task, { kind: 'rerun_asked', ...who, at: 60 })
		expect(noted.task).toMatchObject({ result: 'success', reason: null })
	})

	it('is lost when nothing is heard of it', () => {
		expect(decide(opened, { kind: 'due', at: 99 })).toMatchObject({ kind: 'ignored' })
		expect(changed(opened, { kind: 'due', at: 100 }).task).toMatchObject({ state: 'stopped', result: 'error', reason: 'lost' })
		expect(decide({ ...opened, silentUntil: null }, { kind: 'due', at: 1e15 })).toMatchObject({ kind: 'ignored' })
	})

	it('takes nothing after its end', () => {
		const end = changed(opened, closed('success')).task
		expect(decide(end, { kind: 'reported', progress: 1, silentUntil: null, at: 60 })).toMatchObject({ code: 'already_stopped' })
		expect(decide(end, closed('error'))).toMatchObject({ code: 'already_stopped' })
	})

	it('is the only kind that is reported on', () => {
		const own = { ...opened, recorded: false }
		expect(decide(own, { kind: 'reported', progress: 1, silentUntil: null, at: 60 })).toMatchObject({ code: 'not_recorded' })
		expect(decide(own, closed('success'))).toMatchObject({ code: 'not_recorded' })
	})
})
