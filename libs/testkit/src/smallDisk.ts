/** A PostgreSQL whose disk a test can fill and free. */

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { prepareDatabase, type TestServer } from './server.ts'

export type ToSmallDisk = { readonly type: 'fill' | 'free' | 'stop' }

export type FromSmallDisk =
	| { readonly type: 'ready'; readonly url: string; readonly pid: number }
	| { readonly type: 'done' }

	/** What happens to the server, as it is told in production. */
	| { readonly type: 'line'; readonly line: string }

export interface SmallDiskServer extends TestServer {
	/** Takes all that is free on its disk. */
	fill(): Promise<void>
	/** Gives it back. */
	free(): Promise<void>
	/** What has happened to the server so far. */
	readonly lines: readonly string[]
}

const program = fileURLToPath(new URL('./smallDiskServer.ts', import.meta.url))

/**
 * Starts one with the durability of production and our tables, on a tmpfs in a mount namespace of its own. Its files
 * cannot be seen from here; its socket can.
 */
export async function serverOnSmallDisk(megabytes: number): Promise<SmallDiskServer> {
	const mountPoint = mkdtempSync(join(tmpdir(), 'taskyard-small-disk-'))
	const child = spawn('unshare', ['--user', '--map-root-user', '--mount', process.execPath, program, mountPoint, String(megabytes)], {
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
	})
	const lines: string[] = []
	const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
	let answer = Promise.withResolvers<FromSmallDisk>()
	child.on('message', (message) => {
		const said = message as FromSmallDisk
		if (said.type === 'line') lines.push(said.line)
		else answer.resolve(said)
	})
	child.once('exit', () =>
		answer.reject(new Error(`The server on a small disk has ended. It needs \`unshare\` and user namespaces.\n${lines.join('\n')}`)),
	)
	const first = await answer.promise
	if (first.type !== 'ready') throw new Error(`The server on a small disk has said ${first.type} before it was ready.`)

	async function ask(type: 'fill' | 'free'): Promise<void> {
		answer = Promise.withResolvers()
		child.send({ type } satisfies ToSmallDisk)
		await answer.promise
	}

	await prepareDatabase(first.url)
	return {
		url: first.url,
		pid: first.pid,
		dataDirectory: join(mountPoint, 'data'),
		lines,
		fill: () => ask('fill'),
		free: () => ask('free'),
		async remove() {
			child.send({ type: 'stop' } satisfies ToSmallDisk)
			await ended
			rmSync(mountPoint, { recursive: true, force: true })
		},
	}
}
