import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { openKeyring } from '@taskyard/store/sensitive/keyring'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, openTestServer } from './testing/openTestServer.ts'

const database = useDatabase()
const directory = mkdtempSync(path.join(os.tmpdir(), 'taskyard-secrets-'))
const file = path.join(directory, 'encryption.key')
const workerProgram = fileURLToPath(new URL('../../worker/src/main.ts', import.meta.url))
const secretTasks = fileURLToPath(new URL('../../worker/src/testing/secretTasks.ts', import.meta.url))

let workerLines = ''
let endWorker: () => Promise<unknown> = async () => undefined

beforeAll(() => {
	// A process of its own, whose log is read as an administrator would.
	const worker = spawn(process.execPath, [workerProgram], {
		env: {
			...process.env,
			DATABASE_URL: database.url,
			DATA_DIRECTORY: directory,
			WORKER_TASKS: secretTasks,
			WORKER_CHILDREN: '1',
			LOG_LEVEL: 'debug',
			LOG_FORMAT: 'json',
		},
		stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
	})
	const ended = once(worker, 'exit')
	for (const stream of [worker.stdout, worker.stderr]) stream?.on('data', (text: Buffer) => void (workerLines += text.toString()))
	endWorker = () => {
		worker.kill('SIGTERM')
		return ended
	}
})
afterAll(async () => {
	await endWorker()
	rmSync(directory, { recursive: true })
})

const password = 'pa55-"word"\\with\nlines'
const keys = ['key-number-one', 'key-number-two']
const planted = ['pa55-', 'lines and', 'key-number-', 'made-of-']

const task = `id name input output plan progress runningSteps reason error { message trace details } locks { name resource { id title } }
	links { id title } waitingFor { text } attempts { error { message trace details } }
	steps { name input output progressDetail { unit } error { message trace details code } }`
const everything = `{ ${task} }`

function answered<Part>({ data, errors }: Answer, field: string): Part {
	expect(errors).toBeUndefined()
	return data?.[field] as Part
}

async function collect(frames: AsyncIterator<Answer>, into: unknown[]): Promise<void> {
	for (let next = await frames.next(); !next.done; next = await frames.next()) into.push(next.value)
}

/** All text and JSON columns of all tables, the queue's and the feed's included. */
async function storedTexts(): Promise<string> {
	const { rows } = await database.pool.query<{ relation: string; column: string }>(
		`select format('%I.%I', table_schema, table_name) as relation, format('%I', column_name) as column
		from information_schema.columns join information_schema.tables using (table_schema, table_name)
		where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
			and (data_type in ('text', 'json', 'jsonb', 'character varying') or data_type = 'ARRAY')`,
	)
	expect(rows.length).toBeGreaterThan(30)
	let texts = ''
	for (const { relation, column } of rows) {
		const found = await database.pool.query<{ value: string }>(
			`select ${column}::text as value from ${relation} where ${column} is not null`,
		)
		texts += found.rows.map(({ value }) => `${relation}.${column}: ${value}\n`).join('')
	}
	return texts
}

test.each([
	['thrown', false],
	['thrown where nobody awaits it', true],
])(
	'secrets are found in no table, in no log and in no frame: %s',
	async (_, stray) => {
		const server = await openTestServer(database.url, { keyring: openKeyring({ file }) })
		const frames: unknown[] = []
		rmSync(path.join(directory, 'seen'), { force: true })
		const follow = (query: string, variables?: object): void => void collect(server.follow(query, variables), frames)
		await waitFor('the worker to register its types', async () => {
			const { data } = await server.ask('{ taskType(label: "Secret::Outer") { offered } }')
			return (data?.['taskType'] as { offered: boolean } | null)?.offered
		})
		follow('subscription { taskListChanged { rows { id name runningSteps error { message } } } }')
		const input = JSON.stringify({ login: { user: 'visible-user', password, keys }, stray })
		frames.push(
			await server.ask(
				'mutation ($input: JsonText!) { dryRunTask(label: "Secret::Outer", input: $input) { name plan steps { name input } locks { name resource { id } } } }',
				{ input },
			),
		)
		const started = await server.ask(
			'mutation ($input: JsonText!) { startTask(label: "Secret::Outer", input: $input) { task { id } refusal { message } } }',
			{ input },
		)
		const { id } = answered<{ task: { id: string } }>(started, 'startTask').task
		follow(`subscription ($id: ID!) { taskChanged(id: $id) { task ${everything} } }`, { id })
		follow('subscription ($id: ID!) { taskLogAppended(id: $id, step: 0) { chunks { lines } } }', { id })
		await waitFor('its progress to be seen', () => JSON.stringify(frames).includes('visible unit •••'), { timeout: 30_000 })
		writeFileSync(path.join(directory, 'seen'), '')
		await waitFor('the task to be paused', async () => {
			const answer = await server.ask('query ($id: ID!) { task(id: $id) { state } }', { id })
			return answered<{ state: string }>(answer, 'task').state === 'paused'
		})
		frames.push(
			await server.ask(
				`query ($id: ID!) { task(id: $id) ${everything} taskHistory(id: $id) { entries { stepName why } } taskLog(id: $id, step: 0) { lines } }`,
				{ id },
			),
			await server.ask(`{ tasks(first: 50) { tasks ${everything} } }`),
			await server.ask(
				'mutation ($input: JsonText!) { runTask(label: "Secret::Outer", input: $input, limit: 60) { message task { name } } }',
				{ input },
			),
		)
		const document = await fetch(`${server.url}/api/tasks/${id}`)
		frames.push({ status: document.status, text: await document.text() })
		const seen = JSON.stringify(frames)
		const stored = await storedTexts()
		const logs = `${workerLines}\n${server.lines.join('\n')}`
		// Each of them holds what is not secret: it was looked at where the secrets would be.
		const failure = stray ? 'visible stray •••' : 'visible failure with •••'
		const words = ['visible-user', 'visible step with •••', `visible-host-${stray}-•••`, failure]
		const expected = {
			stored: [...words, 'visible name of visible-user with •••', 'visible inner: •••, •••', '"visible unit •••"'],
			seen: [...words, '{"status":200,', '\\"password\\":\\"•••\\"', 'visible output', 'visible unit •••', 'visible line: ••• with •••'],
			logs: ['visible rejection of •••', ...(stray ? [failure] : [])],
		}
		for (const [where, text] of Object.entries({ stored, seen, logs })) {
			const missing = expected[where as keyof typeof expected].filter((word) => !text.includes(word))
			expect.soft({ where, missing }).toEqual({ where, missing: [] })
			for (const secret of planted) {
				const found = text.indexOf(secret)
				expect
					.soft({ where, secret, found: found < 0 ? null : text.slice(Math.max(0, found - 200), found + 50) })
					.toMatchObject({ found: null })
			}
		}
		expect(statSync(file).mode & 0o777).toBe(0o600)
	},
	120_000,
)
