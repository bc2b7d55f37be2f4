import { spawnSync } from 'node:child_process'

let available: boolean | undefined

/** util-linux has a `setpriv` that knows `--pdeathsig`; BusyBox has one that does not, and other systems have none. */
const setprivWorks = (): boolean =>
	(available ??= process.platform === 'linux' && spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true']).status === 0)

/**
 * The command that runs a program so that the kernel sends it SIGTERM when its parent dies, also by kill -9. Where that cannot be had, the
 * program itself, which then has to notice the closing of its channel to the parent.
 */
export function endsWithItsParent(command: string, parameters: readonly string[]): { command: string; parameters: string[] } {
	if (!setprivWorks()) return { command, parameters: [...parameters] }
	return { command: 'setpriv', parameters: ['--pdeathsig', 'TERM', command, ...parameters] }
}
