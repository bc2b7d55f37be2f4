import { setTimeout as delay } from 'node:timers/promises'
import type { TaskResult } from '@taskyard/model/states'
import { CommandFailure, exitCodes } from '../commandFailure.ts'
import { TaskChangedDocument, TaskDocument } from '../graphql/generated/graphql.ts'
import type { ServerAddress } from '../server/address.ts'
import { openLive } from '../server/live.ts'
import { request } from '../server/request.ts'
import type { Screen } from '../terminal/screen.ts'
import { clockText, plainText } from '../terminal/text.ts'
import { type LogLine, openStepLogs, type ReadTask } from './stepLogs.ts'
import { liveLine, newsOf, sentence, type WatchedTask } from './taskNews.ts'

export interface WatchOptions {
	/** End when the task pauses, too. */
	readonly untilPaused: boolean
	/** Write the log of the steps that run. */
	readonly log: boolean
	/** Also the log of steps that ended before the first look. */
	readonly fromStart: boolean
	/** One JSON object a line. */
	readonly json: boolean
	/** Milliseconds without the server until the watch is given up. */
	readonly patience?: number
}

/** Between two tries to read while the server is away, in milliseconds. */
const readPause = 500

const endings: Record<TaskResult, number> = {
	success: exitCodes.success,
	error: exitCodes.error,
	pending: exitCodes.error,
	warning: exitCodes.warning,
	cancelled: exitCodes.cancelled,
}

/**
 * Follows a task until it has stopped, and says what happens. Answers the exit code that its result stands for.
 * @throws CommandFailure
 */
export async function watchTask(server: ServerAddress, id: string, options: WatchOptions, screen: Screen): Promise<number> {
	const { task: found } = await request(server, TaskDocument, { id })
	if (!found) throw new CommandFailure(`There is no task ${id} at ${server.name}. Look for it with \`taskyard tasks list\`.`)

	const live = openLive(server, {
		...(options.patience !== undefined && { patience: options.patience }),
		broken: (why) => screen.note(`The connection to ${server.name} broke (${why}); it is tried again. The task goes on meanwhile.`),
		whole: () => screen.note('The connection is back.'),
	})
	const read: ReadTask = (document, variables) => Promise.race([live.lost, readRepeatedly(() => request(server, document, variables))])
	const reporter = createReporter(screen, options)
	const logs = openStepLogs({ live, read, id, fromStart: options.fromStart, write: reporter.log })
	const ended = Promise.withResolvers<number>()

	let shown: WatchedTask | null = null
	const show = async (task: WatchedTask, at: string): Promise<void> => {
		reporter.meet(task, at)
		if (options.log) for (const step of stepsToRead(shown, task, options.fromStart)) await logs.readToEnd(step)
		reporter.news(shown, task, at)
		shown = task
		if (task.state === 'stopped') return ended.resolve(endings[task.result])
		if (task.state === 'paused' && options.untilPaused) return ended.resolve(exitCodes.error)
		if (options.log) logs.follow(task.steps.filter(isAtWork))
	}

	// Each frame has the whole task: of those that come while one is shown, the last is enough.
	let latest: { readonly task: WatchedTask; readonly at: string } | null = null
	let showing = false
	const showLatest = async (): Promise<void> => {
		if (showing) return
		showing = true
		for (let next = latest; next !== null; next = latest) {
			latest = null
			await show(next.task, next.at)
		}
		showing = false
	}
	live.follow(TaskChangedDocument, {
		variables: { id, after: null as string | null },
		resume: ({ taskChanged: { to } }) => ({ after: to }),
		next({ taskChanged: { kind, task, serverTime } }) {
			if (kind === 'HEARTBEAT') return
			if (!task) return ended.reject(new CommandFailure(`Task ${id} was deleted while it was watched.`))
			latest = { task, at: serverTime }
			showLatest().catch(ended.reject)
		},
	})
	try {
		return await Promise.race([ended.promise, live.lost])
	} catch (error) {
		if (!(error instanceof CommandFailure) || error.exitCode !== exitCodes.noConnection) throw error
		throw new CommandFailure(
			`${error.message} The task goes on by itself; watch it again with \`taskyard tasks watch ${id}\`.`,
			error.exitCode,
		)
	} finally {
		screen.live('')
		live.close()
	}
}

async function readRepeatedly<Result>(ask: () => Promise<Result>): Promise<Result> {
	for (;;) {
		try {
			return await ask()
		} catch (error) {
			if (!(error instanceof CommandFailure) || error.exitCode !== exitCodes.noConnection) throw error
			await delay(readPause, undefined, { ref: false })
		}
	}
}

const atWork: ReadonlySet<string> = new Set(['running', 'suspended', 'finalizing', 'reverting'])

function isAtWork({ state }: WatchedTask['steps'][number]): boolean {
	return atWork.has(state)
}

/** Steps whose attempt has ended since the last look: their log is written before that is said. */
function stepsToRead(before: WatchedTask | null, { steps }: WatchedTask, fromStart: boolean): number[] {
	return steps
		.filter((step) => {
			if (step.attempt === 0 || isAtWork(step)) return false
			if (before === null) return fromStart
			const known = before.steps[step.index]
			return known === undefined || known.attempt < step.attempt || isAtWork(known)
		})
		.map(({ index }) => index)
}

/** Says it to a person, or as one JSON object a line. */
function createReporter(screen: Screen, { json, fromStart }: Pick<WatchOptions, 'json' | 'fromStart'>) {
	let names: readonly string[] | null = null
	return {
		/** Before anything is said of it. */
		meet({ id, label, name, steps }: WatchedTask, at: string): void {
			if (names === null) {
				if (json) screen.line(JSON.stringify({ at, event: 'watched', id, label, name }))
				else screen.line(`${clockText(Date.parse(at))}  ${plainText(name)} (${plainText(label)}), task ${id}`)
			}
			names = steps.map((step) => step.name)
		},
		news(before: WatchedTask | null, task: WatchedTask, at: string): void {
			for (const one of newsOf(before, task, fromStart)) {
				if (json) {
					screen.line(JSON.stringify({ at, ...one }))
					continue
				}
				// On a terminal the line at the bottom has it.
				if (one.event === 'progress' && screen.isTerminal) continue
				screen.line(`${clockText(Date.parse(at))}  ${sentence(one)}`)
				if (one.event === 'task' && one.state === 'paused')
					screen.note(`Resume it: taskyard tasks resume ${task.id}   Give it up: taskyard tasks cancel ${task.id}`)
			}
			if (!json) screen.live(liveLine(task))
		},
		log(line: LogLine): void {
			const name = names?.[line.step] ?? ''
			if (json) screen.line(JSON.stringify({ event: 'log', name, ...line }))
			else screen.line(`${names !== null && names.length > 1 ? `${plainText(name)} ` : ''}| ${plainText(line.text)}`)
		},
	}
}
