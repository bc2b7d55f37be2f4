import { userInfo } from 'node:os'
import { useDatabase } from '@taskyard/testkit/database'
import { describe, expect, test } from 'vitest'
import { ensureAccount, startingAccount } from './accounts.ts'

const database = useDatabase()

describe('ensureAccount', () => {
	test('makes the account once, and finds it again', async () => {
		const { login, name } = startingAccount()
		const id = await ensureAccount(database.pool, login, name)
		expect(await ensureAccount(database.pool, login, 'Another Name')).toBe(id)
		const { rows } = await database.pool.query('select id, login, name from "user"')
		expect(rows).toEqual([{ id, login: userInfo().username, name }])
	})

	test('eight at once get the same id, and none is left unused', async () => {
		const ids = await Promise.all(Array.from({ length: 8 }, () => ensureAccount(database.pool, 'ann', 'Ann')))
		expect(new Set(ids).size).toBe(1)
		expect((await database.pool.query(`select from "user" where login = 'ann'`)).rowCount).toBe(1)
	})
})
