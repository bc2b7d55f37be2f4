/** Directories to back up, and everything that must hold of their backups when they are done, whatever was killed. */

import { execFile } from 'node:child_process'
import { createCipheriv, createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { stepStateCode } from '@taskyard/store/tasks/codes'
import { waitFor } from '@taskyard/testkit/waitFor'
import { createChance } from './random.ts'
import type { Yard } from './yard.ts'

export const shares = 4
/** Scan, checksums, pack, verify. */
export const stepsOfBackup = 3 + shares

export interface Sources {
	/** Absolute paths of the directories. */
	readonly directories: readonly string[]
	/** A new directory for the archives of one run. */
	target(): Promise<string>
	/** What a directory holds: path → checksum, or `→ target` of a symlink. */
	content(directory: string): Promise<ReadonlyMap<string, string>>
	remove(): Promise<void>
}

/** Makes directories of so many megabytes each: one large file, some of middle size, many small ones, a symlink. */
export async function makeSources(count: number, megabytes: number): Promise<Sources> {
	const home = await mkdtemp(join(tmpdir(), 'taskyard-kill-'))
	const directories = Array.from({ length: count }, (_, index) => join(home, `source-${index}`))
	for (const [index, directory] of directories.entries()) await fill(directory, index, megabytes * 1024 * 1024)
	const contents = new Map<string, Promise<ReadonlyMap<string, string>>>()
	return {
		directories,
		target: () => mkdtemp(join(home, 'target-')),
		content(directory) {
			const known = contents.get(directory) ?? contentOf(directory)
			contents.set(directory, known)
			return known
		},
		remove: () => rm(home, { recursive: true, force: true }),
	}
}

async function fill(directory: string, seed: number, bytes: number): Promise<void> {
	const chance = createChance(seed)
	const noise = createCipheriv('aes-256-ctr', Buffer.alloc(32, seed + 1), Buffer.alloc(16))
	const write = async (path: string, size: number): Promise<void> => {
		const file = join(directory, path)
		await mkdir(dirname(file), { recursive: true })
		await writeFile(file, noise.update(Buffer.alloc(size)))
	}
	await write('large', Math.floor(bytes / 2))
	for (let index = 0; index < 5; index++) await write(`middle/${index}`, Math.floor(bytes / 12))
	for (let index = 0; index < 40; index++) await write(`small/${index % 4}/${index}`, chance.number(4_000))
	await symlink('../middle/0', join(directory, 'small/link'))
}

async function contentOf(directory: string): Promise<ReadonlyMap<string, string>> {
	const found = new Map<string, string>()
	for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
		const file = join(entry.parentPath, entry.name)
		const path = file.slice(directory.length + 1)
		if (entry.isSymbolicLink()) found.set(path, `→ ${await readlink(file)}`)
		else if (entry.isFile()) found.set(path, checksum(await readFile(file)))
	}
	return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const checksum = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

export interface Backup {
	readonly id: string
	readonly source: string
	readonly archive: string
}

export async function startBackups(yard: Yard, sources: Sources): Promise<Backup[]> {
	const folder = await sources.target()
	return Promise.all(
		sources.directories.map(async (source, index) => {
			const archive = join(folder, `${index}.tar.gz`)
			return { id: await yard.start('Backup::Directory', { source, target: archive, shares }), source, archive }
		}),
	)
}

/** How many steps of these tasks have succeeded so far. */
export async function countSuccesses(yard: Yard, backups: readonly Backup[]): Promise<number> {
	const { rows } = await yard.pool.query<{ count: number }>(
		'select count(*)::int as count from step where task_id = any($1::uuid[]) and state = $2',
		[backups.map((backup) => backup.id), stepStateCode.encode('success')],
	)
	return rows[0]?.count ?? 0
}

/** Waits until all have stopped, and answers everything that is wrong with them. */
export async function faultsOf(yard: Yard, sources: Sources, backups: readonly Backup[]): Promise<string[]> {
	const faults: string[] = []
	for (const { id } of backups) {
		const task = await yard.reached(id, 'stopped')
		if (task.result !== 'success') faults.push(`${id} ended with ${task.result}`)
		if (task.steps.length !== stepsOfBackup) faults.push(`${id} has ${task.steps.length} steps`)
	}
	faults.push(...(await faultsOfTables(yard, backups)))
	for (const backup of backups) faults.push(...(await faultsOfArchive(yard, sources, backup)))
	const [first] = backups
	const left = first ? (await readdir(dirname(first.archive))).filter((name) => !name.endsWith('.tar.gz')) : []
	if (left.length > 0) faults.push(`beside the archives lie ${left.join(', ')}`)
	return faults
}

interface Finding {
	readonly what: string
}

/** Every step done exactly once, in attempts that follow each other; nothing held, nothing running, nothing waiting. */
async function faultsOfTables(yard: Yard, backups: readonly Backup[]): Promise<string[]> {
	const ids = backups.map((backup) => backup.id)
	const queries = [
		`select format('step %s of %s has %s successes', s.index, s.task_id, count(e)) as what from step s
		left join event e on e.task_id = s.task_id and e.step = s.index and e.kind = 2 and e.new = 2
		where s.task_id = any($1::uuid[]) group by s.task_id, s.index having count(e) <> 1`,
		`select format('%s has %s steps in the table', id, (select count(*) from step where task_id = id)) as what
		from unnest($1::uuid[]) as t(id) where (select count(*) from step where task_id = id) <> ${stepsOfBackup}`,
		`select format('step %s of %s has attempt %s, and kept attempts %s with outcomes %s', s.index, s.task_id, s.attempt, a.numbers, a.outcomes) as what
		from step s cross join lateral (
			select coalesce(array_agg(number order by number), '{}') as numbers, coalesce(array_agg(outcome::int order by number), '{}') as outcomes
			from attempt where task_id = s.task_id and step = s.index) a
		where s.task_id = any($1::uuid[]) and not (s.attempt = 1 and a.numbers = '{}'
			or s.attempt > 1 and a.numbers = array(select generate_series(1, s.attempt))
				and a.outcomes = array_append(array_fill(2, array[s.attempt - 1]), 0))`,
		`select format('step %s of %s is in state %s', index, task_id, state) as what from step where task_id = any($1::uuid[]) and state <> 2`,
		`select format('the log of step %s of %s goes from line %s to %s', step, task_id, before, first_line) as what from (
			select task_id, step, first_line, coalesce(lag(first_line + count) over (partition by task_id, step order by first_line), 1) as before
			from log_chunk where task_id = any($1::uuid[])) l where first_line <> before`,
		`select format('%s holds a lock', task_id) as what from lock where task_id = any($1::uuid[])`,
		`select format('%s has a timer', task_id) as what from timer where task_id = any($1::uuid[])`,
		`select format('%s has a process group', task_id) as what from process_group where task_id = any($1::uuid[])`,
	]
	const found: string[] = []
	for (const query of queries) found.push(...(await yard.pool.query<Finding>(query, [ids])).rows.map(({ what }) => what))
	// The last job of a task ends a moment after the task.
	await waitFor(
		'the queue to be empty',
		async () => {
			const { rowCount } = await yard.pool.query('select from graphile_worker._private_jobs where key = any($1::text[]) or key is null', [
				ids,
			])
			return rowCount === 0
		},
		{ timeout: 30_000 },
	)
	return found
}

const run = promisify(execFile)

interface Manifest {
	readonly sha256: string
	readonly bytes: number
	readonly files: readonly { readonly path: string; readonly sha256: string; readonly changed?: true }[]
	readonly symlinks: readonly string[]
}

/** The archive is the one of the manifest, can be read, and holds what the source holds. */
async function faultsOfArchive(yard: Yard, sources: Sources, { id, source, archive }: Backup): Promise<string[]> {
	const { rows } = await yard.pool.query<{ output: string }>('select output::text from task_payload where task_id = $1', [id])
	const manifest = JSON.parse(rows[0]?.output ?? 'null') as Manifest | null
	if (!manifest) return [`${id} has no manifest`]
	const faults: string[] = []
	const bytes = await readFile(archive)
	if (checksum(bytes) !== manifest.sha256 || bytes.length !== manifest.bytes) faults.push(`${archive} is not the archive of its manifest`)
	const expected = await sources.content(source)
	const listed = new Map(manifest.files.map((file) => [file.path, file.sha256]))
	for (const path of manifest.symlinks) listed.set(path, expected.get(path) ?? 'no symlink')
	if (!same(listed, expected)) faults.push(`the manifest of ${id} differs from ${source}`)
	if (manifest.files.some((file) => file.changed)) faults.push(`the manifest of ${id} calls files changed`)
	const unpacked = await mkdtemp(join(tmpdir(), 'taskyard-kill-unpacked-'))
	try {
		await run('tar', ['-xzf', archive, '-C', unpacked])
		if (!same(await contentOf(unpacked), expected)) faults.push(`${archive} differs from ${source}`)
	} catch (error) {
		faults.push(`${archive} cannot be read: ${(error as Error).message}`)
	} finally {
		await rm(unpacked, { recursive: true, force: true })
	}
	return faults
}

function same(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
	return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value)
}
