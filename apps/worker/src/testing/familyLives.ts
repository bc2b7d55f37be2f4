/** Lives of tasks that fan out. Each answers its sub-tasks too, so that what holds of every task is asked of them. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { waitFor } from '@taskyard/testkit/waitFor'
import { type Does, openFile } from './familyShape.ts'
import { type Life, openTasks, resource, success, type Surroundings } from './lives.ts'

const patience = { timeout: 60_000 }

const all = (count: number, does: Does): Does[] => Array.from({ length: count }, () => does)

async function withSubTasks({ yard }: Surroundings, ended: Awaited<ReturnType<Life>>): ReturnType<Life> {
	const { rows } = await yard.pool.query<{ id: string }>('select id from task where parent_id = any($1::uuid[])', [ended.ids])
	return { ids: [...ended.ids, ...rows.map(({ id }) => id)], faults: ended.faults }
}

async function faultsOfCounts({ yard }: Surroundings, id: string, wanted: Readonly<Record<string, number>>): Promise<string[]> {
	const { rows } = await yard.pool.query<Record<string, number>>('select * from fan_out where task_id = $1', [id])
	return Object.entries(wanted).flatMap(([name, n]) =>
		rows[0]?.[name] === n ? [] : [`${id} counts ${rows[0]?.[name]} as ${name}, not ${n}`],
	)
}

/** Seven sub-tasks, three at a time: the join happens once, and each has run. */
export const joined: Life = async (surroundings) => {
	const tasks = openTasks(surroundings)
	const id = await tasks.start('Shape::Family', { family: resource(), members: all(7, 'end'), leaveRunning: true }, success)
	const { ids, faults } = await withSubTasks(surroundings, await tasks.ended())
	return { ids, faults: [...faults, ...(await faultsOfCounts(surroundings, id, { total: 7, open: 0, success: 7 }))] }
}

/** Sub-tasks pause until all are, and go on with their parent. */
export const resumed: Life = async (surroundings) => {
	const { yard, effects, commands } = surroundings
	const tasks = openTasks(surroundings)
	const name = resource()
	const members: Does[] = ['stand', 'end', 'stand', 'stand']
	const id = await tasks.start('Shape::Family', { family: name, members, leaveRunning: true }, { result: 'warning' })
	await waitFor('the family to need attention', async () => (await yard.task(id)).reason === 'sub_tasks_paused', patience)
	const early = await faultsOfCounts(surroundings, id, { open: 3, paused: 3, success: 1 })
	writeFileSync(join(effects.folder, openFile(name)), '')
	await commands.resumeTask(tasks.order(id))
	const { ids, faults } = await withSubTasks(surroundings, await tasks.ended())
	return { ids, faults: [...faults, ...early, ...(await faultsOfCounts(surroundings, id, { open: 0, success: 1, warning: 3 }))] }
}

/** Some run, some are held, none is left. */
export const cancelled: Life = async (surroundings) => {
	const { yard, commands } = surroundings
	const tasks = openTasks(surroundings)
	const order = { family: resource(), members: all(8, 'wait'), leaveRunning: true }
	const id = await tasks.start('Shape::Family', order, { result: 'cancelled', reason: 'cancelled' })
	await waitFor(
		'three to run',
		async () => {
			const { rows } = await yard.pool.query<{ n: number }>('select count(*)::int as n from task where parent_id = $1 and state = 4', [id])
			return rows[0]?.n === 3
		},
		patience,
	)
	await commands.cancelTask(tasks.order(id))
	const { ids, faults } = await withSubTasks(surroundings, await tasks.ended())
	return { ids, faults: [...faults, ...(await faultsOfCounts(surroundings, id, { open: 0, held: 0, cancelled: 8 }))] }
}

/** The first failure ends the others. Its parent is paused, and cancelled then. */
export const failedEarly: Life = async (surroundings) => {
	const { yard, commands } = surroundings
	const tasks = openTasks(surroundings)
	const order = { family: resource(), members: ['wait', 'fail', ...all(5, 'wait')], leaveRunning: false }
	const id = await tasks.start('Shape::Family', order, { result: 'cancelled', reason: 'cancelled' })
	await waitFor('the family to fail', async () => (await yard.task(id)).state === 'paused', patience)
	await waitFor('the others to have ended', async () => (await faultsOfCounts(surroundings, id, { open: 0 })).length === 0, patience)
	const early = await faultsOfCounts(surroundings, id, { error: 1, cancelled: 6, held: 0 })
	await commands.cancelTask(tasks.order(id))
	const { ids, faults } = await withSubTasks(surroundings, await tasks.ended())
	return { ids, faults: [...faults, ...early] }
}

/** One of five fails, two at a time: the others are waited for, and each ends. Their parent is paused, and cancelled then. */
export const oneFailed: Life = async (surroundings) => {
	const { yard, commands } = surroundings
	const tasks = openTasks(surroundings)
	const order = { family: resource(), members: ['end', 'fail', ...all(3, 'end')], leaveRunning: true, limit: 2 }
	const id = await tasks.start('Shape::Family', order, { result: 'cancelled', reason: 'cancelled' })
	await waitFor('the family to need attention', async () => (await yard.task(id)).state === 'paused', patience)
	const early = await faultsOfCounts(surroundings, id, { total: 5, open: 0, held: 0, error: 1, success: 4, cancelled: 0 })
	const code = (await yard.task(id)).steps[0]?.error?.code
	if (code !== 'sub_tasks_failed') early.push(`${id} has the error ${code}`)
	await commands.cancelTask(tasks.order(id))
	const { ids, faults } = await withSubTasks(surroundings, await tasks.ended())
	return { ids, faults: [...faults, ...early] }
}
