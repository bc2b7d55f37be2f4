import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chooseAccount, unreachableParent } from './account.ts'

let home = ''

beforeAll(() => {
	home = mkdtempSync(path.join(os.tmpdir(), 'taskyard-account-'))
	chmodSync(home, 0o755)
	mkdirSync(path.join(home, 'open'), { mode: 0o755 })
	mkdirSync(path.join(home, 'closed'), { mode: 0o700 })
})

afterAll(() => {
	rmSync(home, { recursive: true, force: true })
})

const able =
	(...programs: string[]) =>
	([program = '']: readonly string[]) =>
		programs.includes(program)

describe('chooseAccount', () => {
	test('an ordinary user runs it as it is', () => {
		expect(chooseAccount(path.join(home, 'open/pg'), [], { uid: 1000, works: able('setpriv') })).toEqual({
			prefix: [],
			serverPrefix: ['setpriv', '--pdeathsig', 'INT'],
			owner: undefined,
			diesWithParent: true,
		})
	})

	test('without setpriv it says that the server will not end with its parent', () => {
		expect(chooseAccount(path.join(home, 'open/pg'), [], { uid: 1000, works: able() })).toMatchObject({
			serverPrefix: [],
			diesWithParent: false,
		})
	})
})

describe.runIf(process.getuid?.() === 0)('chooseAccount for root', () => {
	test('takes a user namespace first', () => {
		const { prefix, serverPrefix, owner } = chooseAccount(path.join(home, 'closed/pg'), [], { uid: 0, works: able('setpriv', 'unshare') })
		expect(prefix[0]).toBe('unshare')
		expect(serverPrefix).toEqual([...prefix, 'setpriv', '--pdeathsig', 'INT'])
		expect(owner).toBeUndefined()
	})

	test('becomes nobody where namespaces are forbidden', () => {
		const { serverPrefix, owner } = chooseAccount(path.join(home, 'open/pg'), [], { uid: 0, works: able('setpriv') })
		expect(owner).toEqual({ uid: 65_534, gid: 65_534 })
		expect(serverPrefix.join(' ')).toBe('setpriv --pdeathsig INT --reuid 65534 --regid 65534 --clear-groups')
	})

	test('names the parent directory that nobody may not enter', () => {
		expect(() => chooseAccount(path.join(home, 'closed/pg/data'), [], { uid: 0, works: able('setpriv') })).toThrow(
			new RegExp(`cannot enter ${path.join(home, 'closed')} on the way to ${path.join(home, 'closed/pg/data')}`),
		)
	})

	test('names it for the programs too', () => {
		expect(() =>
			chooseAccount(path.join(home, 'open/pg'), [path.join(home, 'closed/bin/postgres')], { uid: 0, works: able('setpriv') }),
		).toThrow(/closed on the way to .*bin\/postgres/)
	})

	test('says what to do when nothing works', () => {
		expect(() => chooseAccount(path.join(home, 'open/pg'), [], { uid: 0, works: able() })).toThrow(/another user, or set DATABASE_URL/)
	})
})

describe('unreachableParent', () => {
	test('goes from the root on', () => {
		const someone = { uid: 4_000_000, gid: 4_000_000 }
		expect(unreachableParent(path.join(home, 'open/a/b'), someone)).toBeUndefined()
		expect(unreachableParent(path.join(home, 'closed/a/b'), someone)).toBe(path.join(home, 'closed'))
	})
})
