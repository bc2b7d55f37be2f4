import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '@taskyard/process/log'
import { openPool } from '@taskyard/store/connection'
import { expect, onTestFinished, test } from 'vitest'
import { openHouseDatabase } from './openHouseDatabase.ts'

function quietLog() {
	const lines: string[] = []
	return {
		lines,
		log: createLog({ name: 'test', logLevel: 'info', logFormat: 'human', destination: { write: (line) => void lines.push(line) } }),
	}
}

async function ask(url: string, statement: string): Promise<unknown> {
	const pool = openPool(url, { max: 1, applicationName: 'test' })
	try {
		return (await pool.query(statement)).rows[0]
	} finally {
		await pool.end()
	}
}

test('the embedded database is made, has our tables and the queue, and goes on after kill -9', async () => {
	const dataDirectory = mkdtempSync(join(tmpdir(), 'taskyard-database-'))
	onTestFinished(() => rmSync(dataDirectory, { recursive: true, force: true }))
	const { log, lines } = quietLog()
	const first = await openHouseDatabase({ databaseUrl: undefined, dataDirectory, log })
	onTestFinished(() => first.stop())
	const look =
		"select to_regclass('task') is not null as task, to_regclass('graphile_worker.jobs') is not null as queue, current_setting('fsync') as fsync"
	expect(await ask(first.url, look)).toEqual({ task: true, queue: true, fsync: 'on' })
	expect(lines.join('')).toContain('starting the embedded PostgreSQL')

	process.kill(Number(readFileSync(join(dataDirectory, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL')
	const second = await openHouseDatabase({ databaseUrl: undefined, dataDirectory, log })
	expect(await ask(second.url, look)).toMatchObject({ task: true })
	await second.stop()
})

test('a database that cannot be reached is named, without its password, and with what to do', async () => {
	const { log } = quietLog()
	const opened = openHouseDatabase({ databaseUrl: 'postgres://me:hunter2@127.0.0.1:1/taskyard', dataDirectory: '/nowhere', log })
	await expect(opened).rejects.toThrow(
		/^the database taskyard of the PostgreSQL at 127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED.*\. Correct DATABASE_URL, or start that server/,
	)
	await expect(opened).rejects.not.toThrow(/hunter2/)
})
