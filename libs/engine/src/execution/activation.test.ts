import { newTask } from '@taskyard/model/newTask'
import { newStep } from '@taskyard/model/newStep'
import { defaultPolicies, type StepPolicies } from '@taskyard/model/plan'
import type { Step, Task } from '@taskyard/model/task'
import type { TaskDefinition } from '@taskyard/sdk/definition'
import { describe, expect, test } from 'vitest'
import { activationFact, stepsForOwnChildren } from './activation.ts'

const taskWith = (
	state: Task['state'],
	isolations: readonly StepPolicies['isolation'][] = ['shared'],
	changes: Partial<Task> = {},
): Task => ({
	...newTask('019aa000-0000-7000-8000-000000000000', 'A'),
	state,
	revision: 1,
	startedAt: 0,
	runningSince: 0,
	planAttempt: 1,
	plan: {
		tree: { kind: 'concurrence', nodes: isolations.map((_, index) => ({ kind: 'step', index })) },
		steps: isolations.map((isolation, index) => ({
			action: `A/${index}`,
			name: `step ${index}`,
			input: {},
			weight: 1,
			policies: { ...defaultPolicies, isolation },
		})),
		locks: [],
	},
	steps: isolations.map((_, index) => newStep(index)),
	...changes,
})

const loaded = (task: Task, typeVersion = 1) =>
	({ task, queue: 'slow', typeVersion, owner: 1, correlationId: 'c', name: 'a', input: null, awaited: false, parent: null }) as Parameters<
		typeof activationFact
	>[0]

const knows = (version: number, ...indices: number[]): TaskDefinition =>
	({ data: { label: 'A', version }, actions: new Map(indices.map((index) => [`A/${index}`, {}])) }) as unknown as TaskDefinition

const me = { child: 7 }
const own = { child: 7, own: true }
const inBackOff: Step = { ...newStep(0), attempt: 1, notBefore: 500 }
const worker = (keys: object) => ({
	kind: 'declined',
	waitingFor: { kind: 'worker', keys: { label: 'A', ...keys, queue: 'slow' } },
	at: 100,
})

describe('what a child says to an activation', () => {
	test.each<
		[string, Parameters<typeof activationFact>[0], TaskDefinition | undefined, Parameters<typeof activationFact>[2], object | null]
	>([
		['scheduled: it may be due', loaded(taskWith('scheduled')), knows(1, 0), me, { kind: 'due' }],
		['pending', loaded(taskWith('pending')), knows(1, 0), me, { kind: 'claimed', child: 7 }],
		['pending, of a type it lacks', loaded(taskWith('pending')), undefined, me, worker({})],
		['pending, of a newer version', loaded(taskWith('pending'), 3), knows(2, 0), me, worker({ version: 3 })],
		['pending, of an older version', loaded(taskWith('pending'), 1), knows(2, 0), me, { kind: 'claimed' }],
		['planning: another has it', loaded(taskWith('planning')), knows(1, 0), me, null],
		['planned: it goes for the locks', loaded(taskWith('planned')), knows(1, 0), me, null],
		['planned, of a type it lacks', loaded(taskWith('planned')), undefined, me, worker({})],
		[
			'planned and in line, of a type it lacks',
			loaded(taskWith('planned', ['shared'], { waitingFor: { kind: 'lock', keys: {} } })),
			undefined,
			me,
			null,
		],
		['running', loaded(taskWith('running')), knows(1, 0), me, { kind: 'activated', child: 7 }],
		['running, planned by a newer version', loaded(taskWith('running'), 9), knows(1, 0), me, { kind: 'activated' }],
		['running, of a type it lacks', loaded(taskWith('running')), undefined, me, worker({})],
		['running, of an action it lacks', loaded(taskWith('running')), knows(1), me, worker({ action: 'A/0' })],
		[
			'running, with one action that it knows',
			loaded(taskWith('running', ['shared', 'shared'])),
			knows(1, 1),
			me,
			{ kind: 'activated', only: 1 },
		],
		['running, and what it knows needs an own child', loaded(taskWith('running', ['shared', 'own'])), knows(1, 1), me, null],
		[
			'the same, standing alone',
			loaded(taskWith('running', ['shared', 'own'])),
			knows(1, 1),
			own,
			{ kind: 'activated', own: true, only: 1 },
		],
		['an action it lacks, in back-off', loaded(taskWith('running', ['shared'], { steps: [inBackOff] })), knows(1), me, null],
		[
			'an action it lacks, and a cancel',
			loaded(taskWith('running', ['shared'], { cancel: 'requested' })),
			knows(1),
			me,
			{ kind: 'activated' },
		],
		[
			'an own child asks for its step',
			loaded(taskWith('running', ['own'])),
			knows(1, 0),
			{ ...own, only: 0 },
			{ kind: 'activated', own: true, only: 0 },
		],
		['an own child whose task no longer runs', loaded(taskWith('paused', ['own'])), knows(1, 0), { ...own, only: 0 }, null],
		['paused', loaded(taskWith('paused')), knows(1, 0), me, null],
		['stopped', loaded(taskWith('stopped')), undefined, me, null],
	])('%s', (_, task, definition, taker, expected) => {
		const fact = activationFact(task, definition, taker, 100)
		if (expected === null) expect(fact).toBeNull()
		else expect(fact).toMatchObject(expected)
		// It asks for what it names, and for nothing else.
		if (expected && !('only' in expected)) expect(fact).not.toHaveProperty('only')
	})
})

describe('steps for own children', () => {
	test.each<[string, Task, TaskDefinition, number[]]>([
		['those that can start and are known', taskWith('running', ['own', 'shared', 'own', 'own']), knows(1, 0, 1, 2), [0, 2]],
		['none in a plan of shared ones', taskWith('running', ['shared']), knows(1, 0), []],
		['none in back-off', taskWith('running', ['own'], { steps: [inBackOff] }), knows(1, 0), []],
		['none of a paused task', taskWith('paused', ['own']), knows(1, 0), []],
		['none when a cancel was asked', taskWith('running', ['own'], { cancel: 'requested' }), knows(1, 0), []],
	])('%s', (_, task, definition, expected) => {
		expect(stepsForOwnChildren(task, definition, 100)).toEqual(expected)
	})
})
