import { availableStepActions } from '@taskyard/model/available'
import type { CancelPhase, StepState, TaskState } from '@taskyard/model/states'
import type { StoredWait } from '@taskyard/store/tasks/readContent'
import type { StepView } from '@taskyard/store/tasks/viewTasks'
import { Field, Float, Int, ObjectType } from 'type-graphql'
import { StepStateEnum } from '../schema/enums.ts'
import { DateTime, JsonText } from '../schema/scalars.ts'
import { AvailableAction } from './availableAction.ts'
import { Failure } from './failure.ts'
import { SubTaskCounts } from './subTaskCounts.ts'

@ObjectType({ description: 'How much of what a running step has done.' })
export class ProgressDetail {
	@Field(() => Float)
	readonly done!: number

	@Field(() => Float, { nullable: true })
	readonly total!: number | null

	@Field(() => String, { nullable: true })
	readonly unit!: string | null
}

@ObjectType({ description: 'What a suspended step waits for, without a worker.' })
export class StepWait {
	readonly #wait: StoredWait

	constructor(wait: StoredWait) {
		this.#wait = wait
	}

	@Field(() => String, { description: 'event, timer, poll or sub_tasks' })
	get kind(): string {
		return this.#wait.kind
	}

	@Field(() => DateTime, { nullable: true, description: 'When it is woken, or looks again, by itself.' })
	get until(): number | null {
		return this.#wait.until
	}

	@Field(() => DateTime, { nullable: true, description: 'When it fails, if nothing has come by then.' })
	get timeoutAt(): number | null {
		return this.#wait.timeoutAt
	}

	@Field(() => String, { nullable: true, description: 'Id of the work that goes on elsewhere.' })
	get externalId(): string | null {
		return this.#wait.externalId
	}
}

/** What of its task decides what can be asked of a step. */
interface OfTask {
	readonly state: TaskState
	readonly cancel: CancelPhase
	readonly reverting: boolean
}

@ObjectType({ description: 'One action in the plan of a task.' })
export class Step {
	readonly #step: StepView
	readonly #task: OfTask
	readonly #input: () => string
	readonly #subTasks: () => Promise<SubTaskCounts | null>

	/**
	 * @param input JSON text of the input, computed when asked for
	 * @param subTasks those that it has fanned out, counted when asked for
	 */
	constructor(step: StepView, task: OfTask, input: () => string, subTasks: () => Promise<SubTaskCounts | null>) {
		this.#step = step
		this.#task = task
		this.#input = input
		this.#subTasks = subTasks
	}

	@Field(() => Int)
	get index(): number {
		return this.#step.index
	}

	@Field(() => String)
	get name(): string {
		return this.#step.name
	}

	@Field(() => String, { description: 'Label of the action that runs it.' })
	get action(): string {
		return this.#step.action
	}

	@Field(() => StepStateEnum)
	get state(): StepState {
		return this.#step.state
	}

	@Field(() => Int, { description: 'Number of the last attempt; 0: never started.' })
	get attempt(): number {
		return this.#step.attempt
	}

	@Field(() => Int, { description: 'Attempts that failed by its own doing since the last resume.' })
	get tries(): number {
		return this.#step.tries
	}

	@Field(() => String, { nullable: true, description: 'Node and process that ran the last attempt.' })
	get worker(): string | null {
		return this.#step.worker
	}

	@Field(() => DateTime, { nullable: true })
	get startedAt(): number | null {
		return this.#step.startedAt
	}

	@Field(() => DateTime, { nullable: true })
	get endedAt(): number | null {
		return this.#step.endedAt
	}

	@Field(() => DateTime, { nullable: true, description: 'When the next try may begin.' })
	get notBefore(): number | null {
		return this.#step.notBefore
	}

	@Field(() => Float, { description: '0…1' })
	get progress(): number {
		return this.#step.progress
	}

	@Field(() => ProgressDetail, { nullable: true })
	get progressDetail(): ProgressDetail | null {
		return readDetail(this.#step.detail)
	}

	@Field(() => JsonText, { description: 'With the outputs it refers to filled in, as far as they are known.' })
	get input(): string {
		return this.#input()
	}

	@Field(() => JsonText, { nullable: true })
	get output(): string | null {
		return this.#step.output
	}

	@Field(() => Failure, { nullable: true })
	get error(): Failure | null {
		return Failure.from(this.#step.error)
	}

	@Field(() => StepWait, { nullable: true, description: 'Null unless the step is suspended.' })
	get wait(): StepWait | null {
		return this.#step.wait && new StepWait(this.#step.wait)
	}

	@Field(() => SubTaskCounts, { nullable: true, description: 'Null for a step that has not fanned out.' })
	async subTasks(): Promise<SubTaskCounts | null> {
		return this.#subTasks()
	}

	@Field(() => [AvailableAction], { description: 'What an operator can do with it now.' })
	get actions(): AvailableAction[] {
		return availableStepActions(this.#task, { ...this.#step, reverting: this.#task.reverting })
	}
}

/** What an author reports is checked by nobody before: what is no number is not shown. */
function readDetail(text: string | null): ProgressDetail | null {
	const detail: unknown = text === null ? null : JSON.parse(text)
	if (typeof detail !== 'object' || detail === null || !('done' in detail) || !isFinite(detail.done)) return null
	return {
		done: detail.done,
		total: 'total' in detail && isFinite(detail.total) ? detail.total : null,
		unit: 'unit' in detail && typeof detail.unit === 'string' ? detail.unit : null,
	}
}

const isFinite = (value: unknown): value is number => Number.isFinite(value)
