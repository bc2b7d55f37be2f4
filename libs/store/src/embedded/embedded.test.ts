import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connectionOptions } from '../connection.ts'
import { type EmbeddedServer, removeEmbedded, startEmbedded } from './embedded.ts'
import { removeStalePostmasterFile, runningPostmaster } from './postmaster.ts'
import { socketDirectory } from './socket.ts'

let home = ''
const servers: EmbeddedServer[] = []
const children: ChildProcess[] = []

beforeAll(() => {
	home = mkdtempSync(path.join(os.tmpdir(), 'taskyard-embedded-'))
})

afterEach(async () => {
	for (const child of children.splice(0)) child.kill('SIGKILL')
	for (const server of servers.splice(0)) await server.stop()
})

afterAll(async () => {
	for (const name of readdirSync(home)) {
		const directory = path.join(home, name)
		if (name.endsWith('.log')) continue
		await until(() => runningPostmaster(directory) === undefined)
		rmSync(socketDirectory(directory), { recursive: true, force: true })
	}
	rmSync(home, { recursive: true, force: true })
})

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
	for (const begun = performance.now(); !(await condition()); await delay(10)) {
		if (performance.now() - begun > 30_000) throw new Error(`Waited 30 s for ${condition}`)
	}
}

async function start(name: string, log: string[] = [], durability: 'production' | 'test' = 'test'): Promise<EmbeddedServer> {
	const server = await startEmbedded({ dataDirectory: path.join(home, name), durability, log: (line) => log.push(line) })
	servers.push(server)
	return server
}

// A process of its own, which starts the server, says how it went, and stays.
const starter = `
	import { startEmbedded } from ${JSON.stringify(new URL('embedded.ts', import.meta.url).href)}
	const server = await startEmbedded({ dataDirectory: process.argv[1], durability: 'test', log: () => {} })
	console.log(JSON.stringify({ pid: server.pid, wasRunning: server.wasRunning }))
	setInterval(() => {}, 60_000)
`

async function startElsewhere(name: string): Promise<{ child: ChildProcess; pid: number; wasRunning: boolean }> {
	const child = spawn(process.execPath, ['--input-type=module', '--eval', starter, path.join(home, name)], {
		stdio: ['ignore', 'pipe', 'inherit'],
	})
	children.push(child)
	const [line] = await once(createInterface(child.stdout), 'line')
	return { child, ...JSON.parse(String(line)) }
}

async function ask<T>(url: string, statement: string): Promise<T> {
	const [row] = await run<{ answer: T }>(url, statement)
	if (!row) throw new Error(`no row from ${statement}`)
	return row.answer
}

async function run<Row extends pg.QueryResultRow>(url: string, statement: string): Promise<Row[]> {
	const client = new pg.Client(connectionOptions(url))
	client.on('error', () => {})
	await client.connect()
	try {
		const { rows } = await client.query<Row>(statement)
		return rows
	} finally {
		await client.end()
	}
}

describe('startEmbedded', () => {
	test('makes a database, stops it, and finds the data at the next start', async () => {
		const server = await start('plain')
		expect(server.wasRunning).toBe(false)
		expect(await ask(server.url, 'select current_database() as answer')).toBe('taskyard')
		expect(await ask(server.url, "select current_setting('max_connections') as answer")).toBe('200')
		expect(await ask(server.url, 'select count(*)::int as answer from pg_stat_statements')).toBeTypeOf('number')
		await run(server.url, 'create table kept as select 42 as answer')
		await server.stop()
		expect(runningPostmaster(path.join(home, 'plain'))).toBeUndefined()

		const again = await start('plain')
		expect(await ask(again.url, 'select answer from kept')).toBe(42)
		await again.stop()
	})

	test('the sorting is by code point, whatever the system says', async () => {
		const server = await start('plain')
		expect(await ask(server.url, "select string_agg(c, '' order by c) as answer from unnest(array['b', 'ä', 'a', 'B', 'Z']) c")).toBe(
			'BZabä',
		)
		expect(await ask(server.url, "select upper('ärger') as answer")).toBe('ÄRGER')
	})

	test('a second one attaches, and leaves the server running when it stops', async () => {
		const first = await start('plain')
		const second = await start('plain')
		expect(second.wasRunning).toBe(true)
		expect(second.pid).toBe(first.pid)
		expect(second.url).toBe(first.url)
		await second.stop()
		expect(await ask(first.url, 'select 1 as answer')).toBe(1)
	})

	test('four processes race on a fresh directory: one owner, and all are served', async () => {
		const started = await Promise.all([1, 2, 3, 4].map(() => startElsewhere('raced')))
		expect(started.filter((one) => !one.wasRunning)).toHaveLength(1)
		expect(new Set(started.map((one) => one.pid)).size).toBe(1)
		expect(readdirSync(home).filter((name) => name.includes('.init-'))).toEqual([])
	})

	test('after kill -9 it is started again, with everything that was committed', async () => {
		const log: string[] = []
		const server = await start('killed', log, 'production')
		await run(server.url, 'create table kept as select 7 as answer')
		const before = server.pid
		process.kill(before, 'SIGKILL')
		await until(async () => server.pid !== before && (await ask(server.url, 'select 1 as answer').catch(() => 0)) === 1)
		expect(await ask(server.url, 'select answer from kept')).toBe(7)
		expect(log.join('\n')).toMatch(/ended \(SIGKILL\); starting it again/)
	})

	test('it ends with the process that started it, and who was attached takes over', async () => {
		const owner = await startElsewhere('orphaned')
		const log: string[] = []
		const attached = await start('orphaned', log)
		expect(attached.wasRunning).toBe(true)
		owner.child.kill('SIGKILL')
		await until(() => attached.pid !== owner.pid)
		expect(await ask(attached.url, 'select 1 as answer')).toBe(1)
		expect(log.join('\n')).toMatch(/together with the process that started it/)
	})

	test('what it says when PostgreSQL refuses to start', async () => {
		const attempt = startEmbedded({
			dataDirectory: path.join(home, 'refused'),
			durability: 'test',
			log: () => {},
			settings: { shared_buffers: 'much' },
		})
		await expect(attempt).rejects.toThrow(/did not start \(code 1\).*refused\.log:[^]*shared_buffers/)
	})

	test('removeEmbedded refuses a running server and removes the files of a stopped one', async () => {
		const server = await start('removed')
		const directory = path.join(home, 'removed')
		expect(() => removeEmbedded(directory)).toThrow(/still runs/)
		await server.stop()
		removeEmbedded(directory)
		expect([directory, `${directory}.log`, socketDirectory(directory)].filter(existsSync)).toEqual([])
	})
})

describe('a stale postmaster.pid', () => {
	const fake = (name: string, content: string) => {
		const directory = path.join(home, name)
		mkdirSync(directory)
		const file = path.join(directory, 'postmaster.pid')
		writeFileSync(file, content)
		return { directory, file }
	}

	test('of another program is removed', () => {
		const { directory, file } = fake('foreign', `${process.pid}\n/somewhere\n0\n5432\n`)
		expect(runningPostmaster(directory)).toBeUndefined()
		expect(removeStalePostmasterFile(directory)).toBe(`process ${process.pid} is another program`)
		expect(existsSync(file)).toBe(false)
	})

	test('that is empty is removed when it is not quite new', () => {
		const { directory, file } = fake('empty', '')
		expect(removeStalePostmasterFile(directory)).toBeUndefined()
		utimesSync(file, 1, 1)
		expect(removeStalePostmasterFile(directory)).toBe('it is empty')
	})

	test('of a process that is gone is left to PostgreSQL', () => {
		const { directory, file } = fake('gone', `4194000\n/somewhere\n0\n5432\n`)
		expect(removeStalePostmasterFile(directory)).toBeUndefined()
		expect(existsSync(file)).toBe(true)
	})
})
