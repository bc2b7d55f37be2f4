import { describe, expect, test } from 'vitest'
import { EnvironmentError, readEnvironment } from './environment.ts'

const key = Buffer.alloc(32, 7).toString('base64')

describe('readEnvironment', () => {
	test('fills in the defaults, and an empty variable counts as not set', () => {
		expect(readEnvironment({ PORT: '', DATABASE_URL: '' })).toEqual({
			port: 4180,
			publicUrl: 'http://localhost:4180',
			databaseUrl: undefined,
			dataDirectory: `${process.cwd()}/.data`,
			encryptionKeys: undefined,
			encryptionKeyFile: `${process.cwd()}/.data/encryption.key`,
			logLevel: 'info',
			logFormat: 'json',
			workerChildren: 2,
			workerOwnChildren: 4,
			workerConcurrency: 100,
			workerQueues: ['default'],
			workerTasks: [],
			workerHeartbeat: 5_000,
		})
	})

	test.each([
		[{ PORT: '8080' }, { port: 8080, publicUrl: 'http://localhost:8080' }],
		[{ PUBLIC_URL: 'https://tasks.example.org/yard/' }, { publicUrl: 'https://tasks.example.org/yard' }],
		[
			{ DATABASE_URL: 'postgres://me:pw@db.example:5433/x?sslmode=require' },
			{ databaseUrl: 'postgres://me:pw@db.example:5433/x?sslmode=require' },
		],
		[{ DATABASE_URL: 'postgres:///taskyard?host=/tmp/socket&user=me' }, { databaseUrl: 'postgres:///taskyard?host=/tmp/socket&user=me' }],
		[
			{ DATA_DIRECTORY: '/var/lib/taskyard' },
			{ dataDirectory: '/var/lib/taskyard', encryptionKeyFile: '/var/lib/taskyard/encryption.key' },
		],
		[{ ENCRYPTION_KEYS: `2026:${key},old.1:${key}` }, { encryptionKeys: `2026:${key},old.1:${key}` }],
		[
			{ LOG_LEVEL: 'debug', LOG_FORMAT: 'human' },
			{ logLevel: 'debug', logFormat: 'human' },
		],
		[
			{ WORKER_CHILDREN: '4', WORKER_CONCURRENCY: '1' },
			{ workerChildren: 4, workerConcurrency: 1 },
		],
		[{ WORKER_OWN_CHILDREN: '1' }, { workerOwnChildren: 1 }],
		[{ WORKER_QUEUES: 'default,slow' }, { workerQueues: ['default', 'slow'] }],
		[{ WORKER_TASKS: '/srv/tasks.js,/srv/more.js' }, { workerTasks: ['/srv/tasks.js', '/srv/more.js'] }],
		[{ WORKER_HEARTBEAT: '500' }, { workerHeartbeat: 500 }],
	])('%j', (given, expected) => {
		expect(readEnvironment(given)).toMatchObject(expected)
	})

	test('names all faults at once, with what was expected and what was found', () => {
		const read = () => readEnvironment({ PORT: '70000', LOG_LEVEL: 'loud', WORKER_CHILDREN: 'two' })
		expect(read).toThrow(EnvironmentError)
		expect(read).toThrow(
			[
				'the environment has 3 faults; correct and start again:',
				'  PORT: expected a whole number from 1 to 65535, but it is "70000"',
				'  LOG_LEVEL: expected one of fatal, error, warn, info, debug, trace, silent, but it is "loud"',
				'  WORKER_CHILDREN: expected a whole number from 1 to 64, but it is "two"',
			].join('\n'),
		)
	})

	test.each([`a:${key.slice(8)}`, key, `a:${key},`, `a b:${key}`])('does not repeat the keys %s', (keys) => {
		expect(() => readEnvironment({ ENCRYPTION_KEYS: keys })).toThrow(/ENCRYPTION_KEYS: expected id:base64 with 32 bytes/)
		expect(() => readEnvironment({ ENCRYPTION_KEYS: keys })).not.toThrow(key.slice(8))
	})

	test.each(['mysql://me:hunter2@db/x', 'db hunter2'])('does not repeat the address %s', (url) => {
		expect(() => readEnvironment({ DATABASE_URL: url })).toThrow(/DATABASE_URL: expected the address of a PostgreSQL/)
		expect(() => readEnvironment({ DATABASE_URL: url })).not.toThrow(/hunter2/)
	})
})
