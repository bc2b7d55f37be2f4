// The server that a peer stores in, where that is not PostgreSQL: started by the peer's first process, gone with it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Starts a program and waits until `answers` holds. It dies with this process, also when that is killed, where
 * `setpriv` exists.
 */
export async function startServer(program, words, { answers, log, environment = {} }) {
	const dies = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL', program] : [program]
	const server = spawn(dies[0], [...dies.slice(1), ...words], {
		stdio: ['ignore', log, log],
		env: { ...process.env, ...environment },
	})
	let failure = null
	server.once('error', (error) => {
		failure = error.message
	})
	server.once('exit', (code, signal) => {
		failure = `it ended with ${code ?? signal}`
	})
	const kill = () => server.kill('SIGKILL')
	process.once('exit', kill)
	for (let left = 30_000; ; left -= 50) {
		if (failure) throw new Error(`${program} did not start: ${failure}`)
		if (await answers().catch(() => false)) break
		if (left <= 0) throw new Error(`${program} did not answer within 30 s`)
		await delay(50)
	}
	return {
		pid: server.pid,
		async stop() {
			process.off('exit', kill)
			const ended = new Promise((resolve) => server.once('exit', resolve))
			server.kill('SIGTERM')
			await Promise.race([ended, delay(5_000, null, { ref: false })])
			server.kill('SIGKILL')
		},
	}
}
