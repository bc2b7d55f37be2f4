/**
 * Connections to PostgreSQL.
 *
 * A database is named by a URL: `postgres://user:password@host:5432/taskyard`, or with a socket directory
 * `postgres:///taskyard?host=/tmp/taskyard-1a2b&user=postgres`.
 */

import pg from 'pg'

export type Pool = pg.Pool
export type PoolClient = pg.PoolClient
/** Whatever runs a statement: a pool, a client of a pool, a single connection. */
export type Queryable = Pick<pg.ClientBase, 'query'>

/** The parts of a database URL, for a driver that takes no socket URLs. */
export interface DatabaseAddress {
	readonly host: string
	readonly port: number
	readonly user: string | undefined
	readonly password: string | undefined
	readonly database: string
}

export interface PoolSettings {
	/** Most connections at a time. */
	readonly max: number
	/** Shown in `pg_stat_activity`: who holds this connection. */
	readonly applicationName: string
	/** Milliseconds; 0 is no limit. */
	readonly statementTimeout?: number
	/** Milliseconds; 0 is no limit. An idle snapshot keeps dead rows alive, so the default is short: 5,000. */
	readonly transactionTimeout?: number
	/** Milliseconds; 0 is no limit. */
	readonly idleInTransactionTimeout?: number
	/** Milliseconds until a connection that does not answer is given up. */
	readonly connectTimeout?: number
	/** More settings of the session, as of the command line of `postgres`: `-c enable_seqscan=off`. */
	readonly session?: string
	/** `store` reads values as `storeTypes` says; `driver` leaves them to pg, for a library that brings its own pool. */
	readonly types?: 'store' | 'driver'
	/** Told of each connection that breaks. The pool replaces it by itself. */
	readonly onError?: (error: Error) => void
}

const jsonOid = 114
const jsonbOid = 3802
const bigintOid = 20
const bigintArrayOid = 1016
const timestamptzOid = 1184

/**
 * How values are read: `json` and `jsonb` stay the text that was stored, `bigint` is a number where that is exact and
 * a `bigint` elsewhere, `timestamptz` is milliseconds since 1970 (its microseconds are the fraction).
 */
export const storeTypes: pg.CustomTypesConfig = {
	getTypeParser(oid: number, format?: string) {
		if (format !== 'binary') {
			if (oid === jsonOid || oid === jsonbOid) return keepText
			if (oid === bigintOid) return readBigint
			if (oid === bigintArrayOid) return readBigintArray
			if (oid === timestamptzOid) return readInstant
		}
		return pg.types.getTypeParser(oid, format === 'binary' ? 'binary' : 'text')
	},
}

/** Reads a database URL. Throws a message that shows both forms. */
export function parseDatabaseUrl(url: string): DatabaseAddress {
	let parsed: URL
	try {
		parsed = new URL(url)
	} catch {
		throw new Error(`The database URL cannot be read. ${expectedForms}`)
	}
	if (parsed.protocol !== 'postgres:' && parsed.protocol !== 'postgresql:') {
		throw new Error(`The database URL begins with "${parsed.protocol}//". ${expectedForms}`)
	}
	const parameter = (name: string) => parsed.searchParams.get(name) || undefined
	const database = decodeURIComponent(parsed.pathname.slice(1)) || parameter('dbname')
	if (!database) throw new Error(`The database URL names no database. ${expectedForms}`)
	const port = Number(parameter('port') ?? (parsed.port || '5432'))
	if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`The database URL has no usable port. ${expectedForms}`)
	return {
		host: parameter('host') ?? (decodeURIComponent(parsed.hostname).replace(/^\[(.*)\]$/, '$1') || 'localhost'),
		port,
		user: parameter('user') ?? (decodeURIComponent(parsed.username) || undefined),
		password: parameter('password') ?? (decodeURIComponent(parsed.password) || undefined),
		database,
	}
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
	const other = new URL(url)
	other.pathname = `/${encodeURIComponent(database)}`
	other.searchParams.delete('dbname')
	return other.href
}

/** What pg needs to connect to this URL, certificates and the other parameters of the URL included. */
export function connectionOptions(url: string): pg.PoolConfig {
	const { host, port, user, password, database } = parseDatabaseUrl(url)
	const rest = new URL(url)
	for (const name of ['host', 'port', 'user', 'password', 'dbname', 'options']) rest.searchParams.delete(name)
	const options: pg.PoolConfig = { host, port, database }
	if (user !== undefined) options.user = user
	if (password !== undefined) options.password = password
	// Left to pg: reading certificates and sslmode. It overrides the fields above with what the URL says, which is the same.
	if (rest.search) options.connectionString = url
	return options
}

/** Opens a pool whose broken connections end nobody's process and whose transactions are short. */
export function openPool(url: string, settings: PoolSettings): Pool {
	const pool = new pg.Pool(poolConfig(url, settings))
	const onError = settings.onError ?? (() => {})
	pool.on('error', onError)
	// A client that is checked out has no listener of the pool's: without one its error would end the process.
	pool.on('connect', (client) => client.on('error', onError))
	return pool
}

/** The configuration that `openPool` uses, for a library that makes the pool itself. */
export function poolConfig(url: string, settings: PoolSettings): pg.PoolConfig {
	const session = {
		timezone: 'UTC',
		datestyle: 'ISO',
		statement_timeout: settings.statementTimeout ?? 0,
		transaction_timeout: settings.transactionTimeout ?? 5_000,
		idle_in_transaction_session_timeout: settings.idleInTransactionTimeout ?? 5_000,
	}
	const own = Object.entries(session).map(([name, value]) => `-c ${name}=${value}`)
	const given = new URL(url).searchParams.get('options')
	const { connectionString, ...address } = connectionOptions(url)
	const config: pg.PoolConfig = {
		...address,
		options: [...own, settings.session, given].filter(Boolean).join(' '),
		max: settings.max,
		application_name: settings.applicationName,
		connectionTimeoutMillis: settings.connectTimeout ?? 10_000,
		keepAlive: true,
	}
	if (connectionString) {
		const withoutOptions = new URL(connectionString)
		withoutOptions.searchParams.delete('options')
		config.connectionString = withoutOptions.href
	}
	if (settings.types !== 'driver') config.types = storeTypes
	return config
}

/** Runs `work` on one connection of the pool, in a transaction. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
	const client = await pool.connect()
	let broken: Error | undefined
	try {
		await client.query('begin')
		const result = await work(client)
		await client.query('commit')
		return result
	} catch (error) {
		await client.query('rollback').catch((rollbackError: Error) => {
			broken = rollbackError
		})
		throw error
	} finally {
		client.release(broken)
	}
}

const expectedForms =
	'Expected postgres://user:password@host:5432/database or postgres:///database?host=/socket/directory&user=name. Correct DATABASE_URL.'

const keepText = (text: string) => text

function readBigint(text: string): number | bigint {
	const number = Number(text)
	return Number.isSafeInteger(number) ? number : BigInt(text)
}

function readBigintArray(text: string): (number | bigint | null)[] {
	const list = text.slice(1, -1)
	return list === '' ? [] : list.split(',').map((item) => (item === 'NULL' ? null : readBigint(item)))
}

const instant = /^(\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?$/

/** `2026-11-21 11:05:56.123456+00` → 1795259156123.456 */
export function readInstant(text: string): number {
	if (text === 'infinity') return Number.POSITIVE_INFINITY
	if (text === '-infinity') return Number.NEGATIVE_INFINITY
	const found = instant.exec(text)
	if (!found) throw new Error(`"${text}" is no instant of PostgreSQL in ISO style; the connection needs datestyle=ISO.`)
	const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours, offsetMinutes = '0', offsetSeconds = '0'] = found
	const date = new Date(0)
	date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
	date.setUTCHours(Number(hour), Number(minute), Number(second))
	const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60 + Number(offsetSeconds)
	// Summed as microseconds, which are whole numbers, and divided once: each instant has one number only.
	const milliseconds = date.getTime() - (sign === '-' ? -offset : offset) * 1000
	return (milliseconds * 1000 + Number(fraction.padEnd(6, '0'))) / 1000
}

/** The text that PostgreSQL reads as this instant, to the microsecond. */
export function writeInstant(milliseconds: number): string {
	if (milliseconds === Number.POSITIVE_INFINITY) return 'infinity'
	if (milliseconds === Number.NEGATIVE_INFINITY) return '-infinity'
	const whole = Math.floor(milliseconds)
	const micros = Math.round((milliseconds - whole) * 1000)
	const iso = new Date(micros === 1000 ? whole + 1 : whole).toISOString()
	return `${iso.slice(0, -1)}${String(micros % 1000).padStart(3, '0')}Z`
}
