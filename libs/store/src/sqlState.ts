/** SQLSTATE codes by name, and what they mean for whoever ran the statement. */

export const sqlState = {
	connectionFailure: '08006',
	adminShutdown: '57P01',
	crashShutdown: '57P02',
	cannotConnectNow: '57P03',
	idleSessionTimeout: '57P05',
	tooManyConnections: '53300',
	uniqueViolation: '23505',
	checkViolation: '23514',
	programLimitExceeded: '54000',
	serializationFailure: '40001',
	deadlockDetected: '40P01',
	lockNotAvailable: '55P03',
	queryCanceled: '57014',
	transactionTimeout: '25P04',
	idleInTransactionTimeout: '25P03',
	duplicateDatabase: '42P04',
	duplicateTable: '42P07',
	duplicateObject: '42710',
	undefinedTable: '42P01',
	invalidCatalogName: '3D000',
	insufficientPrivilege: '42501',
	raisedException: 'P0001',
} as const

/** The SQLSTATE of an error, or undefined for one that did not come from PostgreSQL. */
export function sqlStateOf(error: unknown): string | undefined {
	const code = error instanceof Error && 'code' in error ? error.code : undefined
	// Codes of the operating system may have five letters too (EPIPE); a class of SQLSTATE begins with a digit, F, H, P or X.
	return typeof code === 'string' && /^[0-9FHPX][0-9A-Z]{4}$/.test(code) ? code : undefined
}

/** The connection broke, or none could be made: the statement may or may not have been carried out. */
export function isConnectionFailure(error: unknown): boolean {
	if (!(error instanceof Error)) return false
	if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(isConnectionFailure)
	const state = sqlStateOf(error)
	if (state !== undefined) return state.startsWith('08') || connectionStates.has(state)
	const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
	return code !== undefined ? connectionCodes.has(code) : driverMessages.test(error.message)
}

/** The values are at fault: the same statement fails again with them (22 data, 23 integrity, 54000 too large). */
export function isDataFault(error: unknown): boolean {
	const state = sqlStateOf(error)
	if (state === undefined || isMissingPartition(error)) return false
	return state.startsWith('22') || state.startsWith('23') || state === sqlState.programLimitExceeded
}

/**
 * A row found no partition, which PostgreSQL reports as a violated check. The row is not at fault: `ensurePartitions`
 * makes the partition, and the same statement succeeds.
 */
export function isMissingPartition(error: unknown): boolean {
	return (
		sqlStateOf(error) === sqlState.checkViolation && error instanceof Error && 'routine' in error && error.routine === 'ExecFindPartition'
	)
}

/** The server has no room: on its disk, in its memory, for another connection. Somebody will make some, and nothing is wrong with the values. */
export const isOutOfRoom = (error: unknown): boolean => sqlStateOf(error)?.startsWith('53') ?? false

/** Worth repeating unchanged: a deadlock, a serialization failure, a broken connection, no room, a partition that comes with the next sweep. */
export function isRetryable(error: unknown): boolean {
	const state = sqlStateOf(error)
	return (
		state === sqlState.serializationFailure ||
		state === sqlState.deadlockDetected ||
		isMissingPartition(error) ||
		isOutOfRoom(error) ||
		isConnectionFailure(error)
	)
}

/** A lock was not free within `lock_timeout`. */
export const isLockTimeout = (error: unknown): boolean => sqlStateOf(error) === sqlState.lockNotAvailable

// Sessions that our own time limits ended are gone too: after 25P03 and 25P04 the server closes the connection.
const connectionStates: ReadonlySet<string> = new Set([
	sqlState.adminShutdown,
	sqlState.crashShutdown,
	sqlState.cannotConnectNow,
	sqlState.idleSessionTimeout,
	sqlState.tooManyConnections,
	sqlState.idleInTransactionTimeout,
	sqlState.transactionTimeout,
])
const connectionCodes: ReadonlySet<string> = new Set([
	'ECONNREFUSED',
	'ECONNRESET',
	'EPIPE',
	'ENOENT',
	'ETIMEDOUT',
	'ENOTFOUND',
	'EAI_AGAIN',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'EADDRNOTAVAIL',
])
// pg says these without a code.
const driverMessages =
	/^(Connection terminated|Client has encountered a connection error|Client was closed|timeout expired|timeout exceeded when trying to connect|Connection ended unexpectedly|terminating connection|Query read timeout)/i
