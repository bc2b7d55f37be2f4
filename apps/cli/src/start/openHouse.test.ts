import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readEnvironment } from '@taskyard/process/environment'
import { createLog } from '@taskyard/process/log'
import { createShutdown } from '@taskyard/process/shutdown'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type HouseParts, openHouse } from './openHouse.ts'
import { PortTakenError } from './portIsFree.ts'

/** Writes its pid, serves /readyz, notes how it ended. */
const server = `
import { createServer } from 'node:http'
import { writeFileSync } from 'node:fs'
const note = (name, text) => writeFileSync(process.env.DATA_DIRECTORY + '/' + name, text)
createServer((request, response) => response.end(process.env.DATABASE_URL)).listen(Number(process.env.PORT), '127.0.0.1', () => note('server.pid', String(process.pid)))
process.on('SIGTERM', () => { note('server.stopped', ''); process.exit(0) })
process.on('disconnect', () => process.exit(0))
`
const worker = `
import { writeFileSync } from 'node:fs'
const note = (name, text) => writeFileSync(process.env.DATA_DIRECTORY + '/' + name, text)
note('worker.pid', String(process.pid))
setInterval(() => {}, 1000)
process.on('SIGTERM', () => { note('worker.stopped', ''); process.exit(0) })
process.on('disconnect', () => process.exit(0))
`
const deaf = `
import { writeFileSync } from 'node:fs'
process.on('SIGTERM', () => {})
process.on('disconnect', () => process.exit(0))
setInterval(() => {}, 1000)
writeFileSync(process.env.DATA_DIRECTORY + '/worker.pid', String(process.pid))
`

let directory: string
const cleanups: (() => unknown)[] = []

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), 'taskyard-house-'))
	cleanups.push(() => rmSync(directory, { recursive: true, force: true }))
	for (const [name, text] of Object.entries({ server, worker, deaf, broken: 'process.exit(3)' }))
		writeFileSync(join(directory, `${name}.mjs`), text)
})

afterEach(async () => {
	for (let clean = cleanups.pop(); clean !== undefined; clean = cleanups.pop()) await clean()
})

const listenOn = async (port: number): Promise<Server> => {
	const holder = createServer((socket) => socket.destroy())
	await new Promise<void>((resolve) => holder.listen(port, '127.0.0.1', () => resolve()))
	return holder
}

async function freePort(): Promise<number> {
	const holder = await listenOn(0)
	const address = holder.address()
	await new Promise((resolve) => holder.close(resolve))
	if (address === null || typeof address === 'string') throw new Error('no port')
	return address.port
}

async function until<T>(look: () => T | undefined | false): Promise<T> {
	for (;;) {
		const seen = look()
		if (seen !== undefined && seen !== false) return seen
		await delay(10)
	}
}

const isAlive = (pid: number): boolean => {
	try {
		process.kill(pid, 0)
		return true
	} catch {
		return false
	}
}

const pidOf = (name: string): number | undefined => {
	const file = join(directory, `${name}.pid`)
	return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined
}

async function house(programs: { server?: string; worker?: string } = {}, more: Partial<HouseParts> = {}) {
	const port = await freePort()
	const lines: string[] = []
	const order: string[] = []
	const log = createLog({ name: 'test', logLevel: 'info', logFormat: 'human', destination: { write: (line) => void lines.push(line) } })
	const shutdown = createShutdown({ log })
	cleanups.push(() => shutdown.stop('the test is over'))
	const parts: HouseParts = {
		environment: readEnvironment({ PORT: String(port), DATA_DIRECTORY: directory }),
		log,
		shutdown,
		inherited: { PATH: process.env['PATH'] },
		openDatabase: async () => ({
			url: 'postgres:///taskyard?host=/nowhere',
			stop: async () =>
				void order.push('database', ...['server', 'worker'].filter((name) => existsSync(join(directory, `${name}.stopped`)))),
		}),
		programs: {
			server: join(directory, `${programs.server ?? 'server'}.mjs`),
			worker: join(directory, `${programs.worker ?? 'worker'}.mjs`),
			nodeOptions: [],
		},
		print: (line) => lines.push(line),
		...more,
	}
	return { parts, port, lines, order, shutdown }
}

describe('the house', () => {
	test('opens, says where, gives its children the database, and stops them before it', async () => {
		const { parts, port, lines, order, shutdown } = await house()
		const opened = await openHouse(parts)
		expect(lines.at(-1)).toBe(`Taskyard is ready: http://localhost:${port}/`)
		expect(await (await fetch(`http://127.0.0.1:${port}/readyz`)).text()).toBe('postgres:///taskyard?host=/nowhere')
		await until(() => pidOf('worker'))
		const pids = [opened.server.pid, opened.worker.pid]
		expect(await shutdown.stop('test')).toEqual([])
		expect(order).toEqual(['database', 'server', 'worker'])
		for (const pid of pids) expect(isAlive(Number(pid))).toBe(false)
	})

	test.each(['server', 'worker'] as const)('starts the %s again after kill -9', async (name) => {
		const { parts, lines } = await house()
		const opened = await openHouse(parts)
		const first = await until(() => pidOf(name))
		process.kill(first, 'SIGKILL')
		const second = await until(() => pidOf(name) !== first && pidOf(name))
		expect(opened[name].pid).toBe(second)
		expect(lines.join('')).toContain(`the ${name} ended (SIGKILL); it is started again in 0.25 s`)
	})

	test('kills what does not stop within the grace period', async () => {
		const { parts, lines, order, shutdown } = await house({ worker: 'deaf' }, { graceMilliseconds: 50 })
		await openHouse(parts)
		const pid = await until(() => pidOf('worker'))
		expect(await shutdown.stop('test')).toEqual([])
		expect(isAlive(pid)).toBe(false)
		expect(order).toEqual(['database', 'server'])
		expect(lines.join('')).toContain('the worker did not stop within 0.05 s and is killed')
	})

	test('gives up on a program that only ever ends', async () => {
		const { parts } = await house({ worker: 'broken', server: 'broken' })
		await expect(openHouse(parts)).rejects.toThrow(/the (server|worker) ended 5 times while it was starting \(the last time: exit code 3\)/)
	})

	test('names a port that is taken and what to do', async () => {
		const { parts, port } = await house()
		const holder = await listenOn(port)
		cleanups.push(() => new Promise((resolve) => holder.close(resolve)))
		const refused = openHouse(parts)
		await expect(refused).rejects.toThrow(PortTakenError)
		await expect(refused).rejects.toThrow(
			`port ${port} of 127.0.0.1 is taken. Another program listens there. Stop that program, or choose another port: PORT=${port + 1} npm start`,
		)
	})

	test('a stop while the database opens closes the database and starts nothing', async () => {
		const opening = Promise.withResolvers<void>()
		const { parts, order, shutdown } = await house()
		const opened = openHouse({ ...parts, openDatabase: () => opening.promise.then(parts.openDatabase) })
		shutdown.register('start-up', () =>
			opened.then(
				() => undefined,
				() => undefined,
			),
		)
		const stopped = shutdown.stop('test')
		opening.resolve()
		await expect(opened).rejects.toThrow('the process is stopping: test')
		await stopped
		expect(order).toEqual(['database'])
		expect(pidOf('server')).toBeUndefined()
	})
})

test('server and worker end when the launcher is killed with -9', async () => {
	const { parts, port } = await house()
	const room = fileURLToPath(new URL('../..', import.meta.url))
	const launcher: ChildProcess = spawn(
		process.execPath,
		[
			'--input-type=module',
			'--eval',
			`import { openHouse } from ${JSON.stringify(new URL('openHouse.ts', import.meta.url).href)}
			import { readEnvironment } from '@taskyard/process/environment'
			import { createLog } from '@taskyard/process/log'
			import { createShutdown } from '@taskyard/process/shutdown'
			const environment = readEnvironment()
			const log = createLog({ name: 'launcher', ...environment })
			await openHouse({
				environment, log, shutdown: createShutdown({ log }), inherited: process.env, print: (line) => console.log(line),
				openDatabase: async () => ({ url: 'postgres:///x', stop: async () => {} }),
				programs: ${JSON.stringify(parts.programs)},
			})`,
		],
		{
			cwd: room,
			stdio: ['ignore', 'pipe', 'inherit'],
			env: { ...process.env, PORT: String(port), DATA_DIRECTORY: directory, DATABASE_URL: '', LOG_LEVEL: 'error' },
		},
	)
	cleanups.push(() => launcher.kill('SIGKILL'))
	await new Promise((resolve) => launcher.stdout?.once('data', resolve))
	const pids = await until(() => {
		const found = [pidOf('server'), pidOf('worker')]
		return found.every((pid) => pid !== undefined) && found
	})
	launcher.kill('SIGKILL')
	for (const pid of pids) await until(() => !isAlive(pid))
})
