/** `taskyard tasks …`: asks the server, over GraphQL alone. */

import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { addBulkCommands } from '../bulk/commands.ts'
import { CommandFailure, exitCodes } from '../commandFailure.ts'
import {
	DryRunTaskDocument,
	InputSchemaDocument,
	StartTaskDocument,
	type TaskAnswerFragment,
	TaskDocument,
	type TaskQuery,
	type TaskLineFragment,
	TasksDocument,
	type TypedDocumentString,
	WholeTaskDocument,
	type WholeTaskQuery,
} from '../graphql/generated/graphql.ts'
import { readAddress, type ServerAddress, usualServer } from '../server/address.ts'
import { answerWasLost, request } from '../server/request.ts'
import { openScreen, type Screen } from '../terminal/screen.ts'
import { inColumns, plainText, shorten } from '../terminal/text.ts'
import { parseExact } from './exactJson.ts'
import { discardedSentence } from './discarded.ts'
import { newTaskId } from './taskId.ts'
import { showHistory } from './history.ts'
import { addOperations } from './operations.ts'
import { readTaskInput } from './taskInput.ts'
import { errorOf } from './taskNews.ts'
import { subTasksText } from './subTaskCounts.ts'
import { rowOf, rowTitles } from './taskRows.ts'
import { watchTask } from './watchTask.ts'

interface Given {
	readonly server: string
	readonly json?: true
}

interface StartOptions extends Given, WatchFlags {
	readonly input?: string
	readonly assign?: readonly string[]
	readonly id?: string
	readonly at?: string
	readonly before?: string
	readonly after?: readonly string[]
	readonly queue?: string
	readonly priority?: number
	readonly dryRun?: true
	readonly watch?: true
}

interface WatchFlags extends Given {
	readonly untilPaused?: true
	readonly log: boolean
}

/** Most tasks of one answer of the server. */
const largestPage = 200

const exitCodeHelp = `
Exit codes of "watch" and "start --watch": 0 success, 1 error, 2 warning, 3 cancelled, 4 no connection to the server.
Every command: 4 no connection to the server, 5 wrong or refused, nothing happened.`

const screenOfProcess = (): Screen => openScreen(process.stdout, process.stderr)

/** Adds `tasks` and what is below it. */
export function addTaskCommands(program: Command): void {
	const tasks = program.command('tasks').description('start tasks, watch them, and act on them').addHelpText('after', exitCodeHelp)
	const add = (usage: string, description: string) =>
		tasks
			.command(usage)
			.description(description)
			.addOption(new Option('--server <url>', 'the server to ask').env('TASKYARD_SERVER').default(usualServer))
			.option('--json', 'answer in JSON')
			.addHelpText('after', exitCodeHelp)

	withWatchFlags(
		add('start <label>', 'start a task of a type; prints its id')
			.option('--input <json>', 'the input: JSON, @file, or @- for standard input')
			.option('-i, --assign <key=value>', 'one value of the input, read by its type; may be given again', collect)
			.option('--id <uuid>', 'a UUIDv7 for the task: started again with it, it is the same task')
			.option('--at <instant>', 'not before this time, such as 2026-12-24T18:00', instant)
			.option('--before <instant>', 'latest first start: after it the task is not begun any more', instant)
			.option('--after <id...>', 'begin when these tasks have stopped well')
			.option('--queue <name>', 'the queue to wait in, instead of that of its type')
			.option('--priority <number>', 'from -10 to 10: higher ones go first in their queue', priority)
			.option('--dry-run', 'plan it in a worker, store nothing, and tell its name, steps and locks')
			.option('--watch', 'follow the task until it has stopped'),
	).action(start)
	withWatchFlags(add('watch <id>', 'follow a task until it has stopped; a paused one until it was resumed')).action(watch)
	addOperations(add)
	addBulkCommands(add, (server, id, { json }, screen) =>
		follow(server, id, { server: server.name, log: false, ...(json && { json }) }, true, screen),
	)
	add('history <id>', 'what changed, when, by whom and why').action(showHistory)
	add('list', 'the newest tasks, one a line').option('-n, --first <number>', 'how many', wholeNumber, 20).action(list)
	add('show <id...>', 'tasks, one a line; with --json everything that is known').action(show)
}

function withWatchFlags(command: Command): Command {
	return command.option('--until-paused', 'end with 1 when the task pauses, too').option('--no-log', 'leave out the log of its steps')
}

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value]

function priority(value: string): number {
	if (!/^-?\d{1,2}$/.test(value) || Math.abs(Number(value)) > 10) throw new InvalidArgumentError('expected a whole number from -10 to 10.')
	return Number(value)
}

function wholeNumber(value: string): number {
	if (!/^[1-9]\d{0,5}$/.test(value)) throw new InvalidArgumentError('expected a whole number from 1 to 999999.')
	return Number(value)
}

async function start(label: string, options: StartOptions): Promise<void> {
	const server = readAddress(options.server)
	const input = await readTaskInput(
		{ input: options.input, assignments: options.assign ?? [] },
		{
			read: (path) => (path === '-' ? text(process.stdin) : readFile(path, 'utf8')),
			schema: async () => (await request(server, InputSchemaDocument, { label })).taskType?.inputSchema ?? null,
		},
	)
	const screen = screenOfProcess()
	if (options.dryRun) return dryRun(server, label, input, options, screen)
	const { task, discarded } = await startTask(server, label, input, options)
	if (discarded && !options.json) screen.note(discardedSentence(task))
	if (options.watch) return follow(server, task.id, options, true, screen)
	screen.line(options.json ? printed({ ...task, discarded }) : task.id)
	if (screen.isTerminal && !options.json) screen.note(`Watch it: taskyard tasks watch ${task.id}`)
}

interface Started {
	readonly task: TaskLineFragment
	readonly discarded: boolean
}

/** An id of our own makes a repetition harmless, when the answer gets lost. */
async function startTask(server: ServerAddress, label: string, input: string, options: StartOptions): Promise<Started> {
	const wished = options.id
	const id = wished ?? newTaskId()
	const when = {
		startAt: options.at ?? null,
		startBefore: options.before ?? null,
		dependsOn: (options.after ?? []).map((task) => ({ task, policy: 'success' as const })),
		queue: options.queue ?? null,
		priority: options.priority ?? null,
	}
	try {
		const { startTask: answer } = await request(server, StartTaskDocument, { label, input, id, when })
		if (answer.task) return { task: answer.task, discarded: answer.discarded }
		// This machine's clock may be wrong, and the time is in the id: then the server makes one.
		if (answer.refusal?.code !== 'invalid_id' || wished !== undefined) throw refusalOf(answer)
	} catch (error) {
		if (!answerWasLost(error)) throw error
		throw new CommandFailure(
			`${(error as Error).message} The task may have been started: repeat the command with --id ${id}, which never makes a second one.`,
			exitCodes.noConnection,
		)
	}
	const { startTask: answer } = await request(server, StartTaskDocument, { label, input, id: null, when })
	if (answer.task) return { task: answer.task, discarded: answer.discarded }
	throw refusalOf(answer)
}

/** What the task would do. A plan that cannot be made ends with 1, as the task would. */
async function dryRun(server: ServerAddress, label: string, input: string, options: Given, screen: Screen): Promise<void> {
	const { dryRunTask: answer } = await request(server, DryRunTaskDocument, { label, input })
	if (answer.refusal) throw new CommandFailure(answer.refusal.message)
	if (answer.message !== null) throw new CommandFailure(answer.message)
	if (options.json) screen.line(printed({ ...answer, plan: answer.plan === null ? null : parseExact(answer.plan) }))
	else if (answer.error) screen.note(`The task cannot be planned: ${plainText(answer.error.message)}`)
	else {
		screen.line(plainText(answer.name ?? label))
		for (const [index, step] of answer.steps.entries()) screen.line(plainText(`  ${index + 1}  ${step.name} (${step.action})`))
		for (const { resource, name, mode, onConflict } of answer.locks) {
			screen.line(
				plainText(
					`  locks ${resource.type} ${resource.title ?? resource.id}, ${name === '*' ? 'all operations' : name}, ${mode}, or ${onConflict}s`,
				),
			)
		}
	}
	if (answer.error) process.exitCode = exitCodes.error
}

function instant(value: string): string {
	const time = Date.parse(value)
	if (Number.isNaN(time)) throw new InvalidArgumentError('expected a time such as 2026-12-24T18:00 or 2026-12-24T17:00:00Z.')
	return new Date(time).toISOString()
}

function refusalOf({ refusal }: TaskAnswerFragment): CommandFailure {
	return new CommandFailure(refusal?.message ?? 'The server changed nothing and did not say why.')
}

function watch(id: string, options: WatchFlags): Promise<void> {
	return follow(readAddress(options.server), id, options, false, screenOfProcess())
}

/** Until the task has stopped, or Ctrl-C: that ends the watching only. */
async function follow(server: ServerAddress, id: string, options: WatchFlags, fromStart: boolean, screen: Screen): Promise<void> {
	const leave = () => {
		screen.live('')
		screen.note(`Not watched any more; the task goes on. Cancel it: taskyard tasks cancel ${id}`)
		process.exit(130)
	}
	process.once('SIGINT', leave)
	process.exitCode = await watchTask(
		server,
		id,
		{ untilPaused: options.untilPaused ?? false, log: options.log, fromStart, json: options.json ?? false },
		screen,
	)
	process.off('SIGINT', leave)
}

async function list(options: Given & { readonly first: number }): Promise<void> {
	const server = readAddress(options.server)
	const found: TaskLineFragment[] = []
	let after: string | null = null
	do {
		const { tasks }: { tasks: { tasks: readonly TaskLineFragment[]; endCursor: string | null } } = await request(server, TasksDocument, {
			first: Math.min(largestPage, options.first - found.length),
			after,
		})
		found.push(...tasks.tasks)
		after = tasks.endCursor
	} while (after !== null && found.length < options.first)
	const screen = screenOfProcess()
	if (options.json) screen.line(printed(found))
	else
		writeRows(
			screen,
			found.map((task) => rowOf(task, Date.now())),
		)
	if (found.length === 0 && !options.json)
		screen.note('There are no tasks yet. Start one: taskyard tasks start Command::Run -i command=date')
}

/** With titles for a person; what reads it from a pipe gets the tasks alone, whole. */
function writeRows(screen: Screen, rows: readonly (readonly string[])[]): void {
	const shown = screen.isTerminal && rows.length > 0 ? [rowTitles, ...rows] : rows
	for (const line of inColumns(shown)) screen.line(screen.isTerminal ? shorten(line, screen.columns) : line)
}

async function show(ids: readonly string[], options: Given): Promise<void> {
	const server = readAddress(options.server)
	const screen = screenOfProcess()
	const missing: string[] = []
	const known = async <Found>(document: TypedDocumentString<{ readonly task: Found | null }, { id: string }>): Promise<Found[]> => {
		const found: Found[] = []
		for (const id of ids) {
			const { task } = await request(server, document, { id })
			if (task === null) missing.push(id)
			else found.push(task)
		}
		return found
	}
	if (options.json) screen.line(printed((await known(WholeTaskDocument)).map(withoutText)))
	else {
		const tasks = await known(TaskDocument)
		writeRows(
			screen,
			tasks.map((task) => rowOf(task, Date.now(), noteOf(task))),
		)
	}
	if (missing.length > 0) {
		throw new CommandFailure(`There is no task ${missing.join(', ')} at ${server.name}. Look for it with \`taskyard tasks list\`.`)
	}
}

/** What is wrong, and what has become of its sub-tasks. */
function noteOf(task: ShownTask): string | null {
	const wrong = task.state === 'stopped' && task.result !== 'error' ? null : errorOf(task)
	return [wrong, subTasksText(task)].filter((part) => part !== null).join('; ') || null
}

type ShownTask = NonNullable<TaskQuery['task']>

type WholeTask = NonNullable<WholeTaskQuery['task']>

/** JSON within JSON as what it is. */
function withoutText(task: WholeTask): object {
	const value = (json: string | null): unknown => (json === null ? null : parseExact(json))
	const failure = (error: WholeTask['error']) => error && { ...error, details: value(error.details) }
	return {
		...task,
		input: value(task.input),
		output: value(task.output),
		error: failure(task.error),
		steps: task.steps.map((step) => ({ ...step, input: value(step.input), output: value(step.output), error: failure(step.error) })),
	}
}

const printed = (value: unknown): string => JSON.stringify(value, null, 2)
