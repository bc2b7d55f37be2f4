/** Which PostgreSQL will do. */

import pg from 'pg'
import { connectionOptions, parseDatabaseUrl } from './connection.ts'

const oldest = 17

/** Throws when the server is too old, naming what was found and what to do. */
export async function checkVersion(url: string): Promise<void> {
	// A connection without our settings: an old server would refuse transaction_timeout before it could say its version.
	const client = new pg.Client({ ...connectionOptions(url), connectionTimeoutMillis: 10_000 })
	client.on('error', () => {})
	await client.connect()
	try {
		const { rows } = await client.query<{ number: string; text: string }>(
			"select current_setting('server_version_num') as number, current_setting('server_version') as text",
		)
		const [found] = rows
		if (found) requireVersion(Number(found.number), found.text, parseDatabaseUrl(url).host)
	} finally {
		await client.end()
	}
}

/** `number` is `server_version_num`, e.g. 170004. */
export function requireVersion(number: number, text: string, host: string): void {
	if (number >= oldest * 10_000) return
	throw new Error(
		`The PostgreSQL server at ${host} is version ${text}; Taskyard needs ${oldest} or newer (for transaction_timeout and the collation pg_c_utf8). Upgrade it, point DATABASE_URL to a newer one, or unset DATABASE_URL to use the PostgreSQL that comes with Taskyard.`,
	)
}
