/** What an author's `plan` writes its steps with, and the data that comes of it. */

import { isDuplicateClaim } from '@taskyard/model/duplicates'
import type { LockClaim, Plan, PlanNode, PlannedStep, RescueStrategy, ResourceKey } from '@taskyard/model/plan'
import { planOrder } from '@taskyard/model/startable'
import type { LockMode } from '@taskyard/model/states'
import { type Action, checked, checkPolicies, mergePolicies } from './defineAction.ts'
import type { ActionDefinition, PolicyOptions } from './definition.ts'
import { outputOf, type Output, type Referable, referenceOf } from './output.ts'
import { checkReferences, PlanError, planData, withoutReferences } from './planData.ts'
import { DecidedPart, type GroupOptions, type MapOptions, PlanPart, StepHandle, type StepOptions } from './planParts.ts'

/** What a type says for all its tasks, where a plan says nothing else. */
export interface PlanDefaults {
	readonly locks: readonly LockClaim[]
	readonly timeout: number | null
}

export interface LockOptions {
	/** The operation; default `*`: all of them. */
	readonly name?: string
	/** Default exclusive. */
	readonly mode?: LockMode
	/** When it is not free: `fail`, the default, pauses the task and names the holder; `wait` stands in line. */
	readonly onConflict?: 'fail' | 'wait'
}

/** Parts, and perhaps options behind them. */
type PartsAndOptions = PlanPart[] | [...PlanPart[], GroupOptions]

/**
 * Writes a plan. What is not put into a sequence or a concurrence runs one after the other, in the order in which it
 * was written.
 */
export class PlanBuilder {
	readonly #actions: ReadonlyMap<string, ActionDefinition>
	readonly #task: string
	readonly #steps: PlannedStep[] = []
	readonly #inputChecks: Promise<unknown>[] = []
	/** Parts that are not in another part, in the order in which they were made. */
	readonly #roots = new Set<PlanPart>()
	readonly #locks: LockClaim[] = []
	readonly #links: ResourceKey[] = []
	#name: string | null = null
	#timeout: number | null | undefined

	constructor(task: string, actions: ReadonlyMap<string, ActionDefinition>) {
		this.#task = task
		this.#actions = actions
	}

	/** Adds a step that runs an action. Its input may hold outputs of steps that come before it, at any depth. */
	step<Input, Result>(action: Action<Input, Result>, input: Referable<NoInfer<Input>>, options: StepOptions = {}): StepHandle<Result> {
		const { name = lastWord(action.label), weight = 1, ...policies } = options
		if (this.#actions.get(action.label) !== action) {
			throw new PlanError(`step “${name}” runs ${action.label}, which ${this.#task} does not declare: add it to its actions`)
		}
		if (!Number.isFinite(weight) || weight < 0) {
			throw new PlanError(`step “${name}” has the weight ${weight}: expected a number of 0 or more`)
		}
		const index = this.#steps.length
		const data = planData(input, `input of step “${name}”`, this)
		const policiesFor = action.policiesFor as ((input: object) => PolicyOptions) | undefined
		const forInput = policiesFor?.(withoutReferences(input)) ?? {}
		for (const given of [forInput, policies]) checkPolicies(given, `step “${name}”`)
		this.#steps.push({
			action: action.label,
			name,
			input: data.value,
			weight,
			policies: mergePolicies(mergePolicies(action.policies, forInput), policies),
			...(action.finalize && { finalize: true }),
			...(action.revert && { revert: true }),
			...(action.poll && { poll: true }),
			...(action.cancel && { cancel: true }),
			...(action.joined && { joined: true }),
		})
		if (!data.refers) this.#inputChecks.push(checked(action.inputSchema, input, 'input').catch(refuseInput(name)))
		const handle = new StepHandle(index, () => outputOf(this, index, name) as Output<Result>)
		this.#roots.add(handle)
		return handle
	}

	/** One after the other. Options, such as `{ rescue: 'revert' }`, may stand behind the parts. */
	sequence(...parts: PartsAndOptions): PlanPart {
		return this.#group('sequence', parts)
	}

	/** All at once, as far as workers are free. Options, such as `{ name: 'copy' }`, may stand behind the parts. */
	concurrence(...parts: PartsAndOptions): PlanPart {
		return this.#group('concurrence', parts)
	}

	/**
	 * What `make` writes, if the condition holds: one after the other. The plan shows it either way.
	 *
	 * @example
	 * const check = plan.when(input.check, () => plan.step(verify, { archive: packed.output.archive }), { name: 'verify' })
	 */
	when<Made>(condition: boolean, make: () => Made, options: GroupOptions = {}): DecidedPart<Made | null> {
		if (referenceOf(condition)) {
			throw new PlanError(
				`${options.name ? `“${options.name}”` : 'a condition of the plan'} depends on the output of a step, which is known only when it has run: decide in the step`,
			)
		}
		if (!condition) return this.#decided('sequence', [], null, options, 'its condition did not hold')
		const { node, made } = this.#write(make)
		return this.#decided('sequence', [node], made, options)
	}

	/**
	 * What `make` writes, once for each item.
	 *
	 * @example
	 * const copies = plan.map(hosts, (host) => plan.step(copy, { host }), { name: 'copy to all', order: 'concurrence' })
	 * plan.step(report, { copies: copies.made.map(({ output }) => output.bytes) })
	 */
	map<Item, Made>(items: Iterable<Item>, make: (item: Item, index: number) => Made, options: MapOptions = {}): DecidedPart<Made[]> {
		const { order = 'sequence', ...others } = options
		const written = Array.from(items, (item, index) => this.#write(() => make(item, index)))
		const nodes = written.map(({ node }) => node)
		const made = written.map((one) => one.made)
		return this.#decided(order, nodes, made, others, written.length === 0 ? 'its list is empty' : undefined)
	}

	/** Names the task, in place of its type's template. */
	name(text: string): void {
		this.#name = text
	}

	/** Claims a lock before the first step. Locks claimed here replace those of the type's templates. */
	lock(resource: ResourceKey, { name = '*', mode = 'exclusive', onConflict }: LockOptions = {}): void {
		if (isDuplicateClaim({ resource }))
			throw new PlanError(
				`a lock on ${resource.type} ${resource.id}: resources of this type stand for duplicate keys; give it another type`,
			)
		this.#locks.push({ resource, name, mode, ...(onConflict === 'wait' && { onConflict }) })
	}

	/** Says that the task concerns a resource, without blocking anybody. */
	link(resource: ResourceKey): void {
		this.#links.push(resource)
	}

	/** Limits the task's time in *running*, in milliseconds, in place of its type's limit; null takes that one away. */
	timeout(limit: number | null): void {
		if (limit !== null && !(limit > 0 && Number.isFinite(limit))) {
			throw new PlanError(`the time limit of the task is ${limit}: expected milliseconds, more than 0, or null for none`)
		}
		this.#timeout = limit
	}

	/** What was written, once the inputs that are known already have been checked. */
	async finish(output: unknown, defaults: PlanDefaults): Promise<{ plan: Plan; name: string | null; links: readonly ResourceKey[] }> {
		await Promise.all(this.#inputChecks)
		if (output instanceof PlanPart) {
			throw new PlanError(
				`the plan of ${this.#task} returns a step or a group: return an \`output\`, or nothing, as in plan: (plan) => void plan.step(…)`,
			)
		}
		const roots = [...this.#roots].map((part) => PlanPart.nodeOf(part))
		const tree = asOne(roots)
		const data = output === undefined ? null : planData(output, 'output of the plan', this)
		checkReferences({ tree, steps: this.#steps, output: data?.value }, this.#actions)
		const locks = this.#locks.length > 0 ? this.#locks : defaults.locks
		for (const { resource } of [...locks, ...this.#links.map((link) => ({ resource: link }))]) checkResource(resource)
		const timeout = this.#timeout === undefined ? defaults.timeout : this.#timeout
		return {
			plan: { tree, steps: this.#steps, ...(data && { output: data.value }), locks, ...(timeout !== null && { timeout }) },
			name: this.#name,
			links: this.#links,
		}
	}

	#group(kind: 'sequence' | 'concurrence', given: PartsAndOptions): PlanPart {
		const parts: PlanPart[] = []
		let options: GroupOptions = {}
		for (const one of given) {
			if (one instanceof PlanPart) parts.push(one)
			else options = one
		}
		for (const part of parts) {
			if (!this.#roots.delete(part)) {
				const node = PlanPart.nodeOf(part)
				const what = node.kind === 'step' ? `step “${this.#steps[node.index]?.name}”` : `a ${node.kind}`
				throw new PlanError(`${what} stands in two places of the plan, or belongs to another one: put each part into one ${kind} only`)
			}
		}
		const nodes = parts.map((part) => PlanPart.nodeOf(part))
		const group = new PlanPart(this.#node(kind, nodes, options))
		this.#roots.add(group)
		return group
	}

	#decided<Made>(
		kind: 'sequence' | 'concurrence',
		nodes: readonly PlanNode[],
		made: Made,
		options: GroupOptions,
		omitted?: string,
	): DecidedPart<Made> {
		const part = new DecidedPart(this.#node(kind, nodes, options, omitted), made)
		this.#roots.add(part)
		return part
	}

	#node(kind: 'sequence' | 'concurrence', nodes: readonly PlanNode[], { name, rescue }: GroupOptions, omitted?: string): PlanNode {
		const node: PlanNode = {
			kind,
			nodes,
			...(name !== undefined && { name }),
			...(omitted !== undefined && { omitted }),
			...(rescue !== undefined && { rescue }),
		}
		if (rescue !== undefined) this.#rescueBelow(node, rescue)
		return node
	}

	/** Groups are made from the inside to the outside, so that the outermost has the last word. */
	#rescueBelow(node: PlanNode, rescue: RescueStrategy): void {
		for (const index of planOrder(node)) {
			const step = this.#steps[index]
			if (step) this.#steps[index] = { ...step, policies: { ...step.policies, rescue } }
		}
	}

	/** Takes what is written meanwhile out of the plan, as one node. */
	#write<Made>(make: () => Made): { node: PlanNode; made: Made } {
		const before = new Set(this.#roots)
		const made = make()
		if (made instanceof Promise) {
			// It would write on when its place in the plan is gone.
			made.catch(() => {})
			throw new PlanError('what `when` or `map` calls answers a promise: await it before, and write the steps at once')
		}
		const nodes: PlanNode[] = []
		for (const part of this.#roots) {
			if (before.has(part)) continue
			this.#roots.delete(part)
			nodes.push(PlanPart.nodeOf(part))
		}
		return { node: asOne(nodes), made }
	}
}

function asOne(nodes: readonly PlanNode[]): PlanNode {
	const [only] = nodes
	return nodes.length === 1 && only ? only : { kind: 'sequence', nodes }
}

/** An empty id would claim something that nobody means. */
function checkResource({ type, id }: ResourceKey): void {
	if (type !== '' && id !== '') return
	throw new PlanError(`a lock or link on ${type === '' ? 'a resource without a type' : `${type} without an id`}: expected a type and an id`)
}

function lastWord(label: string): string {
	return label.slice(Math.max(label.lastIndexOf('/'), label.lastIndexOf(':')) + 1)
}

function refuseInput(step: string): (thrown: unknown) => never {
	return (thrown) => {
		throw new PlanError(`step “${step}” is given what its action does not take. ${thrown instanceof Error ? thrown.message : ''}`, {
			cause: thrown,
		})
	}
}
