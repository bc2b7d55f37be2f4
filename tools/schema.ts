/**
 * Writes libs/store/schema.sql, the schema of a freshly migrated database. With --check it compares only, and fails when
 * migrations and file differ. Another file may be named, as tests do: `node tools/schema.ts --check FILE`.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { openPool } from '@taskyard/store/connection'
import { removeEmbedded, startEmbedded } from '@taskyard/store/embedded/embedded'
import { migrate } from '@taskyard/store/migrate'
import { difference } from './schema/difference.ts'
import { dumpSchema } from './schema/dump.ts'

const [named] = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const file = named === undefined ? fileURLToPath(new URL('../libs/store/schema.sql', import.meta.url)) : path.resolve(named)
const shownName = path.relative(process.cwd(), file)

const dump = await dumpOfFreshDatabase()
if (process.argv.includes('--check')) {
	const lines = difference(readFileSync(file, 'utf8'), dump)
	if (lines.length > 0) {
		console.error(
			`${shownName} (-) is not the schema that the migrations make (+). Run \`npm run schema\` and commit the file.\n${lines.join('\n')}`,
		)
		process.exitCode = 1
	} else {
		console.log(`${shownName} is the schema that the migrations make.`)
	}
} else {
	writeFileSync(file, dump)
	console.log(`wrote ${shownName}`)
}

async function dumpOfFreshDatabase(): Promise<string> {
	const home = mkdtempSync(path.join(os.tmpdir(), 'taskyard-schema-'))
	const dataDirectory = path.join(home, 'data')
	try {
		const server = await startEmbedded({ dataDirectory, durability: 'test', log: () => {} })
		try {
			await migrate(server.url)
			const pool = openPool(server.url, { max: 1, applicationName: 'taskyard schema' })
			try {
				return await dumpSchema(pool)
			} finally {
				await pool.end()
			}
		} finally {
			await server.stop()
			removeEmbedded(dataDirectory)
		}
	} finally {
		rmSync(home, { recursive: true, force: true })
	}
}
