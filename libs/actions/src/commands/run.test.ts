import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { MemoryOptions, MemoryRun } from '@taskyard/sdk/memoryRun'
import { endProcessGroup, isGroupAlive } from '@taskyard/sdk/processGroup'
import { runInMemory } from '@taskyard/sdk/runInMemory'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type CommandInput, runCommand } from './run.ts'

let folder = ''
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'taskyard-command-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function execute(input: CommandInput, options?: MemoryOptions): Promise<MemoryRun> {
	return runInMemory(runCommand, input, options)
}

const linesOf = (run: MemoryRun, stream: string) => run.log.filter((entry) => entry.stream === stream).map(({ line }) => line)

describe('a command', () => {
	test('writes its lines to the log, and its exit code is the output', async () => {
		const run = await execute({ command: `sh -c 'echo one; echo two >&2; printf three'` })
		expect(run).toMatchObject({
			result: 'success',
			output: { exitCode: 0, signal: null },
			name: `Run sh -c 'echo one; echo two >&2; printf three'`,
		})
		expect(linesOf(run, 'stdout')).toEqual(['one', 'three'])
		expect(linesOf(run, 'stderr')).toEqual(['two'])
	})

	test('runs without a shell, and says which characters have no meaning then', async () => {
		const run = await execute({ command: 'echo $HOME * "a  b"' })
		expect(linesOf(run, 'stdout')).toEqual(['$HOME * a  b'])
		expect(linesOf(run, 'log')).toEqual([expect.stringContaining('ordinary characters: $ *')])
	})

	test.each([
		['echo b a | tr " " "\\n" | sort', ['a', 'b']],
		['true && echo yes', ['yes']],
		['x=1; echo $x', ['1']],
	])('%s runs in a shell', async (command, lines) => {
		expect(linesOf(await execute({ command }), 'stdout')).toEqual(lines)
	})

	test('runs in its directory with its environment, and inherits no secret', async () => {
		vi.stubEnv('DATABASE_URL', 'postgres://secret')
		const run = await execute(
			{ command: 'pwd && env', cwd: folder, environment: { GREETING: 'hello  "you"', TASKYARD_GATE: 'mine' } },
			{ id: 'task-7' },
		)
		vi.unstubAllEnvs()
		const lines = linesOf(run, 'stdout')
		expect(lines[0]).toBe(folder)
		expect(lines).toEqual(
			expect.arrayContaining(['GREETING=hello  "you"', 'TASKYARD_TASK=task-7', 'TASKYARD_STEP=0', 'TASKYARD_ATTEMPT=1']),
		)
		expect(lines.join('\n')).not.toContain('secret')
	})

	test('may write much while the log is slow: no line is lost, all stay in order', async () => {
		const lines: string[] = []
		const slowly = () => ({
			log: async (line: string) => {
				lines.push(line)
				if (lines.length % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
			},
		})
		await execute({ command: 'seq 1 30000' }, { context: slowly })
		expect(lines).toEqual(Array.from({ length: 30_000 }, (_, index) => String(index + 1)))
	})

	test('waits at its pipe while the log has no room', async () => {
		const counter = join(folder, 'counter')
		const room = Promise.withResolvers<void>()
		let logged = 0
		const blocked = () => ({
			log: async () => {
				logged++
				await room.promise
			},
		})
		const line = 'x'.repeat(1000)
		const running = execute(
			{ command: `i=0; while [ $i -lt 2000 ]; do echo ${line}; i=$((i+1)); echo $i > ${counter}; done` },
			{ context: blocked },
		)
		// The pipe and the buffers before it are full when the count no longer moves.
		let before = ''
		await vi.waitFor(
			async () => {
				const now = existsSync(counter) ? await readFile(counter, 'utf8') : ''
				const still = now !== '' && now === before
				before = now
				expect(still).toBe(true)
			},
			{ interval: 200, timeout: 20_000 },
		)
		expect(logged).toBe(1)
		expect(Number(before)).toBeLessThan(1000)
		room.resolve()
		expect((await running).result).toBe('success')
		expect(logged).toBe(2000)
	})

	test('reads nothing from a terminal', async () => {
		expect((await execute({ command: 'cat' })).result).toBe('success')
	})

	test('splits a long line, and keeps bytes that are no text out of the log', async () => {
		const run = await execute({ command: `head -c 40000 /dev/zero | tr '\\0' 'x'; printf 'a\\377b\\0c\\n'` })
		expect(linesOf(run, 'stdout').map((line) => line.length)).toEqual([16_384, 16_384, 40_000 - 2 * 16_384 + 5])
		expect(linesOf(run, 'stdout').at(-1)).toMatch(/a\uFFFDb\uFFFDc$/)
	})
})

describe('a command fails', () => {
	test('with its exit code and its last line on stderr', async () => {
		const run = await execute({ command: `echo first >&2; echo reason >&2; exit 3` })
		expect(run).toMatchObject({
			state: 'paused',
			error: {
				code: 'exit_status',
				message: 'The command “echo first >&2; echo reason >&2; exit 3” ended with exit code 3. Its last line on stderr: reason',
				details: { exitCode: 3, signal: null, lastLine: 'reason' },
			},
		})
	})

	test('naming the signal that ended it', async () => {
		expect((await execute({ command: `sh -c 'kill -9 $$'` })).error).toMatchObject({
			code: 'exit_status',
			message: expect.stringContaining('was ended by SIGKILL'),
		})
	})

	test.each<[string, { cwd?: string }, string, string]>([
		['no-such-program-7 a', {}, 'not_found', 'The program “no-such-program-7” is in no directory of this node'],
		['/no/such/program', {}, 'not_found', 'The program /no/such/program does not exist'],
		['./plain', { cwd: 'FOLDER' }, 'not_executable', 'plain cannot be executed'],
		['/tmp', {}, 'not_executable', '/tmp cannot be executed'],
		['"" a', {}, 'not_found', 'The program “”'],
		['true', { cwd: '/no/such/directory' }, 'no_such_directory', 'The working directory /no/such/directory cannot be entered (ENOENT)'],
		['true', { cwd: '/dev/null' }, 'no_such_directory', '/dev/null is not a directory'],
	])('clearly: %s %o', async (command, more, code, message) => {
		await writeFile(join(folder, 'plain'), 'x')
		await chmod(join(folder, 'plain'), 0o644)
		const input = more.cwd === 'FOLDER' ? { cwd: folder } : more
		expect((await execute({ command, ...input })).error).toMatchObject({ code, message: expect.stringContaining(message) })
	})

	test.each([
		['echo "a', 'input.command: column 6: the quote'],
		['  ', 'input.command: expected a command'],
		['a\u0000b', 'NUL'],
	])('when planned, if it cannot be read: %j', async (command, message) => {
		// The door refuses a NUL before; a plan that gets one all the same refuses it too.
		await expect(runCommand.plan({ command })).rejects.toThrow(message)
	})
})

describe('the process group', () => {
	test('is stored before the command starts', async () => {
		const marker = join(folder, 'stored')
		let alive = false
		let early = true
		const run = await execute(
			{ command: `touch ${marker}` },
			{
				context: () => ({
					ownProcessGroup: async (group: number) => {
						alive = await isGroupAlive(group)
						early = existsSync(marker)
					},
				}),
			},
		)
		expect(run.result).toBe('success')
		expect({ alive, early, late: existsSync(marker) }).toEqual({ alive: true, early: false, late: true })
	})

	test('never starts its command when it could not be stored', async () => {
		const marker = join(folder, 'unstored')
		const group = Promise.withResolvers<number>()
		const run = await execute(
			{ command: `touch ${marker}` },
			{
				context: () => ({
					ownProcessGroup: async (pid: number) => {
						group.resolve(pid)
						throw new Error('the attempt is no longer this one')
					},
				}),
			},
		)
		expect(run.error?.message).toBe('the attempt is no longer this one')
		expect(await isGroupAlive(await group.promise)).toBe(false)
		expect(existsSync(marker)).toBe(false)
	})

	test('never starts its command when the worker dies before', async () => {
		const marker = join(folder, 'orphan')
		const worker = spawn(process.execPath, [join(import.meta.dirname, '../testing/stuckWorker.ts'), `touch ${marker}`], {
			stdio: ['ignore', 'pipe', 'inherit'],
		})
		const [line] = (await once(createInterface(worker.stdout), 'line')) as [string]
		const group = Number(line)
		expect(await isGroupAlive(group)).toBe(true)
		worker.kill('SIGKILL')
		await vi.waitFor(async () => expect(await isGroupAlive(group)).toBe(false), { timeout: 20_000 })
		expect(existsSync(marker)).toBe(false)
	})

	test('is ended when the command is cancelled, children included', async () => {
		const controller = new AbortController()
		const run = await execute(
			{ command: 'sleep 601 & sleep 602 & echo ready; wait' },
			{ signal: controller.signal, onLog: ({ line }) => line === 'ready' && controller.abort() },
		)
		expect(run).toMatchObject({ state: 'stopped', result: 'cancelled' })
		expect(await isGroupAlive(run.processGroups[0] as number)).toBe(false)
	})

	test('is killed after the grace period, and what it says until then is kept', async () => {
		const controller = new AbortController()
		const run = await execute(
			{ command: `trap 'echo stopping' TERM; echo ready; while :; do sleep 0.01; done`, grace: 0.3 },
			{ signal: controller.signal, onLog: ({ line }) => line === 'ready' && controller.abort() },
		)
		expect(run.result).toBe('cancelled')
		expect(linesOf(run, 'stdout')).toEqual(['ready', 'stopping'])
		expect(await isGroupAlive(run.processGroups[0] as number)).toBe(false)
	})

	test('is ended at the time limit', async () => {
		const run = await execute({ command: 'sleep 600', timeout: 0.2 })
		expect(run).toMatchObject({
			state: 'paused',
			reason: 'timed_out',
			error: { code: 'timed_out', message: 'The command did not end within its time limit of 0.2 s, and was ended.' },
		})
		expect(await isGroupAlive(run.processGroups[0] as number)).toBe(false)
	})

	test('is ended when the command leaves processes behind', async () => {
		const run = await execute({ command: 'sleep 603 & echo done; true' })
		expect(run.result).toBe('success')
		expect(linesOf(run, 'log')).toEqual([expect.stringContaining('left processes running')])
		expect(await isGroupAlive(run.processGroups[0] as number)).toBe(false)
	})

	test('a process that left it does not hold the task up', async () => {
		const pid = join(folder, 'daemon')
		const run = await execute({ command: `setsid sh -c 'echo $$ > ${pid}; exec sleep 604' & while [ ! -s ${pid} ]; do :; done; echo done` })
		expect(run.result).toBe('success')
		expect(linesOf(run, 'stdout')).toEqual(['done'])
		const daemon = Number(await readFile(pid, 'utf8'))
		expect(await isGroupAlive(daemon)).toBe(true)
		await endProcessGroup(daemon, 0)
	})

	test('is ended when the log is refused', async () => {
		const run = await execute(
			{ command: 'echo x; sleep 605' },
			{
				context: () => ({
					log: async () => {
						throw new Error('the attempt is no longer this one')
					},
				}),
			},
		)
		expect(run.error?.message).toBe('the attempt is no longer this one')
		expect(await isGroupAlive(run.processGroups[0] as number)).toBe(false)
	})
})

describe('policies', () => {
	test.each([
		[{}, { idempotent: false, onLost: 'rescue', isolation: 'own' }],
		[{ idempotent: true }, { idempotent: true, onLost: 'retry', isolation: 'own' }],
	])('%o: %o', async (more, policies) => {
		const { plan } = await runCommand.plan({ command: 'true', ...more })
		expect(plan.steps[0]?.policies).toMatchObject(policies)
	})
})
