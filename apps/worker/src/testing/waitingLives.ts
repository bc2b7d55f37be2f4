/** Lives of tasks that wait without a worker. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { waitFor } from '@taskyard/testkit/waitFor'
import { type Life, openTasks, resource, success } from './lives.ts'
import { tokenFile } from './waitingShape.ts'

const patience = { timeout: 60_000 }

/** Two events: one that is sent at once, twice; the other by the token of the step. Each must be given to it once. */
export const told: Life = async (surroundings) => {
	const { yard, commands, effects } = surroundings
	const tasks = openTasks(surroundings)
	const id = await tasks.start('Shape::Wait', { resource: resource() }, success)
	const event = { task: id, step: 0, id: 'first', name: 'told', who: yard.owner }
	for (let time = 0; time < 2; time++) await commands.sendEvent(event)
	const file = join(effects.folder, tokenFile(id))
	await waitFor(`the token of ${id}`, () => existsSync(file), patience)
	const answer = await commands.useCallback({ token: readFileSync(file, 'utf8'), id: 'second', payload: '2' })
	const refused = 'refusal' in answer && answer.refusal.code !== 'callback_used' ? [`the token is refused: ${answer.refusal.message}`] : []
	const { ids, faults } = await tasks.ended()
	const { rows } = await yard.pool.query<{ output: string; found: number }>(
		`select output::text, (select count(*)::int from external_id where task_id = $1 and value = $1::text) as found from task_payload where task_id = $1`,
		[id],
	)
	const given = (JSON.parse(rows[0]?.output ?? '{}') as { events?: string[] }).events ?? []
	if (given.toSorted().join() !== 'first,second') faults.push(`${id} was given the events ${given.join()}`)
	if (rows[0]?.found !== 1) faults.push(`${id} is found ${rows[0]?.found} times by its external id`)
	return { ids, faults: [...faults, ...refused] }
}

/** The outcome of a step comes by its token, twice; it is that of the step, and the next one goes on with it. */
export const answered: Life = async (surroundings) => {
	const { yard, commands, effects } = surroundings
	const tasks = openTasks(surroundings)
	const id = await tasks.start('Shape::Answered', { resource: resource() }, success)
	// The attempt that waits has left its token last.
	await waitFor(`${id} to wait`, async () => (await yard.task(id)).steps[0]?.state === 'suspended', patience)
	const token = readFileSync(join(effects.folder, tokenFile(id)), 'utf8')
	const refused: string[] = []
	for (const answer of [42, 43]) {
		const said = await commands.useCallback({ token, outcome: { output: JSON.stringify({ answer }) } })
		if ('refusal' in said && said.refusal.code !== 'callback_used') refused.push(`the token is refused: ${said.refusal.message}`)
	}
	const { ids, faults } = await tasks.ended()
	const { rows } = await yard.pool.query<{ output: string }>('select output::text from task_payload where task_id = $1', [id])
	if (rows[0]?.output !== '{"answer":42}') faults.push(`${id} ended with ${rows[0]?.output}`)
	return { ids, faults: [...faults, ...refused] }
}

/** Two steps wait for ever, and are told of the cancel. */
export const cancelledWhileWaiting: Life = async (surroundings) => {
	const { yard, commands, effects } = surroundings
	const tasks = openTasks(surroundings)
	const id = await tasks.start('Shape::WaitForEver', { resource: resource() }, { result: 'cancelled', reason: 'cancelled' })
	await waitFor(
		'both steps to wait',
		async () => (await yard.task(id)).steps.filter(({ state }) => state === 'suspended').length === 2,
		patience,
	)
	await commands.cancelTask(tasks.order(id))
	const { ids, faults } = await tasks.ended()
	return { ids, faults: existsSync(join(effects.folder, `${id}.cancelled`)) ? faults : [...faults, `${id} did not end its work elsewhere`] }
}
