/** A command that leaves marks, and notices when another one of its kind runs beside it. */

import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Each line is one `write` to a file opened for appending. The lock is the kernel's: it is free when the last process
 * that inherited it has ended, however that was. The first attempts run until somebody ends them; SIGTERM does not. The
 * last one ends by itself.
 */
const script = `#!/bin/sh
trap '' TERM
exec 9>"$1/lock"
flock -n 9 || echo "violation $$ attempt $TASKYARD_ATTEMPT" >> "$1/marks"
echo "start $$ attempt $TASKYARD_ATTEMPT" >> "$1/marks"
echo "begun by attempt $TASKYARD_ATTEMPT"
if [ "$TASKYARD_ATTEMPT" -lt "$2" ]; then
  sleep 600 &
  sleep 600
fi
echo "end $$ attempt $TASKYARD_ATTEMPT" >> "$1/marks"
`

export interface Marks {
	/** Numbers of the processes that started, which are those of their groups, by attempt. */
	readonly starts: readonly { readonly pid: number; readonly attempt: number }[]
	readonly ends: readonly { readonly pid: number; readonly attempt: number }[]
	/** Lines of commands that found another one running. */
	readonly violations: readonly string[]
}

export interface MarkingCommand {
	/** A command line that ends by itself from this attempt on. */
	line(lastAttempt: number): string
	marks(): Promise<Marks>
	remove(): Promise<void>
}

export async function makeMarkingCommand(): Promise<MarkingCommand> {
	const folder = await mkdtemp(join(tmpdir(), 'taskyard-kill-command-'))
	const program = join(folder, 'command.sh')
	await writeFile(program, script)
	await chmod(program, 0o700)
	return {
		line: (lastAttempt) => `${program} ${folder} ${lastAttempt}`,
		async marks() {
			const text = await readFile(join(folder, 'marks'), 'utf8').catch(() => '')
			const lines = text.split('\n').filter(Boolean)
			const of = (kind: string) =>
				lines.flatMap((line) => {
					const [word, pid, , attempt] = line.split(' ')
					return word === kind ? [{ pid: Number(pid), attempt: Number(attempt) }] : []
				})
			return { starts: of('start'), ends: of('end'), violations: lines.filter((line) => line.startsWith('violation')) }
		},
		remove: () => rm(folder, { recursive: true, force: true }),
	}
}
