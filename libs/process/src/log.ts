import { type Logger, pino, type DestinationStream } from 'pino'
import type { Environment } from './environment.ts'
import { maskPasswords } from './secrets.ts'

/** The log of a process: pino's. The message comes last: `log.info({ task: id }, 'planned')`. */
export type Log = Logger

const censored = ['password', 'token', 'secret', 'authorization', 'cookie']

/** Fields that are never written, at the top, one and two levels down. */
const redactedPaths = censored.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

const levelNames: Readonly<Record<number, string>> = { 10: 'trace', 20: 'debug', 30: '', 40: 'warning', 50: 'error', 60: 'fatal' }

const fieldsOfEveryLine = new Set(['level', 'time', 'pid', 'hostname', 'name', 'msg', 'err'])

const printed = (value: unknown): string => (typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value))

/** One JSON line of the log as a sentence for people: time, process, message, fields; the trace of an error on lines of its own. */
export function humanLine(json: string): string {
	const record: Record<string, unknown> = JSON.parse(json)
	const time = new Date(Number(record['time'])).toTimeString().slice(0, 8)
	const level = levelNames[Number(record['level'])] ?? String(record['level'])
	const fields = Object.entries(record).flatMap(([name, value]) => (fieldsOfEveryLine.has(name) ? [] : [`${name}=${printed(value)}`]))
	const error = record['err'] as { stack?: string; message?: string } | undefined
	const head = [time, record['name'], level && `${level}:`, record['msg'], ...fields]
		.filter((part) => part !== undefined && part !== '')
		.join(' ')
	return error === undefined ? `${head}\n` : `${head}\n${error.stack ?? error.message ?? JSON.stringify(error)}\n`
}

/** What a log is made of. */
export interface LogOptions extends Pick<Environment, 'logLevel' | 'logFormat'> {
	/** the process, as it stands in each line: `server`, `worker`, … */
	readonly name: string
	/** where lines go; standard error if not given */
	readonly destination?: DestinationStream
	/** takes out of a line, which is JSON, what else nobody may read */
	readonly redact?: (line: string) => string
}

/** Makes the log of a process. Lines are written at once, so that none is lost with a process that is killed. */
export function createLog({
	name,
	logLevel,
	logFormat,
	redact = (line) => line,
	destination = pino.destination({ fd: 2, sync: true }),
}: LogOptions): Log {
	const write = (line: string): void => {
		const masked = maskPasswords(redact(line))
		destination.write(logFormat === 'human' ? humanLine(masked) : masked)
	}
	return pino({ name, level: logLevel, redact: { paths: redactedPaths, censor: '•••' } }, { write })
}
