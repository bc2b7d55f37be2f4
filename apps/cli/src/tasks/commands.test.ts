/** The commands as a shell runs them, against a server and a worker. */

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { openTestServer, type TestServer } from '@taskyard/server/testing/openTestServer'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { CommandFailure } from '../commandFailure.ts'
import { readAddress } from '../server/address.ts'
import { openScreen } from '../terminal/screen.ts'
import { watchTask } from './watchTask.ts'

const database = useDatabase()
const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'taskyard-cli-'))
const gate = (name: string): string => join(directory, name)
const open = (name: string, content = '') => writeFileSync(gate(name), content)
/** A command that goes on when the test opens its gate. */
const waits = (name: string, then = 'echo opened'): string => `echo waiting; until [ -e ${gate(name)} ]; do sleep 0.02; done; ${then}`

let worker: ChildProcess

beforeAll(async () => {
	worker = spawn(process.execPath, [fileURLToPath(import.meta.resolve('@taskyard/worker/main'))], {
		env: {
			...process.env,
			DATABASE_URL: database.url,
			LOG_LEVEL: 'warn',
			LOG_FORMAT: 'human',
			WORKER_CHILDREN: '1',
		},
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
	})
	await waitFor('the worker to offer its task types', async () => {
		const { rowCount } = await database.pool.query(`select from task_type where label = 'Command::Run'`)
		return (rowCount ?? 0) > 0
	})
})

afterAll(async () => {
	const ended = new Promise((resolve) => worker.once('exit', resolve))
	worker.kill('SIGTERM')
	await ended
	rmSync(directory, { recursive: true, force: true })
})

interface Run {
	readonly output: Promise<string>
	readonly errors: Promise<string>
	readonly code: Promise<number | null>
	/** What was written to standard output until now. */
	readonly soFar: () => string
	readonly signal: (signal: NodeJS.Signals) => void
}

function run(server: string, parameters: readonly string[], input = ''): Run {
	const child = spawn(process.execPath, [main, 'tasks', ...parameters], {
		env: { ...process.env, TASKYARD_SERVER: server, NO_COLOR: '1' },
		stdio: ['pipe', 'pipe', 'pipe'],
	})
	onTestFinished(() => void child.kill('SIGKILL'))
	child.stdin.end(input)
	let written = ''
	child.stdout.on('data', (data) => {
		written += String(data)
	})
	const [output, errors] = [text(child.stdout), text(child.stderr)]
	return {
		output,
		errors,
		code: new Promise((resolve) => child.once('close', resolve)),
		soFar: () => written,
		signal: (signal) => void child.kill(signal),
	}
}

async function ended(server: string, ...parameters: string[]) {
	const { output, errors, code } = run(server, parameters)
	const [shown, said, exit] = await Promise.all([output, errors, code])
	return { shown, said, exit }
}

/** Starts a command and answers its id. */
async function started(server: TestServer, command: string): Promise<string> {
	const { shown, said, exit } = await ended(server.url, 'start', 'Command::Run', '-i', `command=${command}`)
	expect({ said, exit }).toEqual({ said: '', exit: 0 })
	return shown.trim()
}

const without = (time: string): string => time.replace(/^\d\d:\d\d:\d\d /gm, '').replace(/after \d+\.\d s/g, 'after a while')

describe('start --watch', () => {
	test('tells what happens, with the log, and ends with 0', async () => {
		const server = await openTestServer(database.url)
		const watched = run(server.url, ['start', 'Command::Run', '--input', '@-', '--watch'], JSON.stringify({ command: waits('happens') }))
		await waitFor('the log of the running command', () => watched.soFar().includes('| waiting'))
		open('happens')
		expect(await watched.code).toBe(0)
		const lines = without(await watched.output)
			.trimEnd()
			.split('\n')
		expect(lines[0]).toMatch(/^ Run .* \(Command::Run\), task [0-9a-f-]{36}$/)
		expect(lines.slice(-5)).toEqual([
			'   Run: running',
			'| waiting',
			'| opened',
			'   Run: done after a while',
			' stopped: success after a while',
		])
	})

	test('as JSON, an object a line', async () => {
		const server = await openTestServer(database.url)
		const { shown, exit } = await ended(server.url, 'start', 'Command::Run', '-i', 'command=echo 1 && echo 2 >&2', '--watch', '--json')
		const events = shown
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as Record<string, unknown>)
		expect(exit).toBe(0)
		expect(events[0]).toMatchObject({ event: 'watched', label: 'Command::Run' })
		expect(events.filter(({ event }) => event === 'log')).toMatchObject([
			{ name: 'Run', step: 0, line: 1, stream: 'stdout', text: '1' },
			{ name: 'Run', step: 0, line: 2, stream: 'stderr', text: '2' },
		])
		expect(events.at(-1)).toMatchObject({ event: 'task', state: 'stopped', result: 'success' })
	})

	test('a task that fails pauses: --until-paused ends with 1, a resume leads to 2', async () => {
		const server = await openTestServer(database.url)
		const command = `echo looking; test -e ${gate('created')}`
		const paused = await ended(server.url, 'start', 'Command::Run', '-i', `command=${command}`, '--watch', '--until-paused')
		expect(paused.exit).toBe(1)
		expect(without(paused.shown)).toMatch(/\| looking\n {3}Run: failed after a while: .*exit code 1.*\n paused: Run failed\n$/)
		const id = / task (\S+)/.exec(paused.shown)?.[1] ?? ''
		expect(paused.said).toContain(`taskyard tasks resume ${id}`)

		expect((await ended(server.url, 'show', id)).shown).toMatch(/ paused {2}\?error .*\(Run: The command .* exit code 1/)
		const whole = JSON.parse((await ended(server.url, 'show', '--json', id)).shown) as object[]
		expect(whole).toMatchObject([
			{ id, state: 'paused', input: { command }, steps: [{ state: 'error', error: { code: expect.any(String) } }] },
		])

		const watched = run(server.url, ['watch', id])
		await waitFor('the pause to be told', () => watched.soFar().includes('paused'))
		open('created')
		const resumed = await ended(server.url, 'resume', id, '--why', 'it is there now')
		expect(resumed.exit).toBe(0)
		expect(resumed.shown).toMatch(new RegExp(`^${id} .*Command::Run`))
		expect(await watched.code).toBe(2)
		const { rowCount } = await database.pool.query('select from event where task_id = $1 and who is not null and why = $2', [
			id,
			'it is there now',
		])
		expect(rowCount).toBeGreaterThan(0)
	})

	test('Ctrl-C ends the watching, not the task', async () => {
		const server = await openTestServer(database.url)
		const id = await started(server, waits('left'))
		const watched = run(server.url, ['watch', id])
		await waitFor('the log', () => watched.soFar().includes('| waiting'))
		watched.signal('SIGINT')
		expect(await watched.code).toBe(130)
		expect(await watched.errors).toContain(`the task goes on. Cancel it: taskyard tasks cancel ${id}`)
		open('left')
		expect((await ended(server.url, 'watch', id)).exit).toBe(0)
	})
})

test('cancel: the watcher ends with 3, and a second cancel changes nothing', async () => {
	const server = await openTestServer(database.url)
	const id = await started(server, waits('never'))
	const watched = run(server.url, ['watch', id, '--no-log'])
	await waitFor('the step to run', () => watched.soFar().includes('Run: running'))
	expect((await ended(server.url, 'cancel', id)).exit).toBe(0)
	expect(await watched.code).toBe(3)
	expect(without(await watched.output)).toMatch(/ stopped: cancelled after a while\n$/)
	expect(await watched.output).not.toContain('| waiting')
	// Asked twice is asked once.
	expect(await ended(server.url, 'cancel', id)).toMatchObject({ shown: expect.stringMatching(/ stopped {2}cancelled /), exit: 0 })
})

test('list: newest first, one line a task, or JSON', async () => {
	const server = await openTestServer(database.url)
	const [first, second] = [await started(server, 'true'), await started(server, 'echo "two\nlines"')]
	await ended(server.url, 'watch', second)
	const { shown } = await ended(server.url, 'list', '--first', '2')
	expect(shown.split('\n').map((line) => line.slice(0, 36))).toEqual([second, first, ''])
	expect(shown).toMatch(/ stopped {2}success {2}100 % .* Command::Run {2}Run echo/)
	const listed = JSON.parse((await ended(server.url, 'list', '-n', '1', '--json')).shown) as object[]
	expect(listed).toMatchObject([{ id: second, state: 'stopped', result: 'success' }])
})

test('start says which task counts when none was made, and takes a queue and a priority', async () => {
	const server = await openTestServer(database.url)
	await database.pool.query(
		`insert into task_type (label, version, definition) select 'Sample::Once', 1, (definition::jsonb || $1)::json from task_type where label = 'Command::Run'`,
		[JSON.stringify({ label: 'Sample::Once', name: 'Once', duplicates: { key: '{command}', policy: 'discard' } })],
	)
	const start = (...more: string[]) => ended(server.url, 'start', 'Sample::Once', '-i', 'command=true', ...more)
	const first = await start('--queue', 'nobody', '--priority', '-7')
	expect(first.said).toBe('')
	const id = first.shown.trim()
	const { rows } = await database.pool.query('select queue, priority from task where id = $1', [id])
	expect(rows).toEqual([{ queue: 'nobody', priority: -7 }])
	expect(await start()).toMatchObject({
		shown: `${id}\n`,
		said: `No task was started: "Once" (${id}) has the same duplicate key, is pending, and counts.\n`,
		exit: 0,
	})
	expect(JSON.parse((await start('--json')).shown)).toMatchObject({ id, discarded: true })
	expect((await start('--priority', '11')).said).toMatch(/expected a whole number from -10 to 10/)
	expect((await start('--queue', ' ')).said).toMatch(/cannot be the name of a queue/)
})

test('the same --id is the same task', async () => {
	const server = await openTestServer(database.url)
	const id = await started(server, 'true')
	expect((await ended(server.url, 'start', 'Command::Run', '-i', 'command=true', '--id', id)).shown.trim()).toBe(id)
	expect(await ended(server.url, 'start', 'Command::Run', '-i', 'command=false', '--id', id)).toMatchObject({
		exit: 5,
		said: expect.stringContaining('another one'),
	})
})

describe('what is done with tasks', () => {
	test('a failed step is skipped, the history says so, and the task is run again and deleted', async () => {
		const server = await openTestServer(database.url)
		const id = await started(server, 'false')
		expect((await ended(server.url, 'watch', id, '--until-paused')).exit).toBe(1)
		expect((await ended(server.url, 'retry-step', id, '2')).said).toMatch(/no step/)
		expect((await ended(server.url, 'skip-step', id, '1', '--why', 'not needed')).exit).toBe(0)
		expect((await ended(server.url, 'watch', id)).exit).toBe(2)
		const { shown: history } = await ended(server.url, 'history', id)
		expect(history).toMatch(/ ann {2}skip step 1 Run {2}\(not needed\)$/m)
		expect(history).toMatch(/ step 1 Run running → error .*exit code 1/)
		const again = (await ended(server.url, 'rerun', id)).shown.slice(0, 36)
		expect(again).not.toBe(id)
		expect((await ended(server.url, 'watch', again, '--until-paused')).exit).toBe(1)
		expect((await ended(server.url, 'delete', id)).shown).toBe(`${id}  deleted\n`)
		expect(await ended(server.url, 'history', id)).toMatchObject({ exit: 0, said: expect.stringMatching(/was deleted .* by ann/) })
		expect((await ended(server.url, 'delete', again)).said).toMatch(/Only a task that has stopped can be deleted/)
	})

	test('an unlock is off, then told, then done', async () => {
		const server = await openTestServer(database.url)
		const id = await started(server, 'false')
		await ended(server.url, 'watch', id, '--until-paused')
		expect(await ended(server.url, 'unlock', id, '--yes')).toMatchObject({ exit: 5, said: expect.stringContaining('switched off') })
		expect(await settings(server, 'dangerous_actions', 'on')).toBe('dangerous_actions  on\n')
		expect(await ended(server.url, 'unlock', id)).toMatchObject({ exit: 5, said: expect.stringContaining('repeat the command with --yes') })
		expect((await ended(server.url, 'unlock', id, '--yes')).shown).toMatch(/ stopped {2}error /)
		expect(await settings(server, 'dangerous_actions', 'off')).toBe('dangerous_actions  off\n')
	})

	test('a task waits for another and for a time, and a dry run stores nothing', async () => {
		const server = await openTestServer(database.url)
		const first = await started(server, waits('first'))
		const second = (await ended(server.url, 'start', 'Command::Run', '-i', 'command=true', '--after', first)).shown.trim()
		expect((await ended(server.url, 'show', second)).shown).toMatch(/ scheduled .*\(Waits for task /)
		open('first')
		expect((await ended(server.url, 'watch', second)).exit).toBe(0)
		const later = (await ended(server.url, 'start', 'Command::Run', '-i', 'command=true', '--at', '2999-01-01T00:00Z')).shown.trim()
		expect((await ended(server.url, 'show', later)).shown).toMatch(/Waits for its start time, 2999-01-01/)
		expect((await ended(server.url, 'start', 'Command::Run', '-i', 'command=true', '--at', 'soon')).said).toMatch(/expected a time such as/)
		const planned = await ended(server.url, 'start', 'Command::Run', '-i', 'command=date', '--dry-run')
		expect(planned.shown).toBe('Run date\n  1  Run (Command::Run)\n')
		const { rows } = await database.pool.query(`select from task where name = 'Run date'`)
		expect(rows).toHaveLength(0)
	})
})

describe('what is done with many tasks', () => {
	test('is a task, and tells what was not done', async () => {
		const server = await openTestServer(database.url)
		const waiting = (await ended(server.url, 'start', 'Command::Run', '-i', 'command=date', '--at', '2999-01-01T00:00Z')).shown.trim()
		const over = await started(server, 'true')
		await ended(server.url, 'watch', over)
		const bulk = await ended(server.url, 'bulk', 'cancel', waiting, over, '--why', 'not needed', '--watch')
		expect(bulk.said).toMatch(new RegExp(`^${over}  refused  .*already stopped`, 'm'))
		expect(bulk.said).not.toContain(waiting)
		expect((await ended(server.url, 'history', waiting)).shown).toMatch(/ ann {2}cancel {2}\(not needed\)$/m)
		const read = run(server.url, ['bulk', 'rerun', '-'], `${over}\n`)
		const id = (await read.output).trim()
		expect(await read.code).toBe(0)
		await ended(server.url, 'watch', id)
		expect((await ended(server.url, 'bulk-items', id)).shown).toMatch(new RegExp(`^${over}  done  → [0-9a-f-]{36}\n$`))
		expect(JSON.parse((await ended(server.url, 'bulk-items', id, '--outcome', 'refused', '--json')).shown)).toEqual([])
		expect(await ended(server.url, 'bulk-again', id)).toMatchObject({ exit: 5, said: expect.stringMatching(/nothing to do again/) })
		expect(await ended(server.url, 'bulk', 'cancel', 'nothing')).toMatchObject({
			exit: 5,
			said: expect.stringMatching(/is no id of a task/),
		})
	})
})

async function settings(server: TestServer, ...parameters: string[]): Promise<string> {
	const child = spawn(process.execPath, [main, 'settings', ...parameters], { env: { ...process.env, TASKYARD_SERVER: server.url } })
	return text(child.stdout)
}

describe('refused, with 5:', () => {
	test.each([
		[['start', 'No::Such'], /There is no task type "No::Such"\. Known are .*Command::Run/],
		[['start', 'Command::Run'], /The input does not fit Command::Run: \/command /],
		[['start', 'Command::Run', '--input', '{'], /--input is no JSON/],
		[['start', 'Command::Run', '--id', 'x'], /"x" is no UUIDv7/],
		[['watch', 'nothing'], /There is no task nothing at http/],
		[['show', 'nothing'], /There is no task nothing at http/],
		[['resume', 'nothing'], /There is no task nothing/],
		[['list', '--first', '0'], /expected a whole number/],
		[['bogus'], /unknown command 'bogus'/],
	])('%s', async (parameters, message) => {
		const server = await openTestServer(database.url)
		const { shown, said, exit } = await ended(server.url, ...parameters)
		expect(said).toMatch(message)
		expect({ shown, exit }).toEqual({ shown: '', exit: 5 })
	})
})

describe('the connection', () => {
	test('without a server every command ends with 4 and says what to do', async () => {
		const server = await openTestServer(database.url)
		await server.close()
		const { said, exit } = await ended(server.url, 'list')
		expect(said).toBe(
			`${server.url} does not answer (ECONNREFUSED). Is Taskyard started there? Start it with \`npm start\`, or name another server with --server URL or TASKYARD_SERVER.\n`,
		)
		expect(exit).toBe(4)
	})

	test('a watch goes on when the server comes back', async () => {
		const server = await openTestServer(database.url)
		const id = await started(server, waits('back'))
		const watched = run(server.url, ['watch', id])
		await waitFor('the log', () => watched.soFar().includes('| waiting'))
		await server.close()
		open('back')
		await openTestServer(database.url, { port: server.port })
		expect(await watched.code).toBe(0)
		expect((await watched.output).match(/\| \w+$/gm)).toEqual(['| waiting', '| opened'])
		expect(await watched.errors).toMatch(/^The connection to .* broke .*\nThe connection is back\.\n$/)
	})

	test('a watch ends with 4 when it stays away', async () => {
		const server = await openTestServer(database.url)
		const id = await started(server, waits('away'))
		let written = ''
		const output = { write: (part: string) => void (written += part) }
		const watched = watchTask(
			readAddress(server.url),
			id,
			{ untilPaused: false, log: true, fromStart: false, json: false, patience: 3000 },
			openScreen(output, output),
		).then(
			() => null,
			(error: unknown) => error as CommandFailure,
		)
		await waitFor('the log', () => written.includes('| waiting'))
		await server.close()
		const failure = await watched
		expect(failure).toBeInstanceOf(CommandFailure)
		expect(failure?.exitCode).toBe(4)
		expect(failure?.message).toMatch(
			/was lost and did not come back within 3 s .* The task goes on by itself; watch it again with `taskyard tasks watch/,
		)
		open('away')
	})
})
