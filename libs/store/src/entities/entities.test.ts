import { useDatabase } from '@taskyard/testkit/database'
import { withoutOneWriterTriggers } from '@taskyard/testkit/oneWriter'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Orm, openOrm } from '../orm.ts'
import { SettingEntity, UserEntity } from './account.ts'
import { entities } from './list.ts'
import { TaskEntity, TaskPayloadEntity } from './task.ts'
import { WorkerEntity } from './worker.ts'

const database = useDatabase()
let orm: Orm

beforeAll(async () => {
	orm = await openOrm(database.url)
})

afterAll(async () => {
	await orm.close()
})

interface Column {
	name: string
	type: string
	nullable: boolean
	key: boolean
}

describe('each entity has exactly the columns of its table', () => {
	test.each(entities.map((entity) => entity.meta.tableName))('%s', async (table) => {
		const { rows } = await database.pool.query<Column>(
			`select a.attname as name, format_type(a.atttypid, null) as type, not a.attnotnull as nullable,
				coalesce(a.attnum = any(i.indkey), false) as key
			from pg_attribute a left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
			where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by 1`,
			[`"${table}"`],
		)
		const [meta] = [...orm.getMetadata().getAll().values()].filter((one) => one.tableName === table)
		const mapped = (meta?.props ?? []).map(
			(property): Column => ({
				name: property.fieldNames[0] ?? '',
				type: typeNames[property.columnTypes[0] ?? ''] ?? property.columnTypes[0] ?? '',
				nullable: property.nullable ?? false,
				key: property.primary ?? false,
			}),
		)
		// The change feed has no key, but an ORM wants one.
		const keyless = table === 'change' ? (column: Column) => ({ ...column, key: false }) : (column: Column) => column
		expect(mapped.map(keyless).sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(rows)
	})

	test('no table is without an entity', async () => {
		const { rows } = await database.pool.query<{ name: string }>(
			`select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`,
		)
		const mapped = entities.map((entity) => entity.meta.tableName)
		expect(rows.map((row) => row.name).filter((name) => !mapped.includes(name))).toEqual(['migration'])
	})
})

const typeNames: Record<string, string> = {
	int: 'integer',
	int4: 'integer',
	bool: 'boolean',
	timestamptz: 'timestamp with time zone',
}

describe('what goes in comes back', () => {
	test('instants to the microsecond, arrays, defaults', async () => {
		const em = orm.em.fork()
		const startedAt = Date.UTC(2026, 10, 21, 11, 5, 56, 123) + 0.456
		em.create(WorkerEntity, {
			node: 'n1',
			bootId: 'b',
			pid: 7,
			version: '1',
			queues: ['default', 'a b, "c"'],
			capacity: 4,
			labels: ['Sample::Task'],
			versions: [3],
			actions: ['Sample::Task/step'],
			startedAt,
			heartbeatAt: startedAt,
			endedAt: null,
		})
		await em.flush()
		const [worker] = await orm.em.fork().find(WorkerEntity, { node: 'n1' })
		expect(worker).toMatchObject({ startedAt, heartbeatAt: startedAt, endedAt: null, queues: ['default', 'a b, "c"'], versions: [3] })
		const later = orm.em.fork()
		const found = await later.findOneOrFail(WorkerEntity, { startedAt: { $gte: startedAt } })
		found.heartbeatAt = startedAt + 1000
		await later.flush()
		const { rows } = await database.pool.query<{ moved: number }>(
			'select (extract(epoch from heartbeat_at - started_at))::float8 as moved from worker',
		)
		expect(rows).toEqual([{ moved: 1 }])
	})

	const text = '{"z": 12345678901234567890.00, "a":1,   "z":"ü\\u0041", "big": 9007199254740993, "nested": {"b":1e400,"a":[]}}'

	test('json byte for byte: big integers, order of keys, doubled keys, spaces', async () => {
		const id = '019a0b1c-2d3e-7f00-8000-0123456789ab'
		const em = orm.em.fork()
		em.create(TaskPayloadEntity, { taskId: id, input: text, output: null })
		em.create(SettingEntity, { key: 'a', value: '"text"', changedAt: 0, changedBy: null })
		em.create(SettingEntity, { key: 'n', value: 'null', changedAt: 0, changedBy: null })
		await em.flush()
		expect((await orm.em.fork().findOneOrFail(TaskPayloadEntity, id)).input).toBe(text)
		expect((await orm.em.fork().findOneOrFail(SettingEntity, 'a')).value).toBe('"text"')
		expect((await orm.em.fork().findOneOrFail(SettingEntity, 'n')).value).toBe('null')
		const { rows } = await database.pool.query(
			'select input, output, input::jsonb as b, 9007199254740993 as big, 42::bigint as small from task_payload',
		)
		expect(rows).toMatchObject([{ input: text, output: null, big: 9007199254740993n, small: 42 }])
		expect(rows[0]?.b).toBeTypeOf('string')
	})

	test('json bound as a parameter comes back byte for byte', async () => {
		const { rows } = await database.pool.query<{ value: string }>('select $1::json as value', [text])
		expect(rows[0]?.value).toBe(text)
	})

	test('words for small integers', async () => {
		const client = await database.pool.connect()
		await withoutOneWriterTriggers(client, () =>
			client.query(`insert into task (id, label, type_version, name, state, result, reason, queue, owner_id, correlation_id, created_at, state_updated_at)
				values ('019a0b1c-2d3e-7f00-8000-0123456789ac', 'A::B', 1, 'a', 5, 3, 1, 'default', 1, 'c', now(), now())`),
		)
		client.release()
		const task = await orm.em.fork().findOneOrFail(TaskEntity, { state: 'paused' })
		expect(task).toMatchObject({
			state: 'paused',
			result: 'error',
			reason: 'lost',
			cancel: 'none',
			touched: false,
			progress: 0,
			endedAt: null,
		})
	})

	test('generated keys', async () => {
		const em = orm.em.fork()
		const user = em.create(UserEntity, { login: 'ann', name: 'Ann', createdAt: 0 })
		await em.flush()
		expect(user.id).toBeGreaterThan(0)
	})
})
