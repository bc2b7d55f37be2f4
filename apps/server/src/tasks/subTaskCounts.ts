import type { FanOut } from '@taskyard/store/tasks/fanOuts'
import { Field, Int, ObjectType } from 'type-graphql'

const counted = ['total', 'open', 'paused', 'success', 'warning', 'error', 'cancelled'] as const

@ObjectType({ description: 'What has become of the sub-tasks that the steps of a task have fanned out.' })
export class SubTaskCounts {
	@Field(() => Int, { description: 'How many there are to be' })
	readonly total!: number

	@Field(() => Int, { description: 'Not stopped; paused and held ones are open too' })
	readonly open!: number

	@Field(() => Int)
	readonly paused!: number

	@Field(() => Int, { description: 'Waiting for the limit of how many may be under way' })
	readonly held!: number

	@Field(() => Int)
	readonly success!: number

	@Field(() => Int)
	readonly warning!: number

	@Field(() => Int)
	readonly error!: number

	@Field(() => Int)
	readonly cancelled!: number
}

/** Of all fan-outs of a task together; null when it has none. */
export function sumFanOuts(fanOuts: readonly FanOut[]): SubTaskCounts | null {
	if (fanOuts.length === 0) return null
	const sums = counted.map((name) => [name, fanOuts.reduce((sum, { counts }) => sum + counts[name], 0)])
	return { ...(Object.fromEntries(sums) as Omit<SubTaskCounts, 'held'>), held: fanOuts.reduce((sum, { held }) => sum + held, 0) }
}
