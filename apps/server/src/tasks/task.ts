import { availableActions } from '@taskyard/model/available'
import type { Plan } from '@taskyard/model/plan'
import { resolveKnownReferences } from '@taskyard/model/references'
import type { CancelPhase, TaskResult, TaskState } from '@taskyard/model/states'
import { waitingText } from '@taskyard/model/waiting'
import { liveProgress, type TaskRow } from '@taskyard/store/tasks/readTaskRows'
import { mergeSteps, type StepView, type TaskView } from '@taskyard/store/tasks/viewTasks'
import type { GraphQLResolveInfo } from 'graphql'
import { Field, Float, ID, Info, Int, ObjectType } from 'type-graphql'
import { CancelPhaseEnum, TaskResultEnum, TaskStateEnum } from '../schema/enums.ts'
import { DateTime, JsonText } from '../schema/scalars.ts'
import { AvailableAction } from './availableAction.ts'
import { Attempt } from './attempt.ts'
import { parseExact, stringifyExact } from './exactJson.ts'
import { ExternalId, linkable } from './externalId.ts'
import { Failure } from './failure.ts'
import { selectsLargeFields } from './largeFields.ts'
import { Lock, Resource } from './lock.ts'
import { Step } from './step.ts'
import { SubTaskCounts, sumFanOuts } from './subTaskCounts.ts'
import { TaskReference } from './taskReference.ts'
import { User } from './user.ts'

@ObjectType({ description: 'What a task waits for.' })
export class WaitingFor {
	@Field(() => String)
	readonly kind!: string

	@Field(() => String, { description: 'One sentence for people.' })
	readonly text!: string

	@Field(() => [TaskReference], { description: 'The tasks that stand in the way.' })
	readonly tasks!: readonly TaskReference[]
}

@ObjectType({ description: 'One execution of a task type.' })
export class Task {
	readonly #view: TaskView

	constructor(view: TaskView) {
		this.#view = view
	}

	get #row(): TaskRow {
		return this.#view.row
	}

	@Field(() => ID)
	get id(): string {
		return this.#row.id
	}

	@Field(() => String, { description: 'Label of the task type.' })
	get label(): string {
		return this.#row.label
	}

	@Field(() => String)
	get name(): string {
		return this.#row.name
	}

	@Field(() => TaskStateEnum)
	get state(): TaskState {
		return this.#row.state
	}

	@Field(() => TaskResultEnum)
	get result(): TaskResult {
		return this.#row.result
	}

	@Field(() => String, { nullable: true, description: 'Why it ended badly or needs attention.' })
	get reason(): string | null {
		return this.#row.reason
	}

	@Field(() => Int, { description: 'Grows with each change; ignore what is older than what you have.' })
	get revision(): number {
		return this.#row.revision
	}

	@Field(() => Float, { description: '0…1; of running steps the latest reported value' })
	get progress(): number {
		return liveProgress(this.#row)
	}

	@Field(() => String)
	get queue(): string {
		return this.#row.queue
	}

	@Field(() => Int, { description: 'From -10 to 10; higher ones overtake in their queue.' })
	get priority(): number {
		return this.#row.priority
	}

	@Field(() => User)
	get owner(): User {
		return this.#row.owner
	}

	@Field(() => String, { description: 'Follows it from the request through sub-tasks and logs.' })
	get correlationId(): string {
		return this.#row.correlationId
	}

	@Field(() => CancelPhaseEnum)
	get cancelPhase(): CancelPhase {
		return this.#row.cancel
	}

	@Field(() => WaitingFor, {
		nullable: true,
		description: 'The first task of the same resource that stands in the way, and the like; null when it waits for nothing',
	})
	async waitingFor(): Promise<WaitingFor | null> {
		const waiting = this.#row.waitingFor
		if (waiting === null) return null
		const { kind } = waiting
		const text = waitingText(waiting)
		if (kind !== 'lock' && kind !== 'dependency') return { kind, text, tasks: [] }
		const { locks, awaited } = await this.#view.claims()
		if (awaited) return { kind, text: text.replace(awaited.id, () => `"${awaited.name}" (${awaited.id})`), tasks: [awaited] }
		const tasks = [...new Map(locks.flatMap((lock) => lock.holders).map((holder) => [holder.id, holder])).values()]
		const { type, id } = waiting.keys
		const place = locks.find(({ resource }) => resource.type === type && resource.id === id)?.place
		return { kind, text: place ? `${text}: place ${place} in its line${behind(tasks)}` : text, tasks }
	}

	@Field(() => Boolean, {
		description: 'Another program carries it out, and records here what it does. It has no steps; its log is that of step 0.',
	})
	get recorded(): boolean {
		return this.#row.recorded !== null
	}

	@Field(() => Boolean, { description: 'A person asked for a pause; the running steps are awaited.' })
	get pauseAsked(): boolean {
		return this.#row.pauseAsked
	}

	@Field(() => Boolean, { description: 'Stopped by an unlock: it can be resumed, and claims its locks again then.' })
	get unlocked(): boolean {
		return this.#row.unlocked
	}

	@Field(() => DateTime, { nullable: true, description: 'Until when a person may confirm it; null when nobody is asked.' })
	get confirmBefore(): number | null {
		return this.#row.confirmBefore
	}

	@Field(() => ID, { nullable: true, description: 'The task whose step started this one.' })
	get parent(): string | null {
		return this.#row.parent?.id ?? null
	}

	@Field(() => ID, { nullable: true, description: 'The task that this one repeats.' })
	get rerunOf(): string | null {
		return this.#row.rerunOf
	}

	@Field(() => DateTime)
	get createdAt(): number {
		return this.#row.createdAt
	}

	@Field(() => DateTime, { nullable: true })
	get startAt(): number | null {
		return this.#row.startAt
	}

	@Field(() => DateTime, { nullable: true })
	get startBefore(): number | null {
		return this.#row.startBefore
	}

	@Field(() => DateTime, { nullable: true })
	get startedAt(): number | null {
		return this.#row.startedAt
	}

	@Field(() => DateTime, { nullable: true })
	get endedAt(): number | null {
		return this.#row.endedAt
	}

	@Field(() => DateTime)
	get stateUpdatedAt(): number {
		return this.#row.stateUpdatedAt
	}

	@Field(() => Failure, { nullable: true, description: 'Why planning failed or the locks were refused' })
	get error(): Failure | null {
		return Failure.from(this.#row.errorText)
	}

	@Field(() => [String], { description: 'Names of the running steps, at most 3' })
	get runningSteps(): string[] {
		return this.#row.running.slice(0, 3).map((step) => step.name)
	}

	@Field(() => JsonText)
	async input(): Promise<string> {
		return (await this.#view.content(true)).input ?? 'null'
	}

	@Field(() => JsonText, { nullable: true })
	async output(): Promise<string | null> {
		return (await this.#view.content(true)).output
	}

	@Field(() => JsonText, { nullable: true })
	async plan(): Promise<string | null> {
		return (await this.#view.content(true)).plan
	}

	@Field(() => [Step], { description: 'In plan order; empty before there is a plan.' })
	async steps(@Info() info: GraphQLResolveInfo): Promise<Step[]> {
		return this.stepsWith(selectsLargeFields(info))
	}

	/** @param full with inputs and outputs, which can be large */
	async stepsWith(full: boolean): Promise<Step[]> {
		const content = await this.#view.content(full)
		const steps = mergeSteps(content)
		const inputs = stepInputs(content.plan, steps)
		const reverting = this.#row.error?.reason === 'reverted'
		const subTasksOf = async (index: number) => sumFanOuts((await this.#view.fanOuts()).filter((fanOut) => fanOut.step === index))
		return steps.map(
			(step) =>
				new Step(
					step,
					{ ...this.#row, reverting },
					() => inputs(step.index),
					() => subTasksOf(step.index),
				),
		)
	}

	@Field(() => [Attempt], { description: 'In the order in which they ended.' })
	async attempts(): Promise<Attempt[]> {
		return (await this.#view.attempts()).map((attempt) => new Attempt(attempt))
	}

	@Field(() => [Lock])
	async locks(): Promise<readonly Lock[]> {
		return (await this.#view.claims()).locks
	}

	@Field(() => [Resource])
	async links(): Promise<readonly Resource[]> {
		return (await this.#view.claims()).links
	}

	@Field(() => [ExternalId])
	async externalIds(): Promise<readonly ExternalId[]> {
		return (await this.#view.externalIds()).map(({ step, value, url }) => ({ step, value, url: linkable(url) }))
	}

	@Field(() => SubTaskCounts, { nullable: true, description: 'Null for a task that has not fanned out.' })
	async subTasks(): Promise<SubTaskCounts | null> {
		return sumFanOuts(await this.#view.fanOuts())
	}

	@Field(() => [AvailableAction], { description: 'What an operator can do with it now.' })
	get actions(): AvailableAction[] {
		const { label, state, cancel, cancellable, pauseAsked, unlocked, confirmBefore, recorded, dangerousActions, running } = this.#row
		const awaitsConfirmation = confirmBefore !== null
		return availableActions({
			label,
			state,
			cancel,
			cancellable,
			pauseAsked,
			unlocked,
			awaitsConfirmation,
			recorded,
			dangerousActions,
			busy: running.length > 0,
		})
	}
}

/** Who holds it, or stands before. */
function behind([first, ...others]: readonly TaskReference[]): string {
	if (!first) return ''
	return `, behind "${first.name}"${others.length === 0 ? '' : ` and ${others.length} more`}`
}

/** The inputs of steps as JSON text, with the outputs that are known filled in; nothing is parsed before the first is asked for. */
function stepInputs(planText: string | null, steps: readonly StepView[]): (index: number) => string {
	let known: { plan: Plan; outputs: Map<number, unknown> } | undefined
	return (index) => {
		if (planText === null) return 'null'
		known ??= {
			plan: parseExact(planText) as Plan,
			outputs: new Map(steps.flatMap((step) => (step.output === null ? [] : [[step.index, parseExact(step.output)]]))),
		}
		return stringifyExact(resolveKnownReferences(known.plan.steps[index]?.input, known.outputs))
	}
}
