/** For tests of commands: a task in any state that one can be in, with its step 0 as the state has it. */

import { Failure } from '@taskyard/sdk/failure'
import type { TaskDefinition } from '@taskyard/sdk/definition'
import { waitFor } from '@taskyard/testkit/waitFor'
import { type EngineUnderTest, sequence, sketch, step } from './engineUnderTest.ts'

/** `pausing` and `cancelling`: it runs, and was asked. `unlocked`: stopped by an unlock. */
export const situations = [
	'scheduled',
	'pending',
	'planning',
	'planned',
	'running',
	'pausing',
	'cancelling',
	'paused',
	'stopped',
	'unlocked',
] as const
export type Situation = (typeof situations)[number]

interface Input {
	readonly fate: 'hold' | 'fail' | 'succeed'
	/** Its own resource, or one that another task has. */
	readonly resource: string
}

export interface EveryState {
	readonly definitions: readonly TaskDefinition[]
	/** Starts a task and waits until it is there. */
	bring(engine: EngineUnderTest, situation: Situation): Promise<string>
	/** Starts a task that holds the resource of another, or its own, until it is released. */
	hold(engine: EngineUnderTest, resource?: string, type?: string): Promise<string>
	/** Starts a task that fails and is paused, on its own resource or that of another. */
	fail(engine: EngineUnderTest, resource?: string): Promise<string>
	/** What has failed would succeed now. */
	repair(): void
	/** Lets all that is held go on. */
	release(): void
}

const label = 'EveryState'

export function everyState(onConflict: 'fail' | 'wait' = 'wait'): EveryState {
	let gate = Promise.withResolvers<void>()
	let broken = true
	let resources = 0
	const own = (): string => String(++resources)
	const tree = () => sequence(step(0), step(1))
	const steps = ({ fate }: Input) => [
		{
			run() {
				if (fate === 'hold') return gate.promise
				if (fate === 'fail' && broken) throw new Failure('the disk is full', { code: 'no_space', retryable: false })
				return fate
			},
		},
		{ run: () => 'done' },
	]
	const locks = [{ resource: { type: 'Directory', id: '{resource}' }, name: 'backup', mode: 'exclusive', onConflict }] as const
	const slow = sketch({ label: `${label}::Planning`, tree, steps, locks })
	const definitions = [
		sketch({ label, tree, steps, locks }),
		sketch({ label: `${label}::Steadfast`, tree, steps, locks, cancellable: false }),
		sketch({ label: `${label}::Pending`, tree, steps, locks, data: { queue: 'nobody takes it' } }),
		{
			...slow,
			plan: async (input: unknown) => {
				await gate.promise
				return slow.plan(input)
			},
		},
	]

	async function start(engine: EngineUnderTest, type: string, input: Input, more: { startAt?: number } = {}): Promise<string> {
		const answer = await engine.commands.startTask({
			label: type,
			input: JSON.stringify(input),
			who: engine.owner,
			correlationId: 'test',
			...more,
		})
		if ('refusal' in answer) throw new Error(answer.refusal.message)
		return answer.task.id
	}

	async function hold(engine: EngineUnderTest, resource = own(), type = label): Promise<string> {
		const id = await start(engine, type, { fate: 'hold', resource })
		await waitFor('its step to run', async () => (await engine.load(id)).task.steps[0]?.state === 'running')
		return id
	}

	async function fail(engine: EngineUnderTest, resource = own()): Promise<string> {
		broken = true
		const id = await start(engine, label, { fate: 'fail', resource })
		await engine.reached(id, 'paused')
		return id
	}

	return {
		definitions,
		hold,
		fail,
		repair() {
			broken = false
		},
		release() {
			gate.resolve()
			gate = Promise.withResolvers()
		},
		async bring(engine, situation) {
			const { commands, owner: who } = engine
			switch (situation) {
				case 'scheduled':
					return start(engine, label, { fate: 'succeed', resource: own() }, { startAt: Date.now() + 3_600_000 })
				case 'pending':
					return start(engine, `${label}::Pending`, { fate: 'succeed', resource: own() })
				case 'planning': {
					const id = await start(engine, `${label}::Planning`, { fate: 'succeed', resource: own() })
					await engine.reached(id, 'planning')
					return id
				}
				case 'planned': {
					const resource = own()
					await hold(engine, resource)
					const id = await start(engine, label, { fate: 'succeed', resource })
					await waitFor('it to stand in line', async () => (await engine.load(id)).task.waitingFor?.kind === 'lock')
					return id
				}
				case 'running':
					return hold(engine)
				case 'pausing': {
					const id = await hold(engine)
					await commands.pauseTask({ id, who, why: null })
					return id
				}
				case 'cancelling': {
					const id = await hold(engine)
					await commands.cancelTask({ id, who, why: null })
					return id
				}
				case 'paused':
					return fail(engine)
				case 'stopped': {
					const id = await start(engine, label, { fate: 'succeed', resource: own() })
					await engine.reached(id, 'stopped')
					return id
				}
				case 'unlocked': {
					const id = await fail(engine)
					const answer = await commands.unlockTask({ id, who, why: null, confirmed: true })
					if (!('task' in answer)) throw new Error('It was not unlocked. Turn on dangerous_actions first.')
					return id
				}
			}
		},
	}
}
