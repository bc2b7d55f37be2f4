/** One process of a race: an engine that does what the test tells it over its channel, and jobs with the argument `run`. Started by `startRacers`. */

import { defaultPolicies } from '@taskyard/model/plan'
import type { StepContext } from '@taskyard/sdk/definition'
import { Failure } from '@taskyard/sdk/failure'
import { waitFor } from '@taskyard/testkit/waitFor'
import { concurrence, engineUnderTest, sequence, sketch, step } from './engineUnderTest.ts'
import type { FromRacer, ToRacer } from './racers.ts'

const say = (message: FromRacer): void => {
	process.send?.(message)
}
const held = new Map<string, { readonly context: StepContext; readonly release: () => void }>()

const branch = {
	run: (_: never, context: StepContext) =>
		new Promise<void>((release) => {
			held.set(context.taskId, { context, release })
			say({ type: 'held', task: context.taskId, step: context.step })
		}),
}

/** A step that finds its task to be the only one that holds, by the table of the test and by a question to ours. */
function hold(holders: string) {
	return async (_: never, { taskId }: StepContext): Promise<void> => {
		try {
			await engine.pool.query(`insert into race_holder values ('the one', $1)`, [taskId])
			const { rows } = await engine.pool.query<{ task_id: string }>(holders)
			if (rows.length !== 1 || rows[0]?.task_id !== taskId) faults.push(`${taskId} runs while the locks are ${JSON.stringify(rows)}`)
			await engine.pool.query('delete from race_holder where task_id = $1', [taskId])
		} catch (error) {
			faults.push(`${taskId}: ${(error as Error).message}`)
		}
	}
}

/** Ends when the other one of the pair is there too. */
async function meet(pair: number, { taskId }: StepContext): Promise<void> {
	await engine.pool.query('insert into race_pair values ($1, $2) on conflict do nothing', [pair, taskId])
	await waitFor('the other one of the pair', async () => {
		const { rows } = await engine.pool.query<{ count: number }>('select count(*)::int as count from race_pair where pair = $1', [pair])
		return rows[0]?.count === 2 || null
	})
}

const url = process.env.DATABASE_URL
if (!url) throw new Error('DATABASE_URL is not set: a racer is started by startRacers.')
const faults: string[] = []
const engine = await engineUnderTest({
	url,
	run: process.argv.includes('run'),
	definitions: [
		sketch({
			label: 'Race::Join',
			tree: () => sequence(concurrence(step(0), step(1)), step(2)),
			steps: () => [
				branch,
				branch,
				{ run: (_: never, context) => say({ type: 'joined', task: context.taskId, attempt: context.attempt }) },
			],
		}),
		// Alone in the table of locks.
		sketch({
			label: 'Race::Claim',
			tree: () => step(0),
			locks: [{ resource: { type: 'Race', id: 'the one' }, name: 'race', mode: 'exclusive' }],
			steps: () => [{ policies: defaultPolicies, run: hold('select task_id from lock') }],
		}),
		// Two sub-tasks that end at the same moment.
		sketch({
			label: 'Race::Pair',
			tree: () => step(0),
			steps: ({ pair }: { pair: number }) => [
				{
					run: (_: never, context) => context.fanOut('Race::Half', [{ pair }, { pair }]),
					joined: (_: never, { success }, context) => {
						say({ type: 'joined', task: context.taskId, attempt: context.attempt })
						return success
					},
				},
			],
		}),
		sketch({
			label: 'Race::Half',
			tree: () => step(0),
			steps: ({ pair }: { pair: number }) => [{ run: (_: never, context) => meet(pair, context) }],
		}),
		// Sub-tasks that end, fail and pause, a few at a time.
		sketch({
			label: 'Race::Family',
			tree: () => step(0),
			steps: () => [
				{
					policies: { rescue: 'fail' },
					run: (_: never, context) => context.fanOut('Race::Member', [{}, {}, { pauses: true }, {}, {}], { limit: 2, failWhen: 'all' }),
				},
			],
		}),
		sketch({
			label: 'Race::Member',
			tree: () => step(0),
			steps: ({ pauses }: { pauses?: boolean }) => [
				{
					run: () => {
						if (pauses) throw new Failure('it pauses', { retryable: false })
					},
				},
			],
		}),
		// The only holder, whoever stands in line.
		sketch({
			label: 'Race::Line',
			tree: () => step(0),
			locks: [{ resource: { type: 'Race', id: 'the one' }, name: 'race', mode: 'exclusive', onConflict: 'wait' }],
			steps: () => [{ policies: defaultPolicies, run: hold('select task_id from lock where granted') }],
		}),
	],
})

async function queue(times: number): Promise<void> {
	for (let time = 0; time < times; time++) await engine.start('Race::Line')
	say({ type: 'queued' })
}

async function claim(times: number): Promise<void> {
	let granted = 0
	for (let time = 0; time < times; time++) {
		const id = await engine.start('Race::Claim')
		await engine.executor.activate(id)
		const { task } = await engine.load(id)
		if (task.state === 'stopped' && task.result === 'success') granted += 1
		else if (task.state === 'paused' && task.reason === 'lock_conflict')
			await engine.commands.cancelTask({ id, who: engine.owner, why: null })
		else faults.push(`${id} is ${task.state}/${task.result}: ${task.error?.message ?? task.steps[0]?.error?.message}`)
	}
	say({ type: 'claimed', granted, refused: times - granted, faults })
}

process.on('message', (message: ToRacer) => {
	switch (message.type) {
		case 'activate':
			void engine.executor.activate(message.task).then(() => say({ type: 'carriedOn', task: message.task }))
			return
		case 'release':
			held.get(message.task)?.release()
			held.delete(message.task)
			return
		case 'look':
			void held
				.get(message.task)
				?.context.stillMine()
				.then(() => say({ type: 'looked', task: message.task }))
			return
		case 'claim':
			void claim(message.times)
			return
		case 'queue':
			void queue(message.times)
			return
		case 'report':
			say({ type: 'reported', faults })
			return
		case 'stop':
			void engine.stop().then(() => process.disconnect())
	}
})
process.on('disconnect', () => process.exit())
say({ type: 'ready' })
