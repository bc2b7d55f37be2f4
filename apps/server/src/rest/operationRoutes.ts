/** What can be asked of a task and of its steps: one route for each command. */

import type { CommandAnswer, Commands, OperateStep, OperateTask, UnlockTask } from '@taskyard/engine/commands/types'
import { unlockAnswer } from '../tasks/dangerousCommands.ts'
import { order } from '../tasks/taskCommands.ts'
import { problem } from './problem.ts'
import { type BodySchema, component, type DescribedAnswer, type Route, type RouteRequest } from './route.ts'
import { uuidSchema, whySchema } from './schemas.ts'
import { taskAnswer } from './taskDocument.ts'

interface OperateBody {
	readonly why?: string | null
	readonly yes?: boolean
	readonly newId?: string
	readonly confirmed?: boolean
}

const asItIs: DescribedAnswer = { description: 'The task as it now is.', schema: component('Task') }
const why = { why: whySchema }

function bodyOf(properties: BodySchema['properties'] = {}, required: readonly string[] = []): BodySchema {
	return { type: 'object', additionalProperties: false, properties: { ...why, ...properties }, required }
}

function operation(name: string, summary: string, ask: (commands: Commands, order: OperateTask) => Promise<CommandAnswer>): Route {
	return {
		method: 'POST',
		path: `/tasks/{id}/${name}`,
		operationId: `${name}Task`,
		summary,
		body: bodyOf(),
		answers: { 200: asItIs },
		async handle(request) {
			return taskAnswer(request.context, await ask(await request.context.commands(), await orderOf(request)))
		},
	}
}

function stepOperation(name: string, summary: string, ask: (commands: Commands, order: OperateStep) => Promise<CommandAnswer>): Route {
	return {
		method: 'POST',
		path: `/tasks/{id}/steps/{step}/${name}`,
		operationId: `${name}Step`,
		summary,
		body: bodyOf(),
		answers: { 200: asItIs },
		async handle(request) {
			const { step = '' } = request.path
			if (!/^\d{1,6}$/.test(step))
				return problem(404, 'no_such_step', `There is no step ${step.slice(0, 80)}: steps are counted from 0 on.`)
			const asked = { ...(await orderOf(request)), step: Number(step) }
			return taskAnswer(request.context, await ask(await request.context.commands(), asked))
		},
	}
}

const confirmed = { type: 'boolean', description: 'Without it the answer is what would happen, and nothing changes.' } as const

function unlocking(
	name: string,
	operationId: string,
	summary: string,
	ask: (commands: Commands, order: UnlockTask) => ReturnType<Commands['unlockTask']>,
): Route {
	return {
		method: 'POST',
		path: `/tasks/{id}/${name}`,
		operationId,
		summary,
		body: bodyOf({ confirmed }),
		answers: {
			200: {
				description: 'The task as it now is; or, without `confirmed`, the consequences.',
				schema: { oneOf: [component('Task'), component('UnlockConsequences')] },
			},
		},
		async handle(request) {
			const { confirmed: isConfirmed = false } = (request.body ?? {}) as OperateBody
			const given = await ask(await request.context.commands(), { ...(await orderOf(request)), confirmed: isConfirmed })
			return 'consequences' in given
				? { status: 200, body: { consequences: (await unlockAnswer(request.context, given)).consequences } }
				: taskAnswer(request.context, given)
		},
	}
}

async function orderOf({ context, path: { id = '' }, body }: RouteRequest): Promise<OperateTask> {
	return order(context, id, ((body ?? {}) as OperateBody).why)
}

export const operationRoutes: readonly Route[] = [
	operation('resume', 'Runs the failed steps of a paused task again, from where the error happened.', (commands, task) =>
		commands.resumeTask(task),
	),
	operation('pause', 'Lets the running steps end, begins no other, and pauses.', (commands, task) => commands.pauseTask(task)),
	operation('cancel', 'Stops a task: at once, or as soon as its running steps have ended.', (commands, task) => commands.cancelTask(task)),
	{
		method: 'POST',
		path: '/tasks/{id}/confirm',
		operationId: 'confirmTask',
		summary: 'Answers a task that waits for a confirmation: yes starts it, no ends it. There is one answer.',
		body: bodyOf({ yes: { type: 'boolean' } }, ['yes']),
		answers: { 200: asItIs },
		async handle(request) {
			const { yes = false } = request.body as OperateBody
			return taskAnswer(request.context, await (await request.context.commands()).confirmTask({ ...(await orderOf(request)), yes }))
		},
	},
	{
		method: 'POST',
		path: '/tasks/{id}/rerun',
		operationId: 'rerunTask',
		summary: 'Starts a stopped task again, as a new one of the same type and input.',
		body: bodyOf({ newId: { ...uuidSchema, description: "A UUIDv7 of the caller's for the new task." } }),
		answers: { 202: { description: 'The new task.', schema: component('Task'), location: true } },
		async handle(request) {
			const { newId } = (request.body ?? {}) as OperateBody
			const { correlationId } = request.context
			const asked = { ...(await orderOf(request)), correlationId, ...(newId !== undefined && { newId }) }
			return taskAnswer(request.context, await (await request.context.commands()).rerunTask(asked), 202)
		},
	},
	unlocking('unlock', 'unlockTask', 'Stops a paused task and sets its locks free; it can be resumed later.', (commands, task) =>
		commands.unlockTask(task),
	),
	unlocking('force-unlock', 'forceUnlockTask', 'Ends a task in any state and sets its locks free.', (commands, task) =>
		commands.forceUnlockTask(task),
	),
	stepOperation('retry', 'Runs one failed step of a paused task again.', (commands, step) => commands.retryStep(step)),
	stepOperation('skip', 'Skips one failed step of a paused task, and those that need its output.', (commands, step) =>
		commands.skipStep(step),
	),
	stepOperation('cancel', 'Asks one running step to end.', (commands, step) => commands.cancelStep(step)),
]
