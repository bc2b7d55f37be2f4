/**
 * Starts a program in a process group of its own, behind a gate: a small shell that waits for one line before it
 * becomes the program. So the group can be stored while nothing runs in it yet. When this process dies before the gate
 * is open, the shell reads the end of its input instead of a line, and ends without having started anything.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { Failure } from '@taskyard/sdk/failure'

export interface GatedProcess {
	/** Id of the process and of its group. */
	readonly group: number
	readonly stdout: Readable
	readonly stderr: Readable
	/** Lets the program start. */
	open(): void
	/** How the program ended. What it wrote may still be unread. */
	readonly ended: Promise<ProcessEnd>
}

export interface ProcessEnd {
	readonly exitCode: number | null
	readonly signal: NodeJS.Signals | null
}

const gate = 'read -r TASKYARD_GATE <&3 || exit 125; exec 3<&-; unset TASKYARD_GATE; exec "$@"'

/** Starts the gate. `words[0]` is looked up in the PATH of `environment`, as the shell does it. */
export async function startGated(words: readonly string[], directory: string, environment: NodeJS.ProcessEnv): Promise<GatedProcess> {
	const child = spawn('/bin/sh', ['-c', gate, 'taskyard', ...words], {
		cwd: directory,
		env: environment,
		// A group and session of its own: signals reach the whole of it, and none of ours.
		detached: true,
		stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
	})
	const ended = new Promise<ProcessEnd>((resolve) => {
		child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }))
	})
	await spawned(child)
	const input = child.stdio[3] as Writable
	// The gate may be killed before it has read.
	input.on('error', () => {})
	return {
		group: child.pid as number,
		stdout: child.stdout as Readable,
		stderr: child.stderr as Readable,
		open: () => input.end('open\n'),
		ended,
	}
}

function spawned(child: ChildProcess): Promise<void> {
	return new Promise((resolve, reject) => {
		child.once('spawn', resolve)
		child.once('error', (cause: NodeJS.ErrnoException) => {
			reject(
				new Failure(
					`No process could be started on this node (${cause.code ?? cause.message}). Check its limits of processes and memory, then resume.`,
					{
						code: 'not_started',
						cause,
					},
				),
			)
		})
	})
}
