/** Tasks that another program carries out: it opens one, reports on it, and closes it. */

import type { CloseTask, ReportTask } from '@taskyard/engine/commands/types'
import type { ResourceKey } from '@taskyard/model/plan'
import { taskResults } from '@taskyard/model/states'
import { openOrder } from '../recordedTasks/recordedTaskCommands.ts'
import { order } from '../tasks/taskCommands.ts'
import { memberTexts } from './exactText.ts'
import { component, type Route } from './route.ts'
import { failureInputSchema, linesSchema, linksSchema, uuidSchema, whySchema } from './schemas.ts'
import { taskAnswer } from './taskDocument.ts'

interface OpenBody {
	readonly label: string
	readonly name?: string
	readonly id?: string
	readonly key?: string
	readonly silence?: number
	readonly callbackUrl?: string
	readonly links?: readonly ResourceKey[]
}

interface CloseBody extends Pick<CloseTask, 'result' | 'lines'> {
	readonly error?: { readonly message: string; readonly code?: string }
	readonly why?: string | null
}

const text = { type: 'string' } as const
const asItIs = { description: 'The task as it now is.', schema: component('Task') } as const

export const recordedTaskRoutes: readonly Route[] = [
	{
		method: 'POST',
		path: '/recorded-tasks',
		operationId: 'openTask',
		summary: 'Records a task that another program carries out. It runs until it is closed, or silent for too long.',
		body: {
			type: 'object',
			required: ['label'],
			additionalProperties: false,
			properties: {
				label: { ...text, description: "What kind of task it is, e.g. `Nightly::Export`; not the label of a worker's task type." },
				name: { ...text, description: 'Left out: the label.' },
				input: { type: 'object', description: 'Kept as the text that is given. Left out: `{}`.' },
				id: { ...uuidSchema, description: "A UUIDv7 of the caller's." },
				key: { ...text, description: "The program's own name for the task: opened again with it, the same task is answered." },
				silence: { type: 'number', description: 'Seconds without a report after which it ends as lost. Left out: never.' },
				callbackUrl: {
					...text,
					description: 'Where the program hears of a cancel, by a POST of `{"task": id, "cancel": true}`. Without it there is no cancel.',
				},
				links: linksSchema,
			},
		},
		answers: { 201: { description: 'The task, which runs.', schema: component('Task'), location: true } },
		async handle({ context, body, texts }) {
			const input = texts.get('input')
			const opening = { ...(body as OpenBody), ...(input !== undefined && { input }) }
			return taskAnswer(context, await (await context.commands()).openTask(await openOrder(context, opening)), 201)
		},
	},
	{
		method: 'POST',
		path: '/recorded-tasks/{id}/reports',
		operationId: 'reportTask',
		summary: 'Says how far a recorded task is. Refused after its close.',
		body: {
			type: 'object',
			additionalProperties: false,
			properties: {
				number: { type: 'integer', description: 'Greater with each report: one that is not was stored already, and changes nothing.' },
				progress: { type: 'number', minimum: 0, maximum: 1, description: 'It never goes back.' },
				lines: linesSchema,
				links: linksSchema,
				externalId: { ...text, description: 'What the work is called where it is done: the task is found by it.' },
				externalUrl: { ...text, description: 'Where it can be looked at.' },
			},
		},
		answers: { 200: asItIs },
		async handle({ context, path: { id = '' }, body }) {
			return taskAnswer(context, await (await context.commands()).reportTask({ id, ...(body as Omit<ReportTask, 'id'>) }))
		},
	},
	{
		method: 'POST',
		path: '/recorded-tasks/{id}/close',
		operationId: 'closeTask',
		summary: 'Ends a recorded task. Again with the same result it is answered, with another refused.',
		body: {
			type: 'object',
			required: ['result'],
			additionalProperties: false,
			properties: {
				result: { enum: taskResults.filter((result) => result !== 'pending') },
				output: { description: 'Kept as the text that is given.' },
				error: failureInputSchema,
				lines: linesSchema,
				why: whySchema,
			},
		},
		answers: { 200: asItIs },
		async handle({ context, path: { id = '' }, body, texts }) {
			const { why, error, ...closing } = body as CloseBody
			const output = texts.get('output')
			const details = memberTexts(texts.get('error') ?? '').get('details')
			const closed = {
				...(await order(context, id, why)),
				result: closing.result,
				...(closing.lines && { lines: closing.lines }),
				...(output !== undefined && { output }),
				...(error && { error: { ...error, ...(details !== undefined && { details }) } }),
			}
			return taskAnswer(context, await (await context.commands()).closeTask(closed))
		},
	},
]
