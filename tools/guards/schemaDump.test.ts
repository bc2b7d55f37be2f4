import { readFileSync } from 'node:fs'
import { migrate } from '@taskyard/store/migrate'
import { createDatabase, type TestDatabase } from '@taskyard/testkit/database'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { difference } from '../schema/difference.ts'
import { dumpSchema } from '../schema/dump.ts'

let database: TestDatabase
const committed = readFileSync(new URL('../../libs/store/schema.sql', import.meta.url), 'utf8')

beforeAll(async () => {
	database = await createDatabase({ template: 'template0' })
	await migrate(database.url)
})

afterAll(async () => {
	await database.drop()
})

describe('the schema dump', () => {
	test('says nothing of a database that the migrations made, whenever its partitions were made', async () => {
		expect(difference(committed, await dumpSchema(database.pool))).toEqual([])
	})

	test.each([
		['a column', 'alter table task add column colour text', 'alter table task drop column colour', '  colour text'],
		[
			'a default',
			'alter table step alter tries set default 7',
			'alter table step alter tries set default 0',
			'tries integer default 7 not null',
		],
		['an index', 'create index odd on task (queue)', 'drop index odd', 'CREATE INDEX odd ON public.task'],
		[
			'a foreign key',
			'alter table task_plan add constraint odd foreign key (task_id) references task',
			'alter table task_plan drop constraint odd',
			'add constraint odd FOREIGN KEY',
		],
		['a check', 'alter table event add constraint odd check (n < 9)', 'alter table event drop constraint odd', 'add constraint odd CHECK'],
		['a fillfactor', 'alter table task set (fillfactor = 51)', 'alter table task set (fillfactor = 50)', 'with (fillfactor=51)'],
		['a table', 'create table odd (a int)', 'drop table odd', 'create table odd'],
		['a partitioned parent', 'create table odd (a int) partition by list (a)', 'drop table odd', 'partition by LIST (a)'],
		['durability', 'alter table task_progress set logged', 'alter table task_progress set unlogged', 'create table task_progress'],
		[
			'a collation',
			'alter table task alter queue type text collate "C"',
			'alter table task alter queue type text',
			'queue text collate "C" not null',
		],
		['a function', 'create function odd() returns int return 1', 'drop function odd', 'FUNCTION public.odd()'],
		[
			'a trigger',
			'create trigger odd before update on task for each row execute function suppress_redundant_updates_trigger()',
			'drop trigger odd on task',
			'CREATE TRIGGER odd',
		],
	])('reports %s that no migration made', async (_name, change, back, line) => {
		await database.pool.query(change)
		try {
			const reported = difference(committed, await dumpSchema(database.pool))
			expect(reported.filter((one) => one.includes('+')).join('\n')).toContain(line)
		} finally {
			await database.pool.query(back)
		}
		expect(difference(committed, await dumpSchema(database.pool))).toEqual([])
	})
})

describe('difference', () => {
	test.each([
		['a\nb\nc', 'a\nb\nc', []],
		['a\nb\nc', 'a\nx\nc', ['2: - b', '2: + x']],
		['a\nc', 'a\nb\nc', ['2: + b']],
		['a\nb\nc', 'a\nb', ['3: - c']],
		['', 'a', ['1: - ', '1: + a']],
	])('%j → %j', (before, after, lines) => {
		expect(difference(before, after)).toEqual(lines)
	})
})
