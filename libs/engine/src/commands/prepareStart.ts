/** From what a caller asks to the row of a new task, or to the reason why there will be none. Stores nothing. */

import { admission } from '@taskyard/model/gates'
import { hasMarks } from '@taskyard/model/sensitive/marks'
import type { LockClaim } from '@taskyard/model/plan'
import { type Gates, noGates } from '@taskyard/model/task'
import { renderTemplate } from '@taskyard/model/template'
import type { Pool } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import type { Keyring } from '@taskyard/store/sensitive/keyring'
import type { NewTask } from '@taskyard/store/tasks/startTasks'
import { duplicateClaimFor } from '../locks/duplicateClaims.ts'
import { faultsOf, keepInput } from '../sensitive/keepInput.ts'
import type { KnownTypes } from '../taskTypes/knownTypes.ts'
import { taskTypeLabels } from '../taskTypes/registry.ts'
import { placeInQueue } from './placeInQueue.ts'
import { inputMessage, readInput, wrongId } from './readInput.ts'
import { isTaskId, refuse } from './refuse.ts'
import type { DependsOn, Refused, StartTask } from './types.ts'

export interface PrepareOptions {
	readonly pool: Pool
	readonly clock: IdSource
	readonly types: KnownTypes
	readonly keyring: Keyring
}

export interface PreparedStart {
	readonly task: NewTask
	readonly dependsOn: readonly DependsOn[]
	/** What it claims from its start on, for a type with a duplicate key. */
	readonly duplicate: LockClaim | null
	/** Nobody is told of it by a job: whoever asked carries it out. */
	readonly inline: boolean
}

/** What the index of resources holds, in bytes. */
const longestKey = 2_000

/** How long a person has to confirm a task, in milliseconds. */
const confirmationTime = 30_000

export async function prepareStart({ pool, clock, types, keyring }: PrepareOptions, order: StartTask): Promise<PreparedStart | Refused> {
	const type = await types.find(order.label)
	if (!type) return refuse('unknown_task_type', await unknownType(pool, order.label))
	const now = clock.now()
	if (order.id !== undefined) {
		const wrong = wrongId(order.id, now)
		if (wrong) return refuse('invalid_id', wrong)
	}
	const wrongTime = whyNotAt(order)
	if (wrongTime) return refuse('invalid_start_time', wrongTime)
	const id = order.id?.toLowerCase() ?? clock.next()
	const edges = edgesOf(id, order.dependsOn ?? [])
	if ('refusal' in edges) return edges
	const { sealed = false } = order
	const read = readInput(order.input, { quoted: !hasMarks(type.data.inputSchema), sealed })
	if ('fault' in read) return refuse('invalid_input', `The input of ${order.label} cannot be used: ${read.fault.message}`, [read.fault])
	const faults = faultsOf(type, order, read.value, keyring)
	if (faults.length > 0) return refuse('invalid_input', inputMessage(order.label, faults), faults)
	const kept = keepInput(type, order, read.value, keyring)
	if ('refusal' in kept) return kept
	const place = placeInQueue({ data: type.data, order })
	if ('refusal' in place) return place
	const duplicate = duplicateClaimFor(type.data, kept.value)
	const length = duplicate ? Buffer.byteLength(duplicate.resource.id) : 0
	if (length > longestKey) {
		return refuse(
			'invalid_input',
			`The duplicate key of ${order.label} would have ${length} bytes with this input; expected at most ${longestKey}. Give shorter values to the fields that it is made of.`,
		)
	}
	const gates: Gates = {
		...noGates,
		startAt: order.startAt ?? null,
		startBefore: order.startBefore ?? null,
		confirmBefore: type.data.confirmation ? now + confirmationTime : null,
		open: edges.length,
		waitsFor: edges[0]?.task ?? null,
	}
	const { state, waitingFor, timers } = admission(gates, now)
	return {
		task: {
			id,
			label: order.label,
			typeVersion: type.data.version,
			name: renderTemplate(type.data.name, kept.value),
			state,
			waitingFor,
			...place,
			duplicate: duplicate !== null,
			owner: order.who,
			correlationId: order.correlationId,
			input: kept.input,
			startAt: gates.startAt,
			startBefore: gates.startBefore,
			confirmBefore: gates.confirmBefore,
			parent: order.parent ? { task: order.parent.task, step: order.parent.step } : null,
			rerunOf: order.rerunOf ?? null,
			timers,
		},
		dependsOn: edges,
		duplicate,
		inline: order.start === 'inline' && type.data.light,
	}
}

/** Latest instant that is stored, in milliseconds: the end of the year 9999. */
const latest = 253_402_300_799_999

function whyNotAt({ startAt, startBefore }: StartTask): string | null {
	for (const [name, time] of [
		['start at', startAt],
		['start before', startBefore],
	] as const) {
		if (time !== undefined && !(time >= 0 && time <= latest))
			return `"${name}" is ${time}; expected a time between the years 1970 and 9999.`
	}
	if (startAt === undefined || startBefore === undefined || startAt <= startBefore) return null
	const written = (time: number) => new Date(time).toISOString()
	return `The task is to start at ${written(startAt)} and before ${written(startBefore)}: it never could. Give a later "start before".`
}

function edgesOf(id: string, dependsOn: readonly DependsOn[]): DependsOn[] | Refused {
	const edges = new Map<string, DependsOn>()
	for (const { task, policy } of dependsOn) {
		const on = task.toLowerCase()
		if (!isTaskId(on)) return refuse('invalid_dependency', `"${task}" is no id of a task.`)
		if (on === id) return refuse('invalid_dependency', `Task ${id} cannot wait for itself.`)
		const other = edges.get(on)
		if (other && other.policy !== policy) {
			return refuse('invalid_dependency', `The task is to wait for ${on} twice, for "${other.policy}" and for "${policy}". Choose one.`)
		}
		edges.set(on, { task: on, policy })
	}
	return [...edges.values()]
}

/** There is no such type: names those that there are. */
export async function unknownType(pool: Pool, label: string): Promise<string> {
	const labels = await taskTypeLabels(pool)
	if (labels.length === 0) return `No worker has registered the task type "${label}", nor any other. Start a worker first.`
	return `There is no task type "${label}". Known are ${labels.join(', ')}.`
}
