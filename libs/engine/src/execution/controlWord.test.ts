import { describe, expect, test } from 'vitest'
import { controlWord } from './controlWord.ts'

describe('controlWord', () => {
	test.each([
		['commit', 'COMMIT'],
		['  Begin;', 'BEGIN'],
		['start\n transaction isolation level serializable', 'START TRANSACTION'],
		['end', 'END'],
		['abort', 'ABORT'],
		['rollback', 'ROLLBACK'],
		['rollback work', 'ROLLBACK'],
		['rollback and chain', 'ROLLBACK'],
		["prepare transaction 'x'", 'PREPARE TRANSACTION'],
		["commit prepared 'x'", 'COMMIT'],
		['-- a word\ncommit', 'COMMIT'],
		['/* a\nword */ ; commit', 'COMMIT'],
		['select 1', null],
		['rollback to here', null],
		['ROLLBACK WORK TO SAVEPOINT here', null],
		['savepoint here', null],
		['release here', null],
		['prepare here as select 1', null],
		['set transaction isolation level serializable', null],
		['insert into commits values (1)', null],
		['with ends as (select 1) select * from ends', null],
		['ending', null],
		['-- commit', null],
		['/* commit */', null],
		['', null],
	])('%s', (text, word) => {
		expect(controlWord(text)).toBe(word)
	})
})
