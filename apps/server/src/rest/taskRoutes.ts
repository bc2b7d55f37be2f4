/** Tasks: started, read, awaited, deleted. */

import type { DependencyPolicy } from '@taskyard/model/states'
import { dependencyPolicies } from '@taskyard/model/states'
import { readTaskHistory } from '../tasks/historyResolver.ts'
import { order, type StartConditions, startOrder } from '../tasks/taskCommands.ts'
import { loadTask } from '../tasks/taskResolver.ts'
import { problem, refused } from './problem.ts'
import { component, type Route } from './route.ts'
import { instantSchema, uuidSchema, whySchema } from './schemas.ts'
import { awaitedAnswer, historyDocument, noSuchTask, startAnswer, taskDocument } from './taskDocument.ts'

interface StartBody {
	readonly label: string
	readonly id?: string
	readonly queue?: string
	readonly priority?: number
	readonly startAt?: string
	readonly startBefore?: string
	readonly dependsOn?: readonly { readonly task: string; readonly policy?: DependencyPolicy }[]
}

const task = (description: string) => ({ description, schema: component('Task') })
const goesOn = { description: 'It goes on: look at it there.', schema: component('Task'), location: true } as const

export const taskRoutes: readonly Route[] = [
	{
		method: 'POST',
		path: '/tasks',
		operationId: 'startTask',
		summary: 'Starts a task. With `Prefer: wait=SECONDS` it is awaited.',
		waits: true,
		body: {
			type: 'object',
			required: ['label'],
			additionalProperties: false,
			properties: {
				label: { type: 'string', minLength: 1, description: 'Label of the task type, e.g. `Command::Run`.' },
				input: { description: 'Fits the input schema of the type; kept as the text that is given. Left out: `{}`.' },
				id: { ...uuidSchema, description: "A UUIDv7 of the caller's: asked again with it, the same task is answered." },
				queue: { type: 'string', description: 'Left out: that of the type.' },
				priority: {
					type: 'integer',
					minimum: -10,
					maximum: 10,
					description: 'Higher ones overtake in their queue. Left out: that of the type.',
				},
				startAt: { ...instantSchema, description: 'Not before this instant.' },
				startBefore: { ...instantSchema, description: 'Latest first start.' },
				dependsOn: {
					type: 'array',
					maxItems: 1_000,
					items: {
						type: 'object',
						required: ['task'],
						additionalProperties: false,
						properties: { task: { type: 'string' }, policy: { enum: [...dependencyPolicies], default: 'success' } },
					},
				},
			},
		},
		answers: {
			200: task('Awaited, and it ended or paused: with its output, or with `failure`. Or none was made, for this one counts: `discarded`.'),
			202: goesOn,
		},
		async handle({ context, body, texts, wait }) {
			const { label, id, ...given } = body as StartBody
			const commands = await context.commands()
			const start = await startOrder(context, label, texts.get('input') ?? '{}', id, conditionsOf(given))
			return wait === null
				? startAnswer(context, await commands.startTask(start))
				: awaitedAnswer(context, await commands.runTask({ ...start, limit: wait }), 202)
		},
	},
	{
		method: 'GET',
		path: '/tasks/{id}',
		operationId: 'readTask',
		summary: 'A task as it now is. With `Prefer: wait=SECONDS` as soon as it has stopped or paused, or the time is over.',
		waits: true,
		answers: { 200: task('The task.') },
		async handle({ context, path: { id = '' }, wait }) {
			if (wait !== null) return awaitedAnswer(context, await (await context.commands()).awaitTask({ id, limit: wait }), 200)
			const found = await loadTask(context, id)
			return found ? { status: 200, body: await taskDocument(found) } : noSuchTask(id)
		},
	},
	{
		method: 'DELETE',
		path: '/tasks/{id}',
		operationId: 'deleteTask',
		summary: 'Deletes a stopped task with its sub-tasks. A tombstone stays, and what people did with the task.',
		query: { why: whySchema },
		answers: {
			200: {
				description: 'It is gone.',
				schema: { type: 'object', required: ['id'], properties: { id: uuidSchema } },
			},
		},
		async handle({ context, path: { id = '' }, query }) {
			const given = await (await context.commands()).deleteTask(await order(context, id, query.why))
			return 'refusal' in given ? refused(given.refusal) : { status: 200, body: { id: given.task.id } }
		},
	},
	{
		method: 'GET',
		path: '/tasks/{id}/events',
		operationId: 'readTaskEvents',
		summary: 'The history of a task, first things first; of a deleted one its tombstone and what people did.',
		query: {
			first: { type: 'string', pattern: '^[1-9][0-9]{0,2}$', description: 'How many, at most 500. Left out: 100.' },
			after: { type: 'string', description: 'The `endCursor` of the part before.' },
		},
		answers: { 200: { description: 'A part of the history.', schema: component('TaskHistory') } },
		async handle({ context, path: { id = '' }, query }) {
			const history = await readTaskHistory(context, id, Number(query.first ?? 100), query.after)
			if (history) return { status: 200, body: historyDocument(history) }
			return problem(404, 'not_found', `There is no task ${id.slice(0, 80)}, and there was none.`)
		},
	},
]

function conditionsOf({ startAt, startBefore, dependsOn, ...more }: Omit<StartBody, 'label' | 'id'>): StartConditions {
	return {
		...more,
		startAt: startAt === undefined ? null : Date.parse(startAt),
		startBefore: startBefore === undefined ? null : Date.parse(startBefore),
		dependsOn: (dependsOn ?? []).map(({ task: on, policy = 'success' }) => ({ task: on, policy })),
	}
}
