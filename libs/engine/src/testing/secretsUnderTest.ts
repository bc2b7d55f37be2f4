/** An engine with keys that a test takes away and gives back, and a look into every table for what must not be there. */

import { type Keyring, openKeyringInMemory, SealFault } from '@taskyard/store/sensitive/keyring'
import { useDatabase } from '@taskyard/testkit/database'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { openCommands } from '../commands/commands.ts'
import type { Commands } from '../commands/types.ts'
import { type EngineUnderTest, engineUnderTest } from './engineUnderTest.ts'
import { given, secretTypes } from './secretTypes.ts'

export interface SecretsUnderTest {
	readonly engine: EngineUnderTest
	/** What the engine and its commands have: the first seals, all of them open. Before each test: `first` alone. */
	readonly keyrings: Keyring[]
	readonly first: Keyring
	readonly other: Keyring
	/** Commands of another process, which has these keys or none. */
	withCommands(keys: Keyring | null, work: (commands: Commands) => Promise<void>): Promise<void>
	/** Every row of every table, as text. */
	everything(): Promise<string>
	expectNothingOf(...secrets: readonly string[]): Promise<void>
	/** Name, and the JSON texts of a task as they are stored. */
	stored(id: string): Promise<Readonly<Record<'name' | 'input' | 'output' | 'plan', string>>>
}

export function useSecrets(): SecretsUnderTest {
	const database = useDatabase()
	const [first, other] = [openKeyringInMemory('first'), openKeyringInMemory('other')]
	const keyrings: Keyring[] = []
	const keyring: Keyring = {
		places: 'the keys of this test',
		current() {
			const [seals] = keyrings
			if (!seals) throw new SealFault('There is no encryption key.')
			return seals.current()
		},
		find: (id) => keyrings.map((keys) => keys.find(id)).find((key) => key !== null) ?? null,
	}
	let engine: EngineUnderTest
	beforeAll(async () => {
		engine = await engineUnderTest({ url: database.url, definitions: secretTypes, keyring })
	})
	beforeEach(() => {
		given.length = 0
		keyrings.splice(0, keyrings.length, first)
	})
	afterAll(() => engine.stop())

	async function everything(): Promise<string> {
		const { rows } = await database.pool.query<{ name: string }>(
			`select format('%I.%I', table_schema, table_name) as name from information_schema.tables
			where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`,
		)
		let text = ''
		for (const { name } of rows) {
			const found = await database.pool.query<{ row: string }>(`select x::text as row from ${name} x`)
			text += found.rows.map(({ row }) => `${name}: ${row}\n`).join('')
		}
		return text
	}

	return {
		get engine() {
			return engine
		},
		keyrings,
		first,
		other,
		async withCommands(keys, work) {
			const more = keys && { keyring: keys }
			const commands = await openCommands({ url: database.url, applicationName: 'taskyard other', log: () => undefined, ...more })
			try {
				await work(commands)
			} finally {
				await commands.close()
			}
		},
		everything,
		async expectNothingOf(...secrets) {
			const rows = (await everything()).split('\n')
			// A row doubles quotes and backslashes once more.
			const forms = secrets.flatMap((one) => {
				const json = JSON.stringify(one).slice(1, -1)
				return [one, json, json.replaceAll('"', '""').replaceAll('\\', '\\\\')]
			})
			expect(rows.filter((row) => forms.some((form) => row.includes(form)))).toEqual([])
		},
		async stored(id) {
			const { rows } = await database.pool.query(
				`select t.name, p.input::text as input, p.output::text as output, l.plan::text as plan
				from task t join task_payload p on p.task_id = t.id left join task_plan l on l.task_id = t.id where t.id = $1`,
				[id],
			)
			return rows[0]
		},
	}
}
