import { expect, test } from 'vitest'
import { type ActionSubject, availableActions, availableStepActions, type StepActionSubject } from './available.ts'
import { cancelPhases, stepStates, taskStates } from './states.ts'

const subject = (changes: Partial<ActionSubject>): ActionSubject => ({
	label: 'Backup::Directory',
	state: 'running',
	cancel: 'none',
	pauseAsked: false,
	unlocked: false,
	awaitsConfirmation: false,
	cancellable: true,
	busy: true,
	recorded: null,
	dangerousActions: false,
	...changes,
})

const step = (changes: Partial<StepActionSubject>): StepActionSubject => ({
	state: 'running',
	cancelAsked: false,
	action: 'Backup::Directory/copy',
	cancellable: true,
	reverting: false,
	...changes,
})

const namesOf = (actions: readonly { name: string; allowed: boolean }[]) =>
	actions.filter((action) => action.allowed).map((action) => action.name)

test.each<[string, Partial<ActionSubject>, string[]]>([
	['a running task is paused or cancelled', {}, ['pause', 'cancel']],
	['… or unlocked by force, where dangerous actions are on', { dangerousActions: true }, ['pause', 'cancel', 'force_unlock']],
	['one of another program is left to it', { recorded: { callback: false } }, []],
	['… or cancelled, where that program hears of it', { recorded: { callback: true } }, ['cancel']],
	['… and not run again here', { recorded: { callback: true }, state: 'stopped', busy: false }, ['delete']],
	['one whose pause was asked takes it back', { pauseAsked: true }, ['resume', 'cancel']],
	['a paused one is resumed or cancelled', { state: 'paused', busy: false }, ['resume', 'cancel']],
	['… or unlocked', { state: 'paused', busy: false, dangerousActions: true }, ['resume', 'cancel', 'unlock', 'force_unlock']],
	['a paused one is cancelled although its type is not cancellable', { state: 'paused', cancellable: false }, ['resume', 'cancel']],
	['a stopped one is run again or deleted', { state: 'stopped', busy: false, dangerousActions: true }, ['rerun', 'delete']],
	['… and resumed, if it was unlocked', { state: 'stopped', busy: false, unlocked: true }, ['resume', 'rerun', 'delete']],
	['one that is being cancelled allows no second cancel', { cancel: 'requested' }, []],
	['… but is unlocked by force', { cancel: 'signalled', dangerousActions: true }, ['force_unlock']],
	['a type that cannot be cancelled refuses while a step runs', { cancellable: false }, ['pause']],
	['… but not before the first step', { cancellable: false, busy: false, state: 'planned' }, ['cancel']],
	['a scheduled one is cancelled', { state: 'scheduled', busy: false }, ['cancel']],
	['… or confirmed, where it waits for that', { state: 'scheduled', busy: false, awaitsConfirmation: true }, ['confirm', 'cancel']],
])('%s', (_, changes, names) => {
	expect(namesOf(availableActions(subject(changes)))).toEqual(names)
})

test.each<[string, Partial<ActionSubject>, Partial<StepActionSubject>, string[]]>([
	['a running step is cancelled', {}, {}, ['cancel']],
	['a suspended one is cancelled', {}, { state: 'suspended' }, ['cancel']],
	['… not twice', {}, { cancelAsked: true }, []],
	['… not where its action has no cancel', {}, { cancellable: false }, []],
	['… not one that has ended', {}, { state: 'success' }, []],
	['… not while the task is cancelled', { cancel: 'requested' }, {}, []],
	['a failed step waits until the task is paused', {}, { state: 'error' }, []],
	['… and is retried or skipped then', { state: 'paused' }, { state: 'error' }, ['retry', 'skip']],
	['while the task reverts, a failed step stays', { state: 'paused' }, { state: 'error', reverting: true }, []],
	['… and a failed revert is tried again', { state: 'paused' }, { state: 'revert_failed', reverting: true }, ['retry']],
	['a pending step allows nothing', { state: 'paused' }, { state: 'pending' }, []],
	['nor does any step of a stopped task', { state: 'stopped' }, { state: 'error' }, []],
])('%s', (_, task, changes, names) => {
	expect(namesOf(availableStepActions(subject(task), step(changes)))).toEqual(names)
})

test('a type or an action that cannot be cancelled is named', () => {
	const reasons = availableActions(subject({ cancellable: false })).map(({ reason }) => reason)
	expect(reasons).toContain('Cancel is not supported by Backup::Directory while a step runs.')
	const ofStep = availableStepActions(subject({}), step({ cancellable: false })).map(({ reason }) => reason)
	expect(ofStep).toContain('Cancel is not supported by Backup::Directory/copy.')
})

const everyTask = taskStates.flatMap((state) =>
	cancelPhases.flatMap((cancel) =>
		[true, false].map((flag) => subject({ state, cancel, busy: flag, dangerousActions: flag, pauseAsked: flag })),
	),
)

test.each(taskStates)('%s: each refusal has its sentence and its code', (state) => {
	for (const task of everyTask.filter((one) => one.state === state)) {
		const ofSteps = stepStates.flatMap((one) => availableStepActions(task, step({ state: one })))
		for (const action of [...availableActions(task), ...ofSteps]) {
			expect([action.reason === null, action.code === null]).toEqual([action.allowed, action.allowed])
			if (action.reason !== null) expect(action.reason).toMatch(/^[A-Z].*\.$/)
		}
	}
})
