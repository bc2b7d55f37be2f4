import { failurePoints, type FailurePoint } from '@taskyard/engine/failurePoint'
import { examine } from '@taskyard/store/doctor/examine'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bulkCancel, bulkRerun, bulkResume } from '../testing/bulkLives.ts'
import { type Crew, openCrew } from '../testing/crew.ts'
import {
	booked,
	command,
	ignored,
	large,
	leftTheLine,
	type Life,
	listened,
	poisoned,
	reverted,
	unheard,
	unlocked,
	whole,
} from '../testing/lives.ts'
import * as families from '../testing/familyLives.ts'
import { oneByOne, oneInLine } from '../testing/duplicateLives.ts'
import { recorded } from '../testing/recordedLives.ts'
import { answered, cancelledWhileWaiting, told } from '../testing/waitingLives.ts'

const nightly = process.env.TASKYARD_NIGHTLY !== undefined

let crew: Crew

beforeAll(async () => {
	crew = await openCrew({ workers: 2, children: 2 })
}, 120_000)
afterAll(() => crew?.close(), 60_000)

interface Case {
	readonly point: FailurePoint
	readonly life: Life
	readonly name: string
	/** Killed there before, so that there is something to recover. */
	readonly after?: FailurePoint
	readonly passOver?: number
}

/** Points that a task with everything in its plan comes to, with one behind it in the line and one that waits for its end. */
const ofWhole: FailurePoint[] = [
	'start.begun',
	'start.written',
	'start.edged',
	'start.enqueued',
	'start.committed',
	'claim.jobTaken',
	'claim.claimed',
	'plan.codeEnded',
	'plan.opened',
	'plan.locked',
	'plan.written',
	'plan.enqueued',
	'plan.committed',
	'lock.resourcesMade',
	'lock.inserted',
	'lock.waiting',
	'lock.released',
	'lock.successorsGranted',
	'execute.begun',
	'execute.codeEnded',
	'execute.logFlushed',
	'execute.checkpointed',
	'finalize.begun',
	'finalize.codeEnded',
	'finalize.checkpointed',
	'checkpoint.decided',
	'checkpoint.shortWritten',
	'checkpoint.longWritten',
	'checkpoint.enqueued',
	'checkpoint.committed',
	'end.written',
	'end.released',
	'end.settled',
	'end.committed',
	'sweep.fired',
]

const ofRecovery: FailurePoint[] = ['recovery.jobsReleased', 'recovery.beforeLost', 'recovery.afterLost']

const ofTransaction: FailurePoint[] = ['transaction.begun', 'transaction.codeEnded', 'transaction.written', 'transaction.committed']

const ofWaiting: FailurePoint[] = ['suspend.begun', 'suspend.committed', 'event.stored', 'event.committed', 'callback.used']

const ofFamilies: readonly (readonly [FailurePoint, Life, string])[] = [
	['subTasks.created', families.joined, 'a family'],
	['subTasks.counted', families.joined, 'a family'],
	['subTasks.told', families.joined, 'a family'],
	['subTasks.resumed', families.resumed, 'a family that is resumed'],
	['subTasks.cascaded', families.cancelled, 'a family that is cancelled'],
]

const cases: Case[] = [
	...ofWhole.map((point) => ({ point, life: whole, name: 'a whole task' })),
	...ofRecovery.map((point) => ({ point, life: whole, name: 'a whole task', after: 'execute.codeEnded' as const })),
	...ofTransaction.map((point) => ({ point, life: booked, name: 'SQL and outcome in one transaction' })),
	...ofWaiting.map((point) => ({ point, life: told, name: 'a task that waits' })),
	...ofFamilies.map(([point, life, name]) => ({ point, life, name })),
	{ point: 'start.enqueued', life: oneInLine, name: 'duplicates of which one waits' },
	{ point: 'lock.successorsGranted', life: oneByOne, name: 'duplicates one after the other' },
	{ point: 'event.stored', life: answered, name: 'a step that ends with a callback' },
	{ point: 'end.written', life: recorded, name: 'a task of another program' },
	{ point: 'sweep.found', life: unheard, name: 'a task whose hint was lost' },
	{ point: 'bulk.itemStored', life: bulkRerun, name: 'a bulk rerun' },
	{ point: 'bulk.itemDone', life: bulkRerun, name: 'a bulk rerun' },
	{ point: 'bulk.itemDone', life: bulkResume, name: 'a bulk resume' },
]

const otherLives: { readonly name: string; readonly life: Life; readonly points: readonly FailurePoint[] }[] = [
	{
		name: 'a task that takes back what it has done',
		life: reverted,
		points: [
			'execute.codeEnded',
			'checkpoint.longWritten',
			'revert.begun',
			'revert.codeEnded',
			'revert.checkpointed',
			'lock.released',
			'end.written',
		],
	},
	{
		name: 'a task that is cancelled',
		life: listened,
		points: [
			'cancel.asked',
			'cancel.noted',
			'cancel.signalled',
			'checkpoint.committed',
			'end.written',
			'lock.successorsGranted',
			'end.committed',
		],
	},
	{ name: 'a task that does not hear of its cancel', life: ignored, points: ['cancel.signalled', 'cancel.deadline'] },
	{
		name: 'a cancel in the waiting line',
		life: leftTheLine,
		points: ['cancel.asked', 'lock.waiting', 'lock.released', 'lock.successorsGranted', 'end.released', 'end.committed', 'cancel.noted'],
	},
	{
		name: 'a task that is unlocked and resumed',
		life: unlocked,
		points: [
			'lock.released',
			'lock.successorsGranted',
			'lock.resourcesMade',
			'lock.inserted',
			'checkpoint.longWritten',
			'checkpoint.committed',
		],
	},
	{
		name: 'outputs of more than a megabyte',
		life: large,
		points: ['execute.codeEnded', 'checkpoint.decided', 'checkpoint.shortWritten', 'plan.written', 'checkpoint.committed', 'end.committed'],
	},
	{
		name: 'a group that cannot be stored whole',
		life: poisoned,
		points: ['checkpoint.halved', 'checkpoint.committed', 'execute.codeEnded'],
	},
	{
		name: 'SQL and outcome in one transaction',
		life: booked,
		points: ['execute.codeEnded', 'execute.logFlushed', 'checkpoint.longWritten', 'checkpoint.enqueued', 'end.written', 'end.settled'],
	},
	{ name: 'a bulk rerun', life: bulkRerun, points: ['start.committed', 'start.enqueued', 'execute.codeEnded'] },
	{ name: 'a bulk resume', life: bulkResume, points: ['checkpoint.longWritten', 'checkpoint.enqueued', 'execute.codeEnded'] },
	{ name: 'a bulk cancel', life: bulkCancel, points: ['bulk.itemDone', 'cancel.asked', 'cancel.noted', 'end.committed'] },
	{
		name: 'a task that waits',
		life: told,
		points: [
			'execute.begun',
			'execute.codeEnded',
			'checkpoint.longWritten',
			'checkpoint.enqueued',
			'checkpoint.committed',
			'sweep.fired',
			'end.written',
		],
	},
	{
		name: 'a cancel of a task that waits',
		life: cancelledWhileWaiting,
		points: ['cancel.asked', 'cancel.noted', 'checkpoint.enqueued', 'execute.begun', 'execute.codeEnded', 'end.written', 'end.committed'],
	},
	{
		name: 'a step that ends with a callback',
		life: answered,
		points: [
			'suspend.begun',
			'suspend.committed',
			'callback.used',
			'event.committed',
			'checkpoint.longWritten',
			'end.written',
			'end.committed',
		],
	},
	{ name: 'a task of another program', life: recorded, points: ['checkpoint.longWritten', 'end.released', 'end.settled'] },
	{
		name: 'duplicates one after the other',
		life: oneByOne,
		points: [
			'start.written',
			'start.committed',
			'plan.opened',
			'plan.locked',
			'plan.written',
			'lock.resourcesMade',
			'lock.released',
			'end.released',
			'end.committed',
			'execute.codeEnded',
		],
	},
	{
		name: 'duplicates of which one waits',
		life: oneInLine,
		points: ['start.written', 'start.committed', 'plan.locked', 'lock.released', 'lock.successorsGranted', 'end.written', 'end.committed'],
	},
	{
		name: 'a family',
		life: families.joined,
		points: ['execute.begun', 'execute.codeEnded', 'checkpoint.longWritten', 'checkpoint.enqueued', 'end.committed'],
	},
	{
		name: 'a family that is resumed',
		life: families.resumed,
		points: ['subTasks.counted', 'subTasks.told', 'checkpoint.longWritten', 'checkpoint.committed'],
	},
	{
		name: 'a family that is cancelled',
		life: families.cancelled,
		points: ['subTasks.created', 'subTasks.counted', 'subTasks.told', 'cancel.asked', 'cancel.noted', 'cancel.signalled', 'end.committed'],
	},
	{
		name: 'a family of which one fails',
		life: families.oneFailed,
		points: ['subTasks.counted', 'subTasks.told', 'checkpoint.longWritten', 'checkpoint.enqueued', 'execute.codeEnded', 'end.committed'],
	},
	{
		name: 'a family that fails early',
		life: families.failedEarly,
		points: ['subTasks.counted', 'subTasks.told', 'subTasks.cascaded', 'checkpoint.committed'],
	},
	{ name: 'a command in a child of its own', life: command, points: ['execute.begun', 'execute.codeEnded', 'execute.checkpointed'] },
]

const nightlyCases: Case[] = [
	// Each of the four steps of a task, the one that ends it too, and then those of the task behind it.
	...ofTransaction.flatMap((point) =>
		[1, 2, 3, 4].map((passOver) => ({ point, life: booked, name: 'SQL and outcome in one transaction', passOver })),
	),
	...ofWaiting.flatMap((point) => [1, 2].map((passOver) => ({ point, life: told, name: 'a task that waits', passOver }))),
	// The second and third time: the task in line, and the one that waits for the end.
	...ofWhole.flatMap((point) => [1, 2].map((passOver) => ({ point, life: whole, name: 'a whole task', passOver }))),
	...ofRecovery.map((point) => ({ point, life: whole, name: 'a whole task', after: 'plan.codeEnded' as const })),
	...otherLives.flatMap(({ name, life, points }) => points.map((point) => ({ point, life, name }))),
	{ point: 'recovery.groupEnded', life: command, name: 'a command in a child of its own', after: 'execute.codeEnded' },
]

describe('kill -9 at a failure point', () => {
	it('knows every point', () => {
		const covered = new Set([...cases, ...nightlyCases].map(({ point }) => point))
		expect(Object.keys(failurePoints).filter((point) => !covered.has(point as FailurePoint))).toEqual([])
	})

	const all = (nightly ? [...cases, ...nightlyCases] : cases).map((one) => [titleOf(one), one] as const)
	it.each(all)(
		'%s',
		async (_, { point, life, after, passOver }) => {
			const faults = await crew.live(life, after ? [after, point] : [point], passOver)
			if (faults.length > 0) console.error(crew.output())
			expect(faults, failurePoints[point]).toEqual([])
		},
		120_000,
	)

	it('leaves a database with which nothing is wrong', async () => {
		expect((await examine(crew.yard.pool)).findings).toEqual([])
	})
})

function titleOf({ point, name, after, passOver = 0 }: Case): string {
	return [point, `of ${name}`, after && `after a kill at ${after}`, passOver > 0 && `passed ${passOver} times`].filter(Boolean).join(', ')
}
