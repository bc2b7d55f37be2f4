/** Actions on many tasks, each of them a task itself. */

import { type BulkAction, bulkActions, type BulkOutcome, bulkOutcomes } from '@taskyard/engine/commands/types'
import { pageSize } from '../schema/arguments.ts'
import { order } from '../tasks/taskCommands.ts'
import { refused } from './problem.ts'
import { component, type Route } from './route.ts'
import { uuidSchema, whySchema } from './schemas.ts'
import { taskAnswer } from './taskDocument.ts'

interface BulkBody {
	readonly action: BulkAction
	readonly ids: readonly string[]
	readonly id?: string
	readonly why?: string | null
	readonly confirmed?: boolean
}

interface AgainBody extends Pick<BulkBody, 'why' | 'confirmed'> {
	readonly newId?: string
}

const confirmed = { type: 'boolean', description: 'An unlock must be.' } as const
const bulk = { description: 'The bulk: a task with progress.', schema: component('Task'), location: true } as const

export const bulkRoutes: readonly Route[] = [
	{
		method: 'POST',
		path: '/bulk',
		operationId: 'startBulk',
		summary: 'Does something to up to 100,000 tasks, as a task of its own.',
		body: {
			type: 'object',
			required: ['action', 'ids'],
			additionalProperties: false,
			properties: {
				action: { enum: [...bulkActions] },
				ids: { type: 'array', items: { type: 'string' } },
				id: { ...uuidSchema, description: 'A UUIDv7 for the bulk: asked again with it, the same one is answered.' },
				why: { ...whySchema, description: 'Kept in the history of each task.' },
				confirmed,
			},
		},
		answers: { 202: bulk },
		async handle({ context, body }) {
			const { why, ...terms } = body as BulkBody
			const asked = { ...terms, who: await context.owner(), why: why ?? null, correlationId: context.correlationId }
			return taskAnswer(context, await (await context.commands()).startBulk(asked), 202)
		},
	},
	{
		method: 'POST',
		path: '/bulk/{id}/again',
		operationId: 'bulkAgain',
		summary: 'Does it again for the items that failed or were refused, as another task.',
		body: {
			type: 'object',
			additionalProperties: false,
			properties: { why: whySchema, confirmed, newId: { ...uuidSchema, description: 'A UUIDv7 for the new bulk.' } },
		},
		answers: { 202: bulk },
		async handle({ context, path: { id = '' }, body }) {
			const { why, ...terms } = body as AgainBody
			const asked = { ...(await order(context, id, why)), ...terms, correlationId: context.correlationId }
			return taskAnswer(context, await (await context.commands()).bulkAgain(asked), 202)
		},
	},
	{
		method: 'GET',
		path: '/bulk/{id}/items',
		operationId: 'readBulkItems',
		summary: 'What has become of each task of a bulk, in the order in which they were named.',
		query: {
			outcome: { enum: [...bulkOutcomes], description: 'Only these.' },
			first: { type: 'string', pattern: '^[1-9][0-9]{0,3}$', description: 'How many, at most 1000. Left out: 100.' },
			after: { type: 'string', pattern: '^[0-9]{1,6}$', description: 'The `next` of the page before.' },
		},
		answers: { 200: { description: 'A page of the items.', schema: component('BulkItems') } },
		async handle({ context, path: { id = '' }, query: { outcome, first, after } }) {
			const read = await (await context.commands()).readBulkItems({
				id,
				limit: pageSize(Number(first ?? 100), 1_000),
				...(outcome !== undefined && { outcome: outcome as BulkOutcome }),
				...(after !== undefined && { after: Number(after) }),
			})
			if ('refusal' in read) return refused(read.refusal)
			const items = read.items.map(({ at, ...item }) => ({ ...item, at: at === null ? null : new Date(at).toISOString() }))
			return { status: 200, body: { items, next: read.next, counts: read.counts } }
		},
	},
]
