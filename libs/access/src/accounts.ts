/** The users of Taskyard. Until people sign in, there is one: the account of the operating system that started it. */

import { userInfo } from 'node:os'
import type { Queryable } from '@taskyard/store/connection'

export interface Account {
	readonly login: string
	readonly name: string
}

/** The account that runs this process. Its name is the login: the full name is nowhere the same to find. */
export function startingAccount(): Account {
	try {
		const { username } = userInfo()
		return { login: username, name: username }
	} catch {
		// A number without a name, as containers have it.
		const login = `uid-${process.getuid?.() ?? 'unknown'}`
		return { login, name: login }
	}
}

/** The id of the user with this login; made when there is none. Many may ask at once. */
export async function ensureAccount(database: Queryable, login: string, name: string): Promise<number> {
	for (;;) {
		const { rows: known } = await database.query<{ id: number }>('select id from "user" where login = $1', [login])
		if (known[0]) return known[0].id
		const { rows: made } = await database.query<{ id: number }>(
			'insert into "user" (login, name) values ($1, $2) on conflict (login) do nothing returning id',
			[login, name],
		)
		if (made[0]) return made[0].id
	}
}
