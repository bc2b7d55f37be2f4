/** A shell script that records its task, against a server. */

import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { openTestServer, type TestServer } from '@taskyard/server/testing/openTestServer'
import { connect } from '@taskyard/testkit/client'
import { useDatabase } from '@taskyard/testkit/database'
import { sampleTasks } from '@taskyard/testkit/sampleTasks'
import { useTaskyard } from '@taskyard/testkit/taskyard'
import { waitFor } from '@taskyard/testkit/waitFor'
import { describe, expect, onTestFinished, test } from 'vitest'

const database = useDatabase()
const taskyard = useTaskyard({ tasks: sampleTasks })
const main = fileURLToPath(new URL('../main.ts', import.meta.url))

interface Ended {
	readonly shown: string
	readonly said: string
	readonly exit: number | null
}

function run(server: string, command: string, parameters: readonly string[], more: NodeJS.ProcessEnv = {}) {
	const child = spawn(command, parameters, { env: { ...process.env, TASKYARD_SERVER: server, NO_COLOR: '1', ...more } })
	onTestFinished(() => void child.kill('SIGKILL'))
	const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
	const ended = async (): Promise<Ended> => {
		const [shown, said] = await Promise.all([text(child.stdout), text(child.stderr)])
		return { shown, said, exit: await exit }
	}
	return { stdin: child.stdin, ended: ended() }
}

async function ended(server: TestServer, ...parameters: string[]): Promise<Ended> {
	const { stdin, ended: end } = run(server.url, process.execPath, [main, 'task', ...parameters])
	stdin.end()
	return end
}

async function opened(server: TestServer, ...parameters: string[]): Promise<string> {
	const { shown, said, exit } = await ended(server, 'open', ...parameters)
	expect({ said, exit }).toEqual({ said: '', exit: 0 })
	return shown.trim()
}

async function seen(server: TestServer, id: string) {
	const { data } = await server.ask(
		'query ($id: ID!) { task(id: $id) { label name state result progress input output error { message code } links { type id } externalIds { value } } }',
		{ id },
	)
	return data?.task
}

async function log(id: string): Promise<string[]> {
	const { rows } = await database.pool.query<{ text: string }>('select text from log_chunk where task_id = $1 order by first_line', [id])
	return rows.flatMap((row) => row.text.split('\n'))
}

describe('a recorded task', () => {
	test('is opened, reported on and closed', async () => {
		const server = await openTestServer(database.url)
		const id = await opened(server, 'Nightly::Export', '--name', 'Export', '-i', 'day=today', '--silence', '600', '--link', 'Host:web')
		expect(
			await ended(
				server,
				'report',
				id,
				'--progress',
				'1/2',
				'--line',
				'one',
				'--line',
				'two',
				'--link',
				'File:/srv/a',
				'--external-id',
				'job 7',
			),
		).toEqual({
			shown: '',
			said: '',
			exit: 0,
		})
		expect(await seen(server, id)).toMatchObject({
			name: 'Export',
			state: 'running',
			progress: 0.5,
			externalIds: [{ value: 'job 7' }],
			input: '{"day":"today"}',
			links: expect.arrayContaining([
				{ type: 'Host', id: 'web' },
				{ type: 'File', id: '/srv/a' },
			]),
		})
		expect(await ended(server, 'close', id, '--output', '{"files": 2}', '--line', 'three')).toEqual({ shown: '', said: '', exit: 0 })
		expect(await seen(server, id)).toMatchObject({ state: 'stopped', result: 'success', output: '{"files": 2}' })
		expect(await log(id)).toEqual(['one', 'two', 'three'])
		expect(await ended(server, 'report', id, '--progress', '100%')).toMatchObject({ exit: 5, said: expect.stringMatching(/has stopped/) })
	})

	test('ends with an error that says why', async () => {
		const server = await openTestServer(database.url)
		const id = await opened(server, 'Nightly::Export')
		expect((await ended(server, 'close', id, '--error', 'no room', '--code', 'no_space')).exit).toBe(0)
		expect(await seen(server, id)).toMatchObject({ result: 'error', error: { message: 'no room', code: 'no_space' } })
	})

	test('its log is what comes by standard input, while it comes', async () => {
		const server = await openTestServer(database.url)
		const id = await opened(server, 'Nightly::Export')
		const report = run(server.url, process.execPath, [main, 'task', 'report', id, '--log'])
		report.stdin.write('first\n')
		await waitFor('the first line', async () => (await log(id)).length === 1)
		report.stdin.end('second\nthird')
		expect(await report.ended).toEqual({ shown: '', said: '', exit: 0 })
		expect(await log(id)).toEqual(['first', 'second', 'third'])
	})

	test('with a key it is opened once', async () => {
		const server = await openTestServer(database.url)
		const open = () => opened(server, 'Nightly::Export', '--key', 'export of today')
		expect(await open()).toBe(await open())
	})
})

test.each([
	[['open'], /missing required argument 'label'/],
	[['open', 'Nightly::Export', '--silence', 'long'], /expected seconds/],
	[['open', 'Nightly::Export', '--link', 'web'], /such as Host:web/],
	[['open', 'Nightly::Export', '--input', '{'], /--input is no JSON/],
	[['report', 'x', '--progress', 'half'], /expected how much is done/],
	[['report', 'nothing', '--progress', '0.5'], /There is no task nothing/],
	[['close', 'nothing', 'well'], /Allowed choices are success, warning, error, cancelled/],
	[['close', 'nothing', '--output', 'done'], /--output is no JSON: .*A text needs quotes/],
	[['event', 'nothing', '0', 'go'], /counted from 1/],
	[['event', 'nothing', '1', 'go', '--output', '1', '--error', 'no'], /exclude each other/],
	[['event', 'nothing', '1', 'go', '--payload', '{}'], /There is no task nothing/],
])('%j is refused, with 5', async (parameters, message) => {
	const server = await openTestServer(database.url)
	const { shown, said, exit } = await ended(server, ...parameters)
	expect(said).toMatch(message)
	expect({ shown, exit }).toEqual({ shown: '', exit: 5 })
})

describe('an event', () => {
	test('wakes a step, or ends it, and counts once', async () => {
		const server = await openTestServer(taskyard.url)
		const client = connect({ url: server.url })
		const { id } = await client.start('Sample::Elsewhere', {})
		expect(await ended(server, 'event', id, '1', 'paid', '--payload', '{"amount": 5}', '--id', 'one')).toEqual({
			shown: '',
			said: '',
			exit: 0,
		})
		expect(await client.ended(id)).toEqual({ event: 'paid', payload: { amount: 5 } })
		expect(await ended(server, 'event', id, '1', 'paid', '--payload', '{"amount": 5}', '--id', 'one')).toMatchObject({
			said: expect.stringMatching(/sent before/),
			exit: 0,
		})
		const other = (await client.start('Sample::Elsewhere', {})).id
		const sent = await ended(server, 'event', other, '1', 'done', '--output', '{"event":"none","payload":7}', '--json')
		expect(JSON.parse(sent.shown)).toEqual({ task: other, repeated: false })
		expect(await client.ended(other)).toEqual({ event: 'none', payload: 7 })
		const failing = (await client.start('Sample::Elsewhere', {})).id
		expect((await ended(server, 'event', failing, '1', 'failed', '--error', 'no room')).exit).toBe(0)
		await expect(client.ended(failing)).rejects.toThrow(/no room/)
	})
})

describe('the script of the README', () => {
	const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8')
	const [, script = ''] = /```sh\n(#!\/bin\/sh\n[^`]*?taskyard task open[^`]*?)```/.exec(readme) ?? []

	function place() {
		const folder = mkdtempSync(join(tmpdir(), 'taskyard-script-'))
		onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
		// What `npx taskyard` runs is built; here it is the source.
		const npx = join(folder, 'npx')
		writeFileSync(npx, `#!/bin/sh\nshift\nexec "${process.execPath}" "${main}" "$@"\n`)
		writeFileSync(join(folder, 'export.sh'), script)
		for (const file of [npx, join(folder, 'export.sh')]) chmodSync(file, 0o755)
		for (const name of ['one', 'two']) mkdirSync(join(folder, name))
		return {
			folder,
			run: (server: TestServer, ...names: string[]) =>
				run(
					server.url,
					join(folder, 'export.sh'),
					names.map((name) => join(folder, name)),
					{ PATH: `${folder}:${process.env['PATH']}` },
				),
		}
	}

	async function newest(server: TestServer): Promise<string> {
		const { data } = await server.ask('{ tasks(first: 1) { tasks { id } } }')
		const { tasks } = (data ?? {}) as { tasks?: { tasks: { id: string }[] } }
		return tasks?.tasks[0]?.id ?? ''
	}

	test('has ten lines', () => {
		expect(script.trim().split('\n')).toHaveLength(10)
	})

	test('records what it does', async () => {
		const server = await openTestServer(database.url)
		const { stdin, ended: end } = place().run(server, 'one', 'two')
		stdin.end()
		expect(await end).toMatchObject({ said: '', exit: 0 })
		const id = await newest(server)
		expect(await seen(server, id)).toMatchObject({ state: 'stopped', result: 'success', progress: 1 })
		expect(await log(id)).toHaveLength(2)
	})

	test('says what went wrong', async () => {
		const server = await openTestServer(database.url)
		const { stdin, ended: end } = place().run(server, 'one', 'missing')
		stdin.end()
		expect((await end).exit).toBe(1)
		expect(await seen(server, await newest(server))).toMatchObject({
			result: 'error',
			error: { message: expect.stringContaining('missing') },
		})
	})
})
