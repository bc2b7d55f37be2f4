/** What wakes steps from outside: events, and the callbacks of work elsewhere. */

import { randomUUID } from 'node:crypto'
import type { EventOutcome } from '@taskyard/engine/commands/types'
import { linkable } from '../tasks/externalId.ts'
import { memberTexts } from './exactText.ts'
import { refused } from './problem.ts'
import { component, type Route } from './route.ts'
import { failureInputSchema, linesSchema, uuidSchema } from './schemas.ts'

interface EventBody {
	readonly step: number
	readonly name: string
	readonly id?: string
	readonly outcome?: Outcome
}

interface CallbackBody {
	readonly id?: string
	readonly name?: string
	readonly outcome?: Outcome
	readonly progress?: number
	readonly lines?: readonly string[]
}

interface Outcome {
	readonly error?: { readonly message: string; readonly code?: string }
}

const text = { type: 'string' } as const
const eventId = { ...text, description: "The caller's, up to 200 characters: sent again with it, the event counts once." } as const
const payload = { description: 'Any JSON, kept as the text that is given.' } as const
const outcome = {
	type: 'object',
	additionalProperties: false,
	minProperties: 1,
	maxProperties: 1,
	properties: { output: payload, error: failureInputSchema },
	description: 'What the step ends with, without running again.',
} as const

export const eventRoutes: readonly Route[] = [
	{
		method: 'POST',
		path: '/tasks/{id}/events',
		operationId: 'sendEvent',
		summary: 'Wakes a step that is suspended, or ends it with an outcome. Kept for a step that is not yet.',
		body: {
			type: 'object',
			required: ['step', 'name'],
			additionalProperties: false,
			properties: {
				step: { type: 'integer', minimum: 0, description: 'Index of the step in the plan, from 0 on.' },
				name: text,
				id: eventId,
				payload,
				outcome,
			},
		},
		answers: {
			202: {
				description: 'It is stored.',
				schema: {
					type: 'object',
					required: ['task', 'repeated'],
					additionalProperties: false,
					properties: { task: uuidSchema, repeated: { type: 'boolean', description: 'It was stored already, and counts once.' } },
				},
			},
		},
		async handle({ context, path: { id: task = '' }, body, texts }) {
			const { step, name, id = randomUUID() } = body as EventBody
			const event = { task, step, id, name, who: await context.owner(), ...wordsOf(texts, (body as EventBody).outcome) }
			const sent = await (await context.commands()).sendEvent(event)
			return 'refusal' in sent ? refused(sent.refusal) : { status: 202, body: { task: sent.task.id, repeated: sent.repeated } }
		},
	},
	{
		method: 'POST',
		path: '/callbacks/{token}',
		operationId: 'useCallback',
		summary:
			'Takes what work elsewhere says by the token of its step. An event or an outcome uses the token up; progress and lines do not.',
		body: {
			type: 'object',
			additionalProperties: false,
			properties: {
				id: eventId,
				name: { ...text, description: 'Of the event.' },
				payload,
				outcome,
				progress: { type: 'number', minimum: 0, maximum: 1 },
				lines: linesSchema,
			},
		},
		answers: { 200: { description: 'It was taken.', schema: component('CallbackTaken') } },
		async handle({ context, path: { token = '' }, body, texts }) {
			const { outcome: ends, ...message } = body as CallbackBody
			const used = await (await context.commands()).useCallback({ token, ...message, ...wordsOf(texts, ends) })
			if ('refusal' in used) return refused(used.refusal)
			return { status: 200, body: { task: used.task.id, step: used.step, usedUp: used.usedUp } }
		},
	},
	{
		method: 'GET',
		path: '/external-ids/{value}',
		operationId: 'findByExternalId',
		summary: 'Steps by the id that their work has elsewhere, newest task first, a hundred at most.',
		answers: {
			200: {
				description: 'The steps that there are.',
				schema: {
					type: 'object',
					required: ['steps'],
					additionalProperties: false,
					properties: { steps: { type: 'array', items: component('ExternalWork') } },
				},
			},
		},
		async handle({ context, path: { value = '' } }) {
			const found = await (await context.commands()).findByExternalId(value)
			return { status: 200, body: { steps: found.map(({ task, step, url }) => ({ task, step, url: linkable(url) })) } }
		},
	},
]

/** Payload and outcome as the texts that were given. */
function wordsOf(
	texts: ReadonlyMap<string, string>,
	ends: Outcome | undefined,
): { readonly payload?: string; readonly outcome?: EventOutcome } {
	const given = texts.get('payload')
	return {
		...(given !== undefined && { payload: given }),
		...(ends && { outcome: outcomeOf(memberTexts(texts.get('outcome') ?? ''), ends) }),
	}
}

function outcomeOf(texts: ReadonlyMap<string, string>, { error }: Outcome): EventOutcome {
	if (!error) return { output: texts.get('output') ?? 'null' }
	const details = memberTexts(texts.get('error') ?? '').get('details')
	return {
		error: { message: error.message, ...(error.code !== undefined && { code: error.code }), ...(details !== undefined && { details }) },
	}
}
