/** `taskyard tasks …`: what can be asked of tasks and of their steps, over GraphQL alone. */

import { InvalidArgumentError, type Command } from 'commander'
import { exitCodes } from '../commandFailure.ts'
import {
	CancelStepDocument,
	CancelTaskDocument,
	ConfirmTaskDocument,
	type ConsequencesFragment,
	DeleteTaskDocument,
	ForceUnlockTaskDocument,
	PauseTaskDocument,
	RerunTaskDocument,
	ResumeTaskDocument,
	RetryStepDocument,
	SkipStepDocument,
	type TaskAnswerFragment,
	type TaskLineFragment,
	UnlockTaskDocument,
} from '../graphql/generated/graphql.ts'
import { readAddress, type ServerAddress } from '../server/address.ts'
import { request } from '../server/request.ts'
import { openScreen, type Screen } from '../terminal/screen.ts'
import { plainText } from '../terminal/text.ts'
import { discardedSentence } from './discarded.ts'
import { rowOf } from './taskRows.ts'

interface Given {
	readonly server: string
	readonly json?: true
	readonly why?: string
}

interface UnlockGiven extends Given {
	readonly yes?: true
}

type Add = (usage: string, description: string) => Command

/** Adds the commands that change tasks. */
export function addOperations(add: Add): void {
	const withReason = (usage: string, description: string) =>
		add(usage, description).option('--why <text>', 'the reason, for the history of the task')
	withReason('resume <id...>', 'run the failed steps of paused tasks again').action((ids: string[], given: Given) =>
		operate(ids, given, async (server, id, why) => (await request(server, ResumeTaskDocument, { id, why })).resumeTask),
	)
	withReason('pause <id...>', 'let the running steps end, begin no other, and pause').action((ids: string[], given: Given) =>
		operate(ids, given, async (server, id, why) => (await request(server, PauseTaskDocument, { id, why })).pauseTask),
	)
	withReason('cancel <id...>', 'stop tasks: at once, or when their running steps have ended').action((ids: string[], given: Given) =>
		operate(ids, given, async (server, id, why) => (await request(server, CancelTaskDocument, { id, why })).cancelTask),
	)
	withReason('rerun <id...>', 'start stopped tasks again, as new ones with the same input').action((ids: string[], given: Given) =>
		operate(ids, given, async (server, id, why) => (await request(server, RerunTaskDocument, { id, why })).rerunTask),
	)
	withReason('confirm <id>', 'answer a task that asks before it begins')
		.option('--no-start', 'the answer is no: the task ends, and nothing was run')
		.action((id: string, given: Given & { start: boolean }) =>
			operate(
				[id],
				given,
				async (server, task, why) => (await request(server, ConfirmTaskDocument, { id: task, yes: given.start, why })).confirmTask,
			),
		)
	const ofStep = (usage: string, description: string, ask: AskStep) =>
		withReason(`${usage} <id>`, description)
			.argument('<step>', 'its number in the plan, from 1 on', stepNumber)
			.action((id: string, step: number, given: Given) =>
				operate([id], given, (server, task, why) => ask(server, { id: task, step: step - 1, why })),
			)
	ofStep(
		'retry-step',
		'run one failed step of a paused task again',
		async (server, step) => (await request(server, RetryStepDocument, step)).retryStep,
	)
	ofStep(
		'skip-step',
		'skip one failed step of a paused task, and those that need its output',
		async (server, step) => (await request(server, SkipStepDocument, step)).skipStep,
	)
	ofStep('cancel-step', 'ask one running step to end', async (server, step) => (await request(server, CancelStepDocument, step)).cancelStep)
	const unlocking = (usage: string, description: string, ask: AskUnlock) =>
		withReason(`${usage} <id>`, description)
			.option('--yes', 'do it; without this the consequences are told, and nothing changes')
			.action((id: string, given: UnlockGiven) => unlock(ask, id, given))
	unlocking(
		'unlock',
		'stop a paused task and set its locks free; it can be resumed later',
		async (server, order) => (await request(server, UnlockTaskDocument, order)).unlockTask,
	)
	unlocking(
		'force-unlock',
		'end a task in any state and set its locks free; what runs no longer counts',
		async (server, order) => (await request(server, ForceUnlockTaskDocument, order)).forceUnlockTask,
	)
	withReason('delete <id...>', 'delete stopped tasks; what people did with them stays in the history').action(remove)
}

function stepNumber(value: string): number {
	if (!/^[1-9]\d{0,5}$/.test(value)) throw new InvalidArgumentError('expected the number of a step, from 1 on.')
	return Number(value)
}

type Ask = (server: ServerAddress, id: string, why: string | null) => Promise<TaskAnswerFragment>
type AskStep = (server: ServerAddress, step: { id: string; step: number; why: string | null }) => Promise<TaskAnswerFragment>
type AskUnlock = (server: ServerAddress, order: { id: string; why: string | null; confirmed: boolean }) => Promise<ConsequencesFragment>

/** Each task gets its answer, also after one that was refused. */
async function operate(ids: readonly string[], given: Given, ask: Ask): Promise<void> {
	const server = readAddress(given.server)
	const changed: TaskLineFragment[] = []
	const screen = screenOfProcess()
	for (const id of ids) {
		const answer = await ask(server, id, given.why ?? null)
		if (answer.task) {
			changed.push(answer.task)
			if (answer.discarded && !given.json) screen.note(discardedSentence(answer.task))
			if (!given.json) screen.line(rowOf(answer.task, Date.now()).join('  '))
		} else refused(screen, ids.length > 1 ? id : null, answer.refusal?.message)
	}
	if (given.json) screen.line(printed(changed))
}

async function unlock(ask: AskUnlock, id: string, given: UnlockGiven): Promise<void> {
	const screen = screenOfProcess()
	const answer = await ask(readAddress(given.server), { id, why: given.why ?? null, confirmed: given.yes ?? false })
	if (answer.task) screen.line(given.json ? printed(answer.task) : rowOf(answer.task, Date.now()).join('  '))
	else if (answer.consequences) {
		if (given.json) screen.line(printed(answer.consequences))
		else tell(screen, answer.consequences)
		screen.note('Nothing has changed. To do it, repeat the command with --yes.')
		process.exitCode = exitCodes.refused
	} else refused(screen, null, answer.refusal?.message)
}

function tell(screen: Screen, { message, locks }: NonNullable<ConsequencesFragment['consequences']>): void {
	screen.line(plainText(message))
	for (const { resource, name, mode, next } of locks) {
		const what = `${resource.type} ${resource.title ?? resource.id}, ${name === '*' ? 'all operations' : name}, ${mode}`
		const who = next.length === 0 ? 'nobody waits for it' : `goes to ${next.map((one) => `${one.name} (${one.id})`).join(', ')}`
		screen.line(plainText(`  ${what}: ${who}`))
	}
}

async function remove(ids: readonly string[], given: Given): Promise<void> {
	const server = readAddress(given.server)
	const screen = screenOfProcess()
	const gone: string[] = []
	for (const id of ids) {
		const { deleteTask } = await request(server, DeleteTaskDocument, { id, why: given.why ?? null })
		if (deleteTask.id === null) refused(screen, ids.length > 1 ? id : null, deleteTask.refusal?.message)
		else gone.push(deleteTask.id)
	}
	if (given.json) screen.line(printed(gone))
	else for (const id of gone) screen.line(`${id}  deleted`)
}

function refused(screen: Screen, id: string | null, message: string | undefined): void {
	screen.note(`${id === null ? '' : `${id}: `}${message ?? 'The server changed nothing and did not say why.'}`)
	process.exitCode = exitCodes.refused
}

const screenOfProcess = (): Screen => openScreen(process.stdout, process.stderr)
const printed = (value: unknown): string => JSON.stringify(value, null, 2)
