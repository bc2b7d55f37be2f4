import { type ChildProcess, spawn } from 'node:child_process'
import type { Log } from '@taskyard/process/log'
import { endsWithItsParent } from './endsWithItsParent.ts'

/** A program of the house that runs as a child process. */
export interface Program {
	/** as people know it: `server`, `worker` */
	readonly name: string
	/** the file that Node.js runs */
	readonly file: string
	/** options for Node.js itself */
	readonly nodeOptions: readonly string[]
	/** its whole environment */
	readonly environment: Readonly<Record<string, string | undefined>>
}

/** A program that is started again whenever it ends by itself. */
export interface KeptProgram {
	readonly name: string
	/** of the process that runs now; undefined between two of them */
	readonly pid: number | undefined
	/** Rejects when the program ends again and again without ever having been declared to work. */
	readonly hopeless: Promise<never>
	/** From now on the program is started again for as long as it takes. */
	works(): void
	/** Asks with SIGTERM, and after the grace period ends the whole process group with SIGKILL. */
	stop(graceMilliseconds: number): Promise<void>
	/** Ends the process group at once; for the last moment of the launcher. */
	kill(): void
}

const firstPause = 250
const longestPause = 10_000
/** Who ran for this long has recovered: its next end is a first one again. */
const provenAfter = 30_000
/** A program that ended so often before it ever worked will not work by being started once more. */
const hopelessAfter = 5

/** Starts a program and keeps it running until it is stopped. Ctrl-C of the terminal does not reach it: the launcher alone decides. */
export function keepRunning(program: Program, log: Log): KeptProgram {
	let child: ChildProcess | undefined
	let ended = Promise.resolve()
	let stopping = false
	let proven = false
	let failures = 0
	let restart: NodeJS.Timeout | undefined
	const hopeless = Promise.withResolvers<never>()
	hopeless.promise.catch(() => undefined)

	function start(): void {
		const { command, parameters } = endsWithItsParent(process.execPath, [...program.nodeOptions, program.file])
		const startedAt = performance.now()
		const running = spawn(command, parameters, { detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: program.environment })
		child = running
		const over = Promise.withResolvers<void>()
		ended = over.promise
		const finish = (how: string) => {
			child = undefined
			over.resolve()
			if (!stopping) startAgain(how, performance.now() - startedAt)
		}
		running.once('error', (error) => {
			if (running.pid === undefined) finish(error.message)
		})
		running.once('exit', (code, signal) => finish(signal ?? `exit code ${code}`))
	}

	function startAgain(how: string, ranFor: number): void {
		if (ranFor >= provenAfter) failures = 0
		failures++
		if (!proven && failures >= hopelessAfter) {
			hopeless.reject(
				new Error(
					`the ${program.name} ended ${failures} times while it was starting (the last time: ${how}). Its own lines above say why.`,
				),
			)
			return
		}
		const pause = Math.min(firstPause * 2 ** (failures - 1), longestPause)
		log.warn(`the ${program.name} ended (${how}); it is started again in ${pause / 1_000} s`)
		restart = setTimeout(start, pause)
	}

	/** With detached, the child leads a group of its own: its children go with it. */
	function signalGroup(signal: NodeJS.Signals): void {
		if (child?.pid === undefined) return
		try {
			process.kill(-child.pid, signal)
		} catch {
			// The group ended between the look and the signal.
		}
	}

	start()
	return {
		name: program.name,
		get pid() {
			return child?.pid
		},
		hopeless: hopeless.promise,
		works() {
			proven = true
			failures = 0
		},
		async stop(graceMilliseconds) {
			stopping = true
			clearTimeout(restart)
			child?.kill('SIGTERM')
			const impatience = setTimeout(() => {
				log.warn(`the ${program.name} did not stop within ${graceMilliseconds / 1_000} s and is killed`)
				signalGroup('SIGKILL')
			}, graceMilliseconds)
			await ended
			clearTimeout(impatience)
		},
		kill: () => signalGroup('SIGKILL'),
	}
}
