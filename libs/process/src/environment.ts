import { join, resolve } from 'node:path'
import { z } from 'zod'

/** How loud a process is; pino's levels. */
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
/** `json`: one object a line, for machines. `human`: one sentence a line. */
export const logFormats = ['json', 'human'] as const

const wholeNumber = (least: number, most: number) =>
	z
		.string()
		.regex(/^\d+$/, `expected a whole number from ${least} to ${most}`)
		.transform(Number)
		.refine((value) => value >= least && value <= most, `expected a whole number from ${least} to ${most}`)

/** One or more of `id:base64`, each with 32 bytes. */
const encryptionKeys = /^[\w.-]{1,64}:[A-Za-z0-9+/]{43}=(,[\w.-]{1,64}:[A-Za-z0-9+/]{43}=)*$/

const isPostgresUrl = (text: string): boolean =>
	/^postgres(ql)?:\/\//.test(text) && URL.canParse(text.replace(/^\w+:\/\/\//, 'postgres://localhost/'))

/** Every variable that a process of Taskyard reads, with its default. */
const variables = z.object({
	PORT: wholeNumber(1, 65_535).default(4180),
	PUBLIC_URL: z
		.string()
		.refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), 'expected an address such as https://tasks.example.org')
		.optional(),
	DATABASE_URL: z
		.string()
		.refine(isPostgresUrl, 'expected the address of a PostgreSQL, such as postgres://user@host:5432/taskyard')
		.optional(),
	DATA_DIRECTORY: z.string().default('.data'),
	ENCRYPTION_KEYS: z
		.string()
		.regex(encryptionKeys, 'expected id:base64 with 32 bytes, separated by commas, the key for what is new first')
		.optional(),
	LOG_LEVEL: z.enum(logLevels, `expected one of ${logLevels.join(', ')}`).default('info'),
	LOG_FORMAT: z.enum(logFormats, `expected one of ${logFormats.join(', ')}`).default('json'),
	WORKER_CHILDREN: wholeNumber(1, 64).default(2),
	WORKER_OWN_CHILDREN: wholeNumber(1, 64).default(4),
	WORKER_CONCURRENCY: wholeNumber(1, 10_000).default(100),
	WORKER_QUEUES: z
		.string()
		.regex(/^[^,\s]+(,[^,\s]+)*$/, 'expected names of queues, separated by commas')
		.default('default'),
	WORKER_TASKS: z.string().default(''),
	WORKER_HEARTBEAT: wholeNumber(100, 600_000).default(5_000),
})

/** What the environment says, checked and with the defaults filled in. */
export interface Environment {
	/** the port that the server listens on */
	readonly port: number
	/** where the server is reached from outside, without a slash at its end: work elsewhere calls back there */
	readonly publicUrl: string
	/** the PostgreSQL to use; without it the embedded one is started */
	readonly databaseUrl: string | undefined
	/** absolute: where the embedded PostgreSQL and the caches live */
	readonly dataDirectory: string
	/** keys of sensitive fields as `id:base64,…`, the first for what is new */
	readonly encryptionKeys: string | undefined
	/** absolute: where such keys are looked for too, and where one is made when there is none */
	readonly encryptionKeyFile: string
	readonly logLevel: (typeof logLevels)[number]
	readonly logFormat: (typeof logFormats)[number]
	/** child processes of a worker */
	readonly workerChildren: number
	/** further child processes at most, each for one step that needs a process of its own, such as a command */
	readonly workerOwnChildren: number
	/** steps that one child executes at a time */
	readonly workerConcurrency: number
	/** queues that a worker takes tasks from */
	readonly workerQueues: readonly string[]
	/** modules of task authors, absolute; each exports `tasks`, an array of task definitions */
	readonly workerTasks: readonly string[]
	/** milliseconds between two heartbeats of a worker; a child is lost after two without one */
	readonly workerHeartbeat: number
}

/** The environment is unusable; the message names every fault, one a line. */
export class EnvironmentError extends Error {
	override readonly name = 'EnvironmentError'
	readonly faults: readonly string[]

	constructor(faults: readonly string[]) {
		super(
			`the environment has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}; correct and start again:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
		)
		this.faults = faults
	}
}

/** Values that may hold a secret are not repeated in a message. */
const secret = new Set(['DATABASE_URL', 'ENCRYPTION_KEYS'])

/**
 * Reads the environment once, at the start of a process. An empty variable counts as not set.
 * @throws EnvironmentError with all faults at once
 */
export function readEnvironment(source: Readonly<Record<string, string | undefined>> = process.env): Environment {
	const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''))
	const parsed = variables.safeParse(given)
	if (!parsed.success) {
		throw new EnvironmentError(
			parsed.error.issues.map((issue) => {
				const name = String(issue.path[0])
				return secret.has(name) ? `${name}: ${issue.message}` : `${name}: ${issue.message}, but it is ${JSON.stringify(given[name])}`
			}),
		)
	}
	const value = parsed.data
	return {
		port: value.PORT,
		publicUrl: (value.PUBLIC_URL ?? `http://localhost:${value.PORT}`).replace(/\/+$/, ''),
		databaseUrl: value.DATABASE_URL,
		dataDirectory: resolve(value.DATA_DIRECTORY),
		encryptionKeys: value.ENCRYPTION_KEYS,
		encryptionKeyFile: join(resolve(value.DATA_DIRECTORY), 'encryption.key'),
		logLevel: value.LOG_LEVEL,
		logFormat: value.LOG_FORMAT,
		workerChildren: value.WORKER_CHILDREN,
		workerOwnChildren: value.WORKER_OWN_CHILDREN,
		workerConcurrency: value.WORKER_CONCURRENCY,
		workerQueues: value.WORKER_QUEUES.split(','),
		workerTasks: value.WORKER_TASKS.split(',')
			.filter(Boolean)
			.map((path) => resolve(path)),
		workerHeartbeat: value.WORKER_HEARTBEAT,
	}
}
