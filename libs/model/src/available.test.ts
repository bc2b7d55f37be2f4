import { expect, test } from 'vitest'
import { type ActionSubject, availableActions } from './available.ts'
import { taskStates } from './states.ts'

const subject = (changes: Partial<ActionSubject>): ActionSubject => ({
	state: 'running',
	cancel: 'none',
	cancellable: true,
	busy: true,
	...changes,
})

const allowed = (changes: Partial<ActionSubject>) =>
	availableActions(subject(changes))
		.filter((action) => action.allowed)
		.map((action) => action.name)

test.each<[string, Partial<ActionSubject>, string[]]>([
	['a running task is cancelled', {}, ['cancel']],
	['a paused one is resumed or cancelled', { state: 'paused' }, ['resume', 'cancel']],
	['a paused one whose cancel was asked is still cancelled', { state: 'paused', cancel: 'signalled' }, ['resume', 'cancel']],
	['a stopped one allows nothing', { state: 'stopped' }, []],
	['one that is being cancelled allows no second cancel', { cancel: 'requested' }, []],
	['a type that cannot be cancelled refuses while a step runs', { cancellable: false }, []],
	['… but not before the first step', { cancellable: false, busy: false, state: 'planned' }, ['cancel']],
])('%s', (_, changes, names) => {
	expect(allowed(changes)).toEqual(names)
})

test.each(taskStates)('%s: each refusal has its sentence', (state) => {
	for (const action of availableActions(subject({ state }))) {
		expect(action.reason === null).toBe(action.allowed)
		if (action.reason !== null) expect(action.reason).toMatch(/^[A-Z].*\.$/)
	}
})
