/** `Backup::Directory/scan`: what there is to back up. */

import { isUtf8 } from 'node:buffer'
import type { Stats } from 'node:fs'
import { lstat, readdir, readlink, realpath } from 'node:fs/promises'
import { basename, dirname, sep } from 'node:path'
import { defineAction } from '@taskyard/sdk/defineAction'
import type { StepContext } from '@taskyard/sdk/definition'
import { Failure } from '@taskyard/sdk/failure'
import { z } from 'zod'
import { excludes } from './excluded.ts'
import { isGone, some, sourceFailure } from './failures.ts'
import { type Scan, type Skipped, scanOutput } from './manifest.ts'
import { checkTarget, unfinished } from './target.ts'

/** The list travels through the database as JSON: at 100,000 files with paths of 60 characters the scan has 6 MB, the manifest 15. */
const mostEntries = 200_000

export const scan = defineAction({
	label: 'Backup::Directory/scan',
	input: z.object({ source: z.string(), target: z.string(), exclude: z.array(z.string()) }),
	output: scanOutput,
	async run({ source, target, exclude }, context): Promise<Scan> {
		const archive = await checkTarget(target)
		const root = await realpath(source).catch((error: unknown) => {
			throw sourceFailure(error, source)
		})
		if (!(await lstat(root)).isDirectory()) {
			throw new Failure(`${source} is not a directory. Name the directory to back up.`, { code: 'not_a_directory' })
		}
		const walk = new Walk(root, archive, exclude, context)
		await walk.visit(Buffer.from(root), '')
		return walk.found()
	},
})

/** One walk through a directory, in the order of names, so that two of them list alike. */
class Walk {
	readonly #root: string
	readonly #archive: string
	readonly #isExcluded: (path: string, isDirectory: boolean) => boolean
	readonly #context: StepContext
	readonly #paths: string[] = []
	readonly #sizes: number[] = []
	readonly #directories: string[] = []
	readonly #symlinks: string[] = []
	readonly #skipped: Skipped = []
	readonly #unreadableNames: string[] = []
	#bytes = 0

	constructor(root: string, archive: string, exclude: readonly string[], context: StepContext) {
		this.#root = root
		this.#archive = archive
		this.#isExcluded = excludes(exclude)
		this.#context = context
	}

	found(): Scan {
		if (this.#unreadableNames.length > 0) {
			throw new Failure(
				`Names that are no UTF-8 cannot be kept in the list of files: ${some(this.#unreadableNames)}. Rename them, or exclude them, then resume.`,
				{ code: 'odd_name', details: { names: this.#unreadableNames.slice(0, 1000) } },
			)
		}
		return {
			root: this.#root,
			paths: this.#paths,
			sizes: this.#sizes,
			directories: this.#directories,
			symlinks: this.#symlinks,
			skipped: this.#skipped,
			bytes: this.#bytes,
		}
	}

	/** Names are read as bytes: one that is no UTF-8 could not be opened by the text that stands for it. */
	async visit(directory: Buffer, path: string): Promise<void> {
		this.#context.signal.throwIfAborted()
		const names = await readdir(directory, { encoding: 'buffer' }).catch((error: unknown) => {
			throw sourceFailure(error, directory.toString())
		})
		names.sort(Buffer.compare)
		for (let from = 0; from < names.length; from += batch) {
			const entries = await Promise.all(names.slice(from, from + batch).map((name) => entryOf(directory, name, path)))
			for (const entry of entries) if (entry) await this.#take(entry)
			this.#context.progress({ done: this.#bytes, unit: 'bytes' })
		}
	}

	async #take({ file, path, stats }: Entry): Promise<void> {
		if (this.#isOwn(path)) return this.#skip(path, 'the archive of this backup')
		if (this.#isExcluded(path, stats.isDirectory())) return
		if (!isUtf8(file) || (stats.isSymbolicLink() && !isUtf8(await readlink(file, { encoding: 'buffer' }).catch(() => Buffer.of())))) {
			this.#unreadableNames.push(path)
			return
		}
		if (stats.isDirectory()) {
			this.#directories.push(path)
			this.#checkLimit()
			await this.visit(file, path)
		} else if (stats.isSymbolicLink()) {
			this.#symlinks.push(path)
		} else if (stats.isFile()) {
			this.#paths.push(path)
			this.#sizes.push(stats.size)
			this.#bytes += stats.size
		} else {
			await this.#skip(path, kindOf(stats))
		}
		this.#checkLimit()
	}

	/** An archive inside of its own source would hold itself, half written. */
	#isOwn(path: string): boolean {
		const file = this.#root === sep ? sep + path : this.#root + sep + path
		return file === this.#archive || (dirname(file) === dirname(this.#archive) && unfinished.test(basename(file)))
	}

	async #skip(path: string, reason: string): Promise<void> {
		this.#skipped.push({ path, reason })
		await this.#context.log(`Skipped ${path}: ${reason}`)
	}

	#checkLimit(): void {
		const entries = this.#paths.length + this.#directories.length + this.#symlinks.length
		if (entries <= mostEntries) return
		throw new Failure(
			`${this.#root} holds more than ${mostEntries} files and directories, the most that one backup lists. Exclude some, or start a backup for each of its directories.`,
			{ code: 'too_many_files', retryable: false },
		)
	}
}

/** How many entries of a directory are looked at together. */
const batch = 64

interface Entry {
	readonly file: Buffer
	readonly path: string
	readonly stats: Stats
}

/** An entry of a directory; null when it has just vanished, which is no different from having vanished before. */
async function entryOf(directory: Buffer, name: Buffer, parent: string): Promise<Entry | null> {
	const file = Buffer.concat([directory, Buffer.from(directory.equals(rootDirectory) ? '' : sep), name])
	const path = parent === '' ? name.toString() : `${parent}/${name.toString()}`
	try {
		return { file, path, stats: await lstat(file) }
	} catch (error) {
		if (isGone(error)) return null
		throw sourceFailure(error, file.toString())
	}
}

const rootDirectory = Buffer.from(sep)

function kindOf(stats: Stats): string {
	if (stats.isSocket()) return 'a socket'
	if (stats.isFIFO()) return 'a named pipe'
	if (stats.isBlockDevice() || stats.isCharacterDevice()) return 'a device'
	return 'neither a file nor a directory'
}
