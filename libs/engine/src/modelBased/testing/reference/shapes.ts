/** What a task of the model-based test is made of: data, understood by the reference and by the processes that run it. */

/** How the code of an attempt ends. `hopelessly`: by a failure that says itself that another try makes no sense. `never`: by its time limit. */
export type Ending = 'well' | 'badly' | 'hopelessly' | 'never'

export type Rescue = 'pause' | 'skip' | 'fail' | 'revert'

/** What an attempt does. */
export type Doing = 'plan' | 'run' | 'finalize' | 'revert'

export interface StepShape {
	/** Its attempts wait for the word of the test; else each ends by itself. */
	readonly held: boolean
	/** Does not hear that it is to end. */
	readonly deaf: boolean
	/** Its run writes a line in the transaction of its outcome. Only what is held and hears does. */
	readonly booked: boolean
	/** Its run waits for so many events, and so at least once if it is not 0. Nothing that is booked does. */
	readonly waitsFor: number
	/** Its attempts have a time limit. Only what is not held has one. */
	readonly limited: boolean
	/** Endings by the number of the attempt, round and round. */
	readonly run: readonly Ending[]
	readonly finalize: readonly Ending[] | null
	readonly revert: readonly Ending[] | null
	/** Tries in all. */
	readonly tries: number
	readonly rescue: Rescue
	readonly onLost: 'retry' | 'rescue'
	/** A person may cancel it while it runs. */
	readonly stoppable: boolean
	/** Takes the output of one of the steps before it: the number chooses among them. */
	readonly needs: number | null
}

export type Tree = StepShape | { readonly order: 'sequence' | 'concurrence'; readonly parts: readonly Tree[] }

export interface ClaimShape {
	readonly resource: 'red' | 'green' | 'blue'
	readonly operation: '*' | 'read' | 'write'
	readonly shared: boolean
	readonly waits: boolean
}

export interface Shape {
	/** Whether a person may cancel it while a step runs, and must confirm it before it starts. */
	readonly cancellable: boolean
	readonly confirmation: boolean
	readonly planTries: 1 | 2
	readonly planRescue: 'pause' | 'fail'
	readonly planHeld: boolean
	readonly planning: readonly Ending[]
	readonly tree: Tree
	readonly claims: readonly ClaimShape[]
}

/** A tree whose steps are numbers in the order of the plan. */
export type NumberedTree = number | { readonly order: 'sequence' | 'concurrence'; readonly parts: readonly NumberedTree[] }

export interface NumberedShape {
	readonly tree: NumberedTree
	readonly steps: readonly StepShape[]
	/** For each step, the one whose output it takes. */
	readonly needs: readonly (number | null)[]
}

const numbered = new WeakMap<Shape, NumberedShape>()

/** Numbers the steps of a shape in the order of its plan. */
export function numberedShape(shape: Shape): NumberedShape {
	const known = numbered.get(shape)
	if (known) return known
	const steps: StepShape[] = []
	const before: number[][] = []
	const visit = (tree: Tree, passed: readonly number[]): { tree: NumberedTree; steps: number[] } => {
		if (!('parts' in tree)) {
			const number = steps.push(tree) - 1
			before[number] = [...passed]
			return { tree: number, steps: [number] }
		}
		const inside: number[] = []
		const parts = tree.parts.map((part) => {
			const visited = visit(part, tree.order === 'sequence' ? [...passed, ...inside] : passed)
			inside.push(...visited.steps)
			return visited.tree
		})
		return { tree: { order: tree.order, parts }, steps: inside }
	}
	const { tree } = visit(shape.tree, [])
	const needs = steps.map((step, number) => {
		const choice = before[number] ?? []
		return step.needs === null || choice.length === 0 ? null : (choice[step.needs % choice.length] ?? null)
	})
	const answer = { tree, steps, needs }
	numbered.set(shape, answer)
	return answer
}

/** How an attempt of a step ends, by what it does and its number. */
export function endingOf(step: StepShape, doing: Exclude<Doing, 'plan'>, attempt: number): Ending {
	return entryOf(step[doing], attempt)
}

/** How an attempt to plan ends. */
export function endingOfPlan(shape: Shape, attempt: number): Ending {
	return entryOf(shape.planning, attempt)
}

function entryOf(script: readonly Ending[] | null, attempt: number): Ending {
	return script?.[(attempt - 1) % script.length] ?? 'well'
}
