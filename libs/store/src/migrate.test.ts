import { createDatabase, useDatabase } from '@taskyard/testkit/database'
import { describe, expect, test } from 'vitest'
import { openPool } from './connection.ts'
import { migrate } from './migrate.ts'
import { checkVersion, requireVersion } from './version.ts'

const database = useDatabase()

describe('migrate', () => {
	test('three starters at once: one migrates, the others wait, and what else is installed runs under the same lock', async () => {
		const empty = await createDatabase({ template: 'template0' })
		const lines: string[] = []
		let inside = 0
		let most = 0
		const install = async () => {
			most = Math.max(most, ++inside)
			await new Promise(setImmediate)
			inside -= 1
		}
		await Promise.all([1, 2, 3].map(() => migrate(empty.url, { log: (line) => lines.push(line), also: [install] })))
		expect(lines).toEqual(['migrated the database: 0001-tables'])
		expect(most).toBe(1)
		const { rows } = await empty.pool.query("select count(*) as tables from pg_class where relname = 'task'")
		expect(rows).toEqual([{ tables: 1 }])
		await empty.drop()
	})

	test('a second run changes nothing', async () => {
		const lines: string[] = []
		await migrate(database.url, { log: (line) => lines.push(line) })
		expect(lines).toEqual([])
	})

	test('what fails leaves nothing half done, and releases the lock', async () => {
		const empty = await createDatabase({ template: 'template0' })
		await expect(migrate(empty.url, { also: [() => Promise.reject(new Error('no queue today'))] })).rejects.toThrow('no queue today')
		await migrate(empty.url)
		await empty.drop()
	})
})

describe('the tables', () => {
	test('have no foreign keys where one door writes', async () => {
		const { rows } = await database.pool.query(
			`select conrelid::regclass::text as table, conname as name from pg_constraint
			where contype = 'f' and (conrelid = any($1::regclass[]) or confrelid = any($1::regclass[]))`,
			[['step', 'attempt', 'event', 'change', 'log_chunk', 'lock', 'task_progress']],
		)
		expect(rows).toEqual([])
	})

	test('what names things is compared by code point', async () => {
		const { rows } = await database.pool.query(
			`select c.relname || '.' || a.attname as column from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_collation l on l.oid = a.attcollation
			where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and l.collname = 'C' order by 1`,
		)
		expect(rows.map((row) => row.column)).toEqual([
			'dry_run.label',
			'external_id.value',
			'resource.key',
			'resource.type',
			'task.label',
			'task_type.label',
			'tombstone.label',
		])
	})
})

describe('time limits of a connection', () => {
	test.each([
		['transaction_timeout', '5s'],
		['idle_in_transaction_session_timeout', '5s'],
		['statement_timeout', '0'],
		['TimeZone', 'UTC'],
	])('%s is %s', async (name, value) => {
		const { rows } = await database.pool.query('select current_setting($1) as value', [name])
		expect(rows).toEqual([{ value }])
	})

	test('a pool survives that its connections are killed, and tells', async () => {
		const errors: string[] = []
		const pool = openPool(database.url, { max: 2, applicationName: 'victim', onError: (error) => errors.push(error.message) })
		try {
			const client = await pool.connect()
			const gone = new Promise((resolve) => client.once('end', resolve))
			await database.pool.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim'")
			await gone
			client.release(true)
			expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
			expect(errors.join('\n')).toMatch(/terminat/)
		} finally {
			await pool.end()
		}
	})
})

describe('the version of PostgreSQL', () => {
	test('this one will do', async () => {
		await checkVersion(database.url)
	})

	test('an older one is refused, naming it and what to do', () => {
		expect(() => requireVersion(150_014, '15.14 (Debian)', 'db.example')).toThrow(
			/at db\.example is version 15\.14 \(Debian\); Taskyard needs 17 or newer.*unset DATABASE_URL/,
		)
		requireVersion(170_000, '17.0', 'db.example')
	})
})
