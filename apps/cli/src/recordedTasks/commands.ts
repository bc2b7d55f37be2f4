/** `taskyard task …`: for shell scripts that record a task of theirs, or have an event for a step. Over GraphQL alone. */

import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import { CommandFailure, exitCodes } from '../commandFailure.ts'
import {
	CloseTaskDocument,
	OpenTaskDocument,
	type RecordedAnswerFragment,
	ReportTaskDocument,
	SendEventDocument,
} from '../graphql/generated/graphql.ts'
import { readAddress, usualServer } from '../server/address.ts'
import { answerWasLost, request } from '../server/request.ts'
import { openScreen } from '../terminal/screen.ts'
import { readTaskInput } from '../tasks/taskInput.ts'
import { newTaskId } from '../tasks/taskId.ts'
import { linesAsTheyCome } from './linesAsTheyCome.ts'
import { collect, fraction, jsonText, link, seconds } from './options.ts'

interface Given {
	readonly server: string
	readonly json?: true
}

interface OpenGiven extends Given {
	readonly name?: string
	readonly input?: string
	readonly assign?: readonly string[]
	readonly key?: string
	readonly silence?: number
	readonly callbackUrl?: string
	readonly link?: readonly { type: string; id: string }[]
}

interface ReportGiven extends Given {
	readonly progress?: number
	readonly line?: readonly string[]
	readonly log?: true
	readonly link?: readonly { type: string; id: string }[]
	readonly number?: number
	readonly externalId?: string
	readonly externalUrl?: string
}

interface CloseGiven extends Given {
	readonly output?: string
	readonly error?: string
	readonly code?: string
	readonly line?: readonly string[]
	readonly why?: string
}

interface EventGiven extends Given {
	readonly payload?: string
	readonly output?: string
	readonly error?: string
	readonly id?: string
}

const results = ['success', 'warning', 'error', 'cancelled'] as const
type Result = (typeof results)[number]

/** Adds `task` and what is below it. */
export function addRecordedTaskCommands(program: Command): void {
	const task = program.command('task').description('record a task that a program of yours carries out, and send events to steps')
	const add = (usage: string, description: string) =>
		task
			.command(usage)
			.description(description)
			.addOption(new Option('--server <url>', 'the server to ask').env('TASKYARD_SERVER').default(usualServer))
			.option('--json', 'answer in JSON')

	add('open <label>', 'record a task; prints its id')
		.option('--name <text>', 'what people read; the label if left out')
		.option('--input <json>', 'an object for people to see: JSON, @file, or @- for standard input')
		.option('-i, --assign <key=value>', 'one value of the input; may be given again', collect)
		.option('--key <text>', 'your name for it: opened again with it, it is the same task')
		.option('--silence <seconds>', 'it ends as lost when it is silent for so long', seconds)
		.option('--callback-url <url>', 'called with POST when somebody cancels the task; without it nobody can')
		.option('--link <Type:id>', 'what it works on; may be given again', link)
		.action(open)
	add('report <id>', 'say how far a recorded task is')
		.option('--progress <fraction>', 'how much is done, such as 0.5, 50% or 3/6', fraction)
		.option('--line <text>', 'a line of the log; may be given again', collect)
		.option('--log', 'the lines of standard input are the log, as they come')
		.option('--link <Type:id>', 'what it works on; may be given again', link)
		.option('--external-id <text>', 'what the work is called where it is done')
		.option('--external-url <url>', 'where it can be looked at')
		.option('--number <number>', 'greater with each report: sent twice, it counts once', reportNumber)
		.action(report)
	const withResult = add('close <id>', 'end a recorded task').addArgument(
		new Argument('[result]', 'success if left out').choices(results).default('success'),
	)
	withResult
		.option('--output <json>', 'what it leaves: JSON, @file, or @- for standard input')
		.option('--error <text>', 'what went wrong, and what to do; the result is error then')
		.option('--code <word>', 'of the error, for programs')
		.option('--line <text>', 'a last line of the log; may be given again', collect)
		.option('--why <text>', 'the reason, for the history of the task')
		.action(close)
	add('event <id> <step> <name>', 'send an event to a step, counted from 1, of a task')
		.option('--payload <json>', 'what comes with it: JSON, @file, or @- for standard input')
		.option('--output <json>', 'ends the step with this output')
		.option('--error <text>', 'ends the step with this error')
		.option('--id <text>', 'sent twice with it, the event counts once')
		.action(sendEvent)
}

async function open(label: string, given: OpenGiven): Promise<void> {
	const { name, key, silence, callbackUrl, link: links } = given
	const sources = { read: (path: string) => jsonText('--input', `@${path}`), schema: () => Promise.resolve(null) }
	const input = await readTaskInput({ input: given.input, assignments: given.assign ?? [] }, sources)
	const order = { label, name, input, key, silence, callbackUrl, links, id: key === undefined ? newTaskId() : null }
	try {
		const { openTask } = await request(readAddress(given.server), OpenTaskDocument, order)
		answered(openTask, given, ({ id }) => id)
	} catch (error) {
		if (!answerWasLost(error) || key !== undefined) throw error
		throw new CommandFailure(
			`${(error as Error).message} The task may be open: look for it with \`taskyard tasks list\`.`,
			exitCodes.noConnection,
		)
	}
}

async function report(id: string, given: ReportGiven): Promise<void> {
	const server = readAddress(given.server)
	const { progress, link: links, number, line: lines, externalId, externalUrl } = given
	const tell = async (more: { lines?: readonly string[] | undefined; number?: number | undefined }) =>
		(await request(server, ReportTaskDocument, { id, progress, links, externalId, externalUrl, ...more })).reportTask
	if (!given.log) return answered(await tell({ lines, number }), given, () => null)
	for await (const some of linesAsTheyCome(process.stdin)) {
		const answer = await tell({ lines: some })
		if (answer.refusal) return answered(answer, given, () => null)
	}
}

async function close(id: string, result: Result, given: CloseGiven): Promise<void> {
	const { error, code, line: lines, why } = given
	const output = given.output === undefined ? undefined : await jsonText('--output', given.output)
	const failed = error === undefined ? null : { message: error, code }
	const order = { id, result: failed && result === 'success' ? ('error' as const) : result, output, error: failed, lines, why }
	const { closeTask } = await request(readAddress(given.server), CloseTaskDocument, order)
	answered(closeTask, given, () => null)
}

async function sendEvent(task: string, step: string, name: string, given: EventGiven): Promise<void> {
	if (!/^[1-9]\d{0,5}$/.test(step)) throw new CommandFailure(`"${step}" is no number of a step: they are counted from 1.`)
	if (given.output !== undefined && given.error !== undefined) throw new CommandFailure('--output and --error exclude each other.')
	const payload = given.payload === undefined ? null : await jsonText('--payload', given.payload)
	const output = given.output === undefined ? null : await jsonText('--output', given.output)
	const outcome = output !== null ? { output } : given.error === undefined ? null : { error: { message: given.error } }
	const order = { task, step: Number(step) - 1, name, id: given.id ?? newTaskId(), payload, outcome }
	const { sendEvent: sent } = await request(readAddress(given.server), SendEventDocument, order)
	if (sent.refusal) throw new CommandFailure(sent.refusal.message)
	const screen = openScreen(process.stdout, process.stderr)
	if (given.json) screen.line(JSON.stringify({ task: sent.task?.id, repeated: sent.repeated }, null, 2))
	else if (sent.repeated) screen.note('The event was sent before, and counts once.')
}

/** Scripts read the id alone; what else there is to say is said with `--json`. */
function answered(
	{ task, refusal }: RecordedAnswerFragment,
	{ json }: Given,
	shown: (task: NonNullable<RecordedAnswerFragment['task']>) => string | null,
): void {
	if (!task) throw new CommandFailure(refusal?.message ?? 'The server changed nothing and did not say why.')
	const screen = openScreen(process.stdout, process.stderr)
	const line = json ? JSON.stringify(task, null, 2) : shown(task)
	if (line !== null) screen.line(line)
}

function reportNumber(value: string): number {
	if (!/^[1-9]\d{0,14}$/.test(value)) throw new InvalidArgumentError('expected a whole number from 1 on.')
	return Number(value)
}
