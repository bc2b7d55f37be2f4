/** What an operator can ask for. Each command goes through the one door, and answers with the task or the reason why not. */

import { availableActions } from '@taskyard/model/available'
import { openPool } from '@taskyard/store/connection'
import { enginePlanner } from '@taskyard/store/tasks/applyDecisions'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import { calibrate, openClock } from '../clock.ts'
import { openDoor } from '../decisions/door.ts'
import { openKnownTypes } from '../taskTypes/knownTypes.ts'
import { changeChannel, controlChannel, openWakeUp } from '../wakeUp.ts'
import { openStarts } from './startTask.ts'
import type { CommandAnswer, CommandRefusal, Commands, OperateTask } from './types.ts'

export interface CommandOptions {
	readonly url: string
	/** Most connections; two are enough for one that starts tasks and one that operates them. */
	readonly connections?: number
	readonly applicationName: string
	readonly log: (level: 'error' | 'warning' | 'info' | 'debug', message: string) => void
}

/** Longest time between two looks at the database's clock, in milliseconds. */
const calibration = 10_000

/** Opens the commands of one process on connections of their own. */
export async function openCommands(options: CommandOptions): Promise<Commands> {
	const pool = openPool(options.url, { max: options.connections ?? 2, applicationName: options.applicationName, session: enginePlanner })
	const clock = await openClock(pool).catch(async (error: Error) => {
		await pool.end()
		throw error
	})
	let closing = false
	const wakeWatchers = openWakeUp(pool, changeChannel)
	const wakeWorkers = openWakeUp(pool, controlChannel)
	const door = openDoor({ pool, onCommit: wakeWatchers, worthRepeating: () => !closing, log: options.log })
	const types = openKnownTypes(pool)
	const start = openStarts({ pool, clock, types, onCommit: wakeWatchers })
	const measuring = setInterval(() => void calibrate(clock, pool).catch(() => undefined), calibration)
	measuring.unref()

	async function operate(order: OperateTask, action: 'resume' | 'cancel'): Promise<CommandAnswer> {
		const known = await loadType(order.id)
		if (known === 'missing') return refuse('not_found', `There is no task ${order.id}.`)
		const answer = await door.submit(order.id, (loaded) =>
			refusalOf(loaded, action, known.cancellable)
				? null
				: [{ fact: { kind: action === 'resume' ? 'resume_asked' : 'cancel_asked', who: order.who, why: order.why, at: clock.now() } }],
		)
		if (answer.kind === 'missing') return refuse('not_found', `There is no task ${order.id}.`)
		if (answer.kind === 'nothing') {
			const refusal = refusalOf(answer.loaded, action, known.cancellable)
			// Asked twice is asked once: a cancel that is under way is no error.
			return refusal ? { refusal } : { task: { id: order.id } }
		}
		const last = answer.decisions.at(-1)
		if (last?.kind === 'refused') return refuse(last.code === 'already_stopped' ? 'already_stopped' : 'not_paused', `${last.because}.`)
		if (action === 'cancel') wakeWorkers()
		return { task: { id: order.id } }
	}

	/** Whether tasks like this one can be cancelled while a step runs. */
	async function loadType(id: string): Promise<'missing' | { cancellable: boolean }> {
		if (!uuid.test(id)) return 'missing'
		const answer = await door.submit(id, () => null)
		if (answer.kind === 'missing') return 'missing'
		const type = await types.find(answer.loaded.task.label)
		return { cancellable: type?.data.cancellable ?? true }
	}

	return {
		startTask: start,
		resumeTask: (order) => operate(order, 'resume'),
		cancelTask: (order) => operate(order, 'cancel'),
		async close() {
			closing = true
			clearInterval(measuring)
			await door.idle()
			await pool.end()
		},
	}
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

function refusalOf(
	{ task }: LoadedTask,
	action: 'resume' | 'cancel',
	cancellable: boolean,
): { code: CommandRefusal; message: string; faults: [] } | null {
	if (action === 'cancel' && task.cancel !== 'none' && task.state !== 'stopped') return null
	const busy = task.steps.some((step) => step.state === 'running' || step.state === 'suspended')
	const found = availableActions({ state: task.state, cancel: task.cancel, cancellable, busy }).find((one) => one.name === action)
	if (!found || found.allowed) return null
	const code = task.state === 'stopped' ? 'already_stopped' : action === 'resume' ? 'not_paused' : 'not_cancellable'
	return { code, message: found.reason ?? 'This is not possible now.', faults: [] }
}

function refuse(code: CommandRefusal, message: string): CommandAnswer {
	return { refusal: { code, message, faults: [] } }
}
