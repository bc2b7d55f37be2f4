/** A life of a task that no worker carries out: another program reports on it, and says everything twice. */

import { createIdSource } from '@taskyard/store/ids'
import { type Life, openTasks, resource, success } from './lives.ts'

const ids = createIdSource()
ids.calibrate(Date.now())

/** Each report counts once, and so does the end, for which another task waits. */
export const recorded: Life = async (surroundings) => {
	const { yard, commands } = surroundings
	const tasks = openTasks(surroundings)
	const id = ids.next()
	const faults: string[] = []
	const say = async (what: string, command: () => Promise<object>): Promise<void> => {
		for (let time = 0; time < 2; time++) {
			const answer = await command()
			if ('refusal' in answer) faults.push(`${id}: ${what} is refused: ${JSON.stringify(answer.refusal)}`)
		}
	}
	const who = yard.owner
	const report = { id, lines: ['exported'], externalId: id }
	await say('its start', () =>
		commands.openTask({ id, label: 'Recorded::Export', key: id, who, correlationId: 'kill test', silence: 3_600_000 }),
	)
	await say('the first report', () => commands.reportTask({ ...report, number: 1, progress: 0.25 }))
	await say('the second report', () => commands.reportTask({ ...report, number: 2, progress: 0.5 }))
	await tasks.start('Shape::Whole', { resource: resource() }, success, { dependsOn: [{ task: id, policy: 'any' }] })
	await say('its end', () => commands.closeTask({ id, who, why: null, result: 'success', output: '{"rows":7}', lines: ['closed'] }))
	const { result } = await yard.reached(id, 'stopped')
	if (result !== 'success') faults.push(`${id} ended with ${result}`)
	const { rows } = await yard.pool.query<{ output: string; lines: string; found: number }>(
		`select output::text, (select count(*)::int from external_id where value = $1::uuid::text) as found,
			(select string_agg(text, '' order by first_line) from log_chunk where task_id = $1::uuid) as lines
		from task_payload where task_id = $1::uuid`,
		[id],
	)
	const [left] = rows
	if (left?.output !== '{"rows":7}') faults.push(`${id} left the output ${left?.output}`)
	if (left?.found !== 1) faults.push(`${id} is found ${left?.found} times by its external id`)
	if (left?.lines?.match(/exported/g)?.length !== 2 || left.lines.match(/closed/g)?.length !== 1)
		faults.push(`the lines of ${id} are ${JSON.stringify(left?.lines)}`)
	const others = await tasks.ended()
	return { ids: [id, ...others.ids], faults: [...faults, ...others.faults] }
}
