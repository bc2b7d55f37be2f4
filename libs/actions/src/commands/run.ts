/** `Command::Run`: a command line, with what it writes as the task's log. */

import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StepContext } from '@taskyard/sdk/definition'
import { defineTask } from '@taskyard/sdk/defineTask'
import { abortReason, Failure } from '@taskyard/sdk/failure'
import { endProcessGroup, isGroupAlive } from '@taskyard/sdk/processGroup'
import { z } from 'zod'
import { findProgram } from './findProgram.ts'
import { type ProcessEnd, startGated } from './gatedProcess.ts'
import { LineSplitter } from './lines.ts'
import { shellCharacters, splitCommand, wantsShell } from './splitCommand.ts'

const noNul = (text: string) => !text.includes('\u0000')

const commandLine = z
	.string()
	.min(1)
	.refine((text) => text.trim() !== '', 'expected a command, found nothing')
	.refine(noNul, 'a command cannot hold a NUL character')
	.superRefine((text, check) => {
		if (wantsShell(text)) return
		try {
			splitCommand(text)
		} catch (error) {
			check.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) })
		}
	})
	.meta({ title: 'Command', description: 'Run without a shell; with |, && or ; in it, by /bin/sh.' })

const input = z.strictObject({
	command: commandLine,
	cwd: z
		.string()
		.startsWith('/')
		.refine(noNul)
		.optional()
		.meta({ title: 'Working directory', description: 'An absolute path. Default: the node’s directory for temporary files.' }),
	environment: z
		.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().refine(noNul))
		.default({})
		.meta({ title: 'Environment', description: 'Variables, beside PATH, HOME and the like.' }),
	timeout: z.number().positive().max(2_000_000).optional().meta({ title: 'Time limit', description: 'In seconds; none when left out.' }),
	idempotent: z.boolean().default(false).meta({
		title: 'May be repeated',
		description: 'Whether the command is run again by itself when its worker dies. Else a person decides.',
	}),
	grace: z
		.number()
		.nonnegative()
		.max(3600)
		.default(5)
		.meta({ title: 'Grace period', description: 'Seconds between SIGTERM and SIGKILL when the command is cancelled or its time is over.' }),
})

/** What a caller gives. */
export type CommandInput = z.input<typeof input>
type Given = z.output<typeof input>

export const runCommand = defineTask({
	label: 'Command::Run',
	description: 'Runs a command line on the worker’s node.',
	name: 'Run {command}',
	input,
	output: z.object({ exitCode: z.int().nullable(), signal: z.string().nullable() }),
	idempotent: false,
	// Also one that may be repeated: what it does to its process must not end a neighbour.
	isolation: 'own',
	policiesFor: ({ idempotent }) => (idempotent ? { idempotent: true } : {}),
	run,
})

async function run(given: Given, context: StepContext): Promise<ProcessEnd> {
	const directory = given.cwd ?? tmpdir()
	const environment = environmentFor(given, directory, context)
	await checkDirectory(directory)
	const words = await wordsOf(given.command, directory, environment['PATH'] ?? '', context)
	const child = await startGated(words, directory, environment)
	const stop = new Stop(child.group, given.grace * 1000)
	const watches: (() => void)[] = []
	try {
		await context.ownProcessGroup(child.group)
		context.signal.throwIfAborted()
		const output = new Output(context)
		watches.push(stop.when(context.signal), stop.after(given.timeout), beat(context))
		const reading = Promise.all([output.read(child.stdout, 'stdout'), output.read(child.stderr, 'stderr')])
		child.open()
		// Reading ends before the command only when the log is refused: then nothing it does counts any more.
		const end = await Promise.race([child.ended, reading.then(() => child.ended)])
		await endRest(child.group, stop, context)
		await output.drained(reading)
		return judge(given.command, end, stop.reason, output.lastError)
	} finally {
		for (const end of watches) end()
		await stop.ended()
	}
}

/** Nothing of a command outlives its step, or it would run beside the next one. */
async function endRest(group: number, stop: Stop, context: StepContext): Promise<void> {
	if (!stop.asked && (await isGroupAlive(group))) {
		await context.log('The command has ended, but left processes running in its group; they are ended now.')
	}
	await stop.ended()
}

function judge(command: string, end: ProcessEnd, stopped: Error | null, lastError: string | null): ProcessEnd {
	if (stopped) throw stopped
	if (end.exitCode === 0) return end
	const how = end.exitCode === null ? `was ended by ${end.signal}` : `ended with exit code ${end.exitCode}`
	const last = lastError === null ? 'It wrote nothing to stderr.' : `Its last line on stderr: ${shortened(lastError, 500)}`
	throw new Failure(`The command “${shortened(command, 200)}” ${how}. ${last}`, {
		code: 'exit_status',
		details: { command, exitCode: end.exitCode, signal: end.signal, lastLine: lastError },
	})
}

async function wordsOf(command: string, directory: string, path: string, context: StepContext): Promise<string[]> {
	if (wantsShell(command)) return ['/bin/sh', '-c', command]
	const words = splitCommand(command)
	await findProgram(words[0] ?? '', directory, path)
	const characters = shellCharacters(command)
	if (characters !== null) {
		await context.log(`Run without a shell, so these are ordinary characters: ${characters} (for a shell, write sh -c '…').`)
	}
	return words
}

async function checkDirectory(directory: string): Promise<void> {
	const found = await stat(directory).catch((cause: NodeJS.ErrnoException) => {
		throw new Failure(`The working directory ${directory} cannot be entered (${cause.code}). Create it or correct the path, then resume.`, {
			code: 'no_such_directory',
			cause,
		})
	})
	if (!found.isDirectory())
		throw new Failure(`The working directory ${directory} is not a directory. Correct the path.`, { code: 'no_such_directory' })
}

/** What a command inherits. The rest of the worker's environment holds its secrets, e.g. the address of the database. */
const inherited = /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR)$/

function environmentFor(given: Given, directory: string, context: StepContext): NodeJS.ProcessEnv {
	return {
		PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
		...Object.fromEntries(Object.entries(process.env).filter(([name]) => inherited.test(name))),
		PWD: resolve(directory),
		TASKYARD_TASK: context.taskId,
		TASKYARD_STEP: String(context.step),
		TASKYARD_ATTEMPT: String(context.attempt),
		TASKYARD_CORRELATION_ID: context.correlationId,
		...given.environment,
	}
}

/** Ends the process group once, for whatever reason comes first. */
class Stop {
	readonly #group: number
	readonly #grace: number
	#ending: Promise<unknown> | null = null
	/** Why the command was stopped; null when it ended by itself. */
	reason: Error | null = null

	constructor(group: number, grace: number) {
		this.#group = group
		this.#grace = grace
	}

	get asked(): boolean {
		return this.#ending !== null
	}

	/** Resolves when no process of the group runs any more. */
	ended(): Promise<unknown> {
		this.#ending ??= endProcessGroup(this.#group, this.#grace)
		return this.#ending
	}

	/** Stops the command when the signal is aborted. Answers how to stop watching, as all of these do. */
	when(signal: AbortSignal): () => void {
		const abort = () => this.#because(signal.reason instanceof Error ? signal.reason : abortReason('cancelled'))
		signal.addEventListener('abort', abort, { once: true })
		return () => signal.removeEventListener('abort', abort)
	}

	after(seconds: number | undefined): () => void {
		if (seconds === undefined) return () => {}
		const timer = setTimeout(() => {
			this.#because(abortReason('timed_out', `The command did not end within its time limit of ${seconds} s, and was ended.`))
		}, seconds * 1000)
		return () => clearTimeout(timer)
	}

	#because(reason: Error): void {
		this.reason ??= reason
		// Awaited by `ended()`, which also throws what may go wrong.
		this.ended().catch(() => {})
	}
}

/** A command may be silent for long, and lives all the same. */
function beat(context: StepContext): () => void {
	const timer = setInterval(() => context.heartbeat(), 10_000)
	return () => clearInterval(timer)
}

const longestLine = 16 * 1024
/** How long a pipe may stay silent after the whole group has ended, before whoever else holds it is no longer heard. */
const silence = 1000

/** Takes what the command writes into the log. A log that has no room makes the command wait at its pipe. */
class Output {
	readonly #context: StepContext
	readonly #streams: Readable[] = []
	#logging = 0
	#lastChunk = 0
	#givenUp = false
	lastError: string | null = null

	constructor(context: StepContext) {
		this.#context = context
	}

	async read(stream: Readable, name: 'stdout' | 'stderr'): Promise<void> {
		this.#streams.push(stream)
		const lines = new LineSplitter(longestLine)
		try {
			for await (const chunk of stream as AsyncIterable<Buffer>) await this.#log(lines.push(chunk), name)
		} catch (error) {
			if (!this.#givenUp) throw error
		}
		await this.#log(lines.rest(), name)
	}

	/**
	 * Resolves when all is in the log. A process that left the group may hold a pipe open for ever: it is heard until
	 * it is silent for a while.
	 */
	async drained(reading: Promise<unknown>): Promise<void> {
		const done = reading.then(
			() => true,
			() => true,
		)
		this.#lastChunk = performance.now()
		while (!(await Promise.race([done, sleep(100, false, { ref: false })]))) {
			if (this.#logging > 0 || performance.now() - this.#lastChunk < silence) continue
			this.#givenUp = true
			for (const stream of this.#streams) stream.destroy()
			break
		}
		await reading
	}

	async #log(lines: Iterable<string>, name: 'stdout' | 'stderr'): Promise<void> {
		this.#logging++
		try {
			for (const line of lines) {
				if (name === 'stderr' && line.trim() !== '') this.lastError = line
				await this.#context.log(line, name)
			}
		} finally {
			this.#logging--
			this.#lastChunk = performance.now()
		}
	}
}

function shortened(text: string, longest: number): string {
	return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}
