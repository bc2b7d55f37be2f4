/** Lives of tasks that are duplicates of each other. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createIdSource } from '@taskyard/store/ids'
import { togetherFile } from './duplicateShape.ts'
import { type Life, openTasks, resource, success, type Surroundings } from './lives.ts'

const ids = createIdSource()
ids.calibrate(Date.now())

/** Three of one key run one after the other, in the order in which they were started. */
export const oneByOne: Life = async (surroundings) => {
	const tasks = openTasks(surroundings)
	const key = resource()
	for (let count = 0; count < 3; count++) await tasks.start('Shape::Serial', { resource: key }, success)
	const ended = await tasks.ended()
	return { ids: ended.ids, faults: [...ended.faults, ...(await unordered(surroundings, ended.ids)), ...together(surroundings, key)] }
}

/** Five starts of one key: each makes a task, or is told of one that has not ended then. */
export const oneInLine: Life = async (surroundings) => {
	const { yard, commands } = surroundings
	const key = resource()
	const made = new Set<string>()
	const faults: string[] = []
	for (let count = 0; count < 5; count++) {
		const id = ids.next()
		const answer = await commands.startTask({
			id,
			label: 'Shape::QueueOne',
			input: JSON.stringify({ resource: key }),
			who: yard.owner,
			correlationId: 'kill test',
		})
		if ('refusal' in answer) faults.push(answer.refusal.message)
		else if (!answer.discarded) made.add(answer.task.id)
		else if (!made.has(answer.task.id)) faults.push(`${id} was discarded for ${answer.task.id}, which nobody has started`)
	}
	for (const id of made) {
		const { result } = await yard.reached(id, 'stopped')
		if (result !== 'success') faults.push(`${id} ended with ${result}`)
	}
	const { rows } = await yard.pool.query<{ id: string }>(
		`select t.id from task t join task_payload p on p.task_id = t.id where t.label = 'Shape::QueueOne' and p.input->>'resource' = $1`,
		[key],
	)
	for (const { id } of rows) if (!made.has(id)) faults.push(`${id} was made, and its start was answered otherwise`)
	return { ids: [...made], faults: [...faults, ...together(surroundings, key)] }
}

function together({ effects }: Surroundings, key: string): string[] {
	const file = join(effects.folder, togetherFile(key))
	return existsSync(file) ? [readFileSync(file, 'utf8')] : []
}

async function unordered({ yard }: Surroundings, made: readonly string[]): Promise<string[]> {
	const { rows } = await yard.pool.query<{ id: string }>('select id from task where id = any($1) order by started_at', [made])
	const order = rows.map(({ id }) => id).join()
	return order === made.join() ? [] : [`they were started as ${made.join()} and ran as ${order}`]
}
