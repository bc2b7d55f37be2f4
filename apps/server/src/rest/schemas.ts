/** The components of the OpenAPI document: what answers are made of. */

import { bulkOutcomes, commandRefusals } from '@taskyard/engine/commands/types'
import { cancelPhases, stepStates, taskResults, taskStates } from '@taskyard/model/states'
import { component, type Schema } from './route.ts'

export const uuidSchema = { type: 'string', format: 'uuid' } as const
export const instantSchema = { type: 'string', format: 'date-time' } as const
export const whySchema = { type: ['string', 'null'], description: 'Kept in the history of the task.' } as const

export const linesSchema = { type: 'array', items: { type: 'string' }, description: 'For the log.' } as const

const text = { type: 'string' } as const
const number = { type: 'integer' } as const
const fraction = { type: 'number', minimum: 0, maximum: 1 } as const
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] })
const listOf = (items: Schema): Schema => ({ type: 'array', items })

/** An object that has all of these. */
function object(properties: Readonly<Record<string, Schema>>, more: Readonly<Record<string, Schema>> = {}): Schema {
	return { type: 'object', required: Object.keys(properties), additionalProperties: false, properties: { ...properties, ...more } }
}

export const linksSchema = {
	type: 'array',
	description: 'What the task works on.',
	items: {
		type: 'object',
		required: ['type', 'id'],
		additionalProperties: false,
		properties: { type: text, id: text, title: text },
	},
} as const

export const failureInputSchema = {
	type: 'object',
	required: ['message'],
	additionalProperties: false,
	properties: {
		message: { ...text, description: 'For people: what to do.' },
		code: { ...text, description: 'A word for programs, e.g. `no_space`.' },
		details: { description: 'Any JSON.' },
	},
} as const

export const schemas: Readonly<Record<string, Schema>> = {
	User: object({ login: text, name: text }),
	TaskReference: object({ id: uuidSchema, name: text, state: { enum: [...taskStates] } }),
	Failure: object({
		message: text,
		type: { type: 'string', description: 'Class of the error, e.g. `Failure`, `TypeError`.' },
		code: orNull(text),
		trace: orNull(text),
		details: { description: 'Any JSON.' },
		reason: text,
	}),
	Step: object({
		index: { ...number, description: 'Counted from 0 on.' },
		name: text,
		action: { type: 'string', description: 'Label of the action that runs it.' },
		state: { enum: [...stepStates] },
		attempt: { ...number, description: 'Number of the last attempt; 0: never started.' },
		progress: fraction,
		progressDetail: orNull(object({ done: { type: 'number' }, total: { type: ['number', 'null'] }, unit: orNull(text) })),
		startedAt: orNull(instantSchema),
		endedAt: orNull(instantSchema),
		notBefore: { ...orNull(instantSchema), description: 'When the next try may begin.' },
		wait: {
			...orNull(object({ kind: text, until: orNull(instantSchema), timeoutAt: orNull(instantSchema), externalId: orNull(text) })),
			description: 'What a suspended step waits for: `event`, `timer`, `poll` or `sub_tasks`.',
		},
		error: orNull(component('Failure')),
	}),
	Task: object(
		{
			id: uuidSchema,
			label: text,
			name: text,
			state: { enum: [...taskStates] },
			result: { enum: [...taskResults] },
			reason: { ...orNull(text), description: 'Why it ended badly or needs attention.' },
			progress: fraction,
			revision: { ...number, description: 'Grows with each change.' },
			queue: text,
			owner: component('User'),
			correlationId: text,
			cancelPhase: { enum: [...cancelPhases] },
			pauseAsked: { type: 'boolean' },
			unlocked: { type: 'boolean' },
			waitingFor: orNull(object({ kind: text, text, tasks: listOf(component('TaskReference')) })),
			confirmBefore: orNull(instantSchema),
			recorded: { type: 'boolean', description: 'Another program carries it out.' },
			parent: orNull(uuidSchema),
			rerunOf: orNull(uuidSchema),
			createdAt: instantSchema,
			startAt: orNull(instantSchema),
			startBefore: orNull(instantSchema),
			startedAt: orNull(instantSchema),
			endedAt: orNull(instantSchema),
			stateUpdatedAt: instantSchema,
			input: { description: 'The JSON that was given.' },
			output: { description: 'The JSON that the task left; null while there is none.' },
			error: { ...orNull(component('Failure')), description: 'Why planning failed or the locks were refused.' },
			steps: listOf(component('Step')),
			subTasks: {
				...orNull(
					object({
						total: { ...number, description: 'How many there are to be.' },
						open: { ...number, description: 'Not stopped; paused and held ones are open too.' },
						paused: number,
						held: { ...number, description: 'Waiting for the limit of how many may be under way.' },
						success: number,
						warning: number,
						error: number,
						cancelled: number,
					}),
				),
				description: 'What has become of those that its steps have fanned out; null where none has.',
			},
			externalIds: {
				...listOf(object({ step: number, value: text, url: orNull(text) })),
				description: 'What the work of its steps is called where it is done.',
			},
		},
		{
			failure: {
				description: 'Of a task that was awaited: why it did not end well, or needs a person.',
				...object({ state: { enum: ['paused', 'stopped'] }, result: { enum: [...taskResults] }, message: text, code: orNull(text) }),
			},
			discarded: { const: true, description: 'Of a start: no task was made, for this one has the same duplicate key and counts.' },
			goesOn: { ...text, description: 'Of a task that was awaited: it had not ended when the time was over.' },
		},
	),
	HistoryEntry: object({
		id: text,
		at: instantSchema,
		kind: { ...text, description: '`created`; `task` and `step`: a change of state; else the action of a person, such as `resume`' },
		step: orNull(number),
		stepName: orNull(text),
		oldState: orNull(text),
		newState: orNull(text),
		attempt: orNull(number),
		worker: orNull(text),
		startedAt: orNull(instantSchema),
		who: { ...orNull(component('User')), description: 'Null: the engine.' },
		why: orNull(text),
	}),
	TaskHistory: object({
		entries: listOf(component('HistoryEntry')),
		endCursor: { ...orNull(text), description: 'Pass as `after` for the next part; null at the end.' },
		tombstone: orNull(
			object({
				id: uuidSchema,
				label: text,
				name: text,
				owner: component('User'),
				result: { enum: [...taskResults] },
				endedAt: instantSchema,
				deletedAt: instantSchema,
				deletedBy: orNull(component('User')),
				rule: orNull(text),
			}),
		),
	}),
	UnlockConsequences: object({
		consequences: object({
			message: text,
			subTasks: number,
			runningAttempts: number,
			locks: listOf(
				object({
					resource: object({ type: text, id: text, title: orNull(text) }),
					name: text,
					mode: text,
					task: uuidSchema,
					next: listOf(object({ id: uuidSchema, name: text })),
				}),
			),
		}),
	}),
	CallbackTaken: object({
		task: uuidSchema,
		step: number,
		usedUp: { type: 'boolean', description: 'An event or an outcome was taken, and the token is good for nothing more.' },
	}),
	ExternalWork: object({ task: uuidSchema, step: number, url: { ...orNull(text), description: 'Where a person finds the work.' } }),
	BulkItem: object({
		place: { ...number, description: 'From 0 on, in the order in which they were named.' },
		task: uuidSchema,
		outcome: { enum: [...bulkOutcomes] },
		reason: { ...orNull(text), description: 'Why it was refused, failed or was not done.' },
		code: orNull({ enum: [...commandRefusals] }),
		made: { ...orNull(uuidSchema), description: 'The task that a rerun has made.' },
		at: orNull(instantSchema),
	}),
	BulkItems: object({
		items: listOf(component('BulkItem')),
		next: { ...orNull(number), description: 'Pass as `after` for the next page; null at the end.' },
		counts: object(Object.fromEntries(bulkOutcomes.map((outcome) => [outcome, number]))),
	}),
	Problem: object(
		{
			type: text,
			title: text,
			status: number,
			detail: { ...text, description: 'For people: what was expected, and what to do.' },
			code: { ...text, description: `For programs. Of a refused command one of ${commandRefusals.join(', ')}.` },
			faults: listOf(object({ path: { ...text, description: 'Of the input, or of the body, e.g. `/exclude/0`.' }, message: text })),
		},
		{ requestId: { ...text, description: 'Names the request in the log of the server.' } },
	),
}
