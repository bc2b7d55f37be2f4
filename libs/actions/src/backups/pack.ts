/** `Backup::Directory/pack`: the archive, hashed while it is written. */

import { createHash } from 'node:crypto'
import type { Stats } from 'node:fs'
import { type FileHandle, lstat, open, readlink, rename, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { defineAction } from '@taskyard/sdk/defineAction'
import type { StepContext } from '@taskyard/sdk/definition'
import { abortReason, Failure } from '@taskyard/sdk/failure'
import { z } from 'zod'
import { ArchiveWriter, headerOf } from './archiveWriter.ts'
import { contentOf, openFile } from './content.ts'
import { isGone, sourceFailure, targetFailure } from './failures.ts'
import { checksumOutput, type Manifest, manifest, type PackedFile, scanOutput, type Skipped } from './manifest.ts'
import { checkTarget, partialName, removeEarlierPartials } from './target.ts'

/**
 * The first attempt packs exactly what was scanned and checksummed: it fails at a file that vanished or changed, and
 * names it. Any later attempt takes what is there now, and records it: `changed` in the manifest, or among the skipped.
 * That holds after a failure, where a person or the retry policy decided to go on, and also when the first attempt was
 * merely lost: an attempt cannot know which it was, and the manifest tells the truth in both cases.
 */
export const pack = defineAction({
	label: 'Backup::Directory/pack',
	input: z.object({ target: z.string(), scan: scanOutput, checksums: z.array(checksumOutput) }),
	output: manifest,
	async run({ target, scan, checksums }, context): Promise<Manifest> {
		const archive = await checkTarget(target)
		const folder = dirname(archive)
		const partial = join(folder, partialName(context))
		try {
			await removeEarlierPartials(folder, context)
			const file = await open(partial, 'wx', 0o600)
			try {
				const packed = await writeArchive(file, archive, scan, checksums, context)
				await context.log(`Packed ${packed.files.length} files into ${packed.bytes} bytes`)
				if (!(await context.stillMine())) throw abortReason('not_mine')
				await removeEarlierPartials(folder, context)
				await rename(partial, archive)
				await syncDirectory(folder)
				return packed
			} finally {
				await file.close()
			}
		} catch (error) {
			await unlink(partial).catch(() => {})
			if (context.signal.aborted) throw context.signal.reason
			throw error instanceof Failure ? error : targetFailure(error, archive, 0)
		}
	},
})

async function writeArchive(
	file: FileHandle,
	archive: string,
	scan: z.output<typeof scanOutput>,
	checksums: readonly z.output<typeof checksumOutput>[],
	context: StepContext,
): Promise<Manifest> {
	const writer = new ArchiveWriter(file, context.signal)
	try {
		const packing = new Packing(writer, scan.root, scan.bytes, context)
		for (const path of scan.directories) await packing.addDirectory(path)
		for (const [index, path] of scan.paths.entries()) {
			const expected = checksums[index % checksums.length]?.sha256[Math.floor(index / checksums.length)] ?? null
			await packing.addFile(path, expected)
		}
		// Last, so that no file is extracted through one of them.
		for (const path of scan.symlinks) await packing.addSymlink(path)
		const { bytes, sha256 } = await writer.finish()
		await file.sync()
		const { files, directories, symlinks, skipped } = packing
		return { archive, bytes, sha256, files, directories, symlinks, skipped: [...scan.skipped, ...skipped] }
	} catch (error) {
		const reason = error instanceof Error ? error : new Error(String(error))
		await writer.abandon(reason)
		throw reason instanceof Failure || context.signal.aborted ? reason : targetFailure(reason, archive, writer.written)
	}
}

/** One archive under way. */
class Packing {
	readonly files: PackedFile[] = []
	readonly directories: string[] = []
	readonly symlinks: string[] = []
	readonly skipped: Skipped = []
	readonly #writer: ArchiveWriter
	readonly #root: string
	readonly #total: number
	readonly #context: StepContext
	/** The first of the names of a file that has several. */
	readonly #hardLinks = new Map<string, PackedFile>()
	#done = 0

	constructor(writer: ArchiveWriter, root: string, total: number, context: StepContext) {
		this.#writer = writer
		this.#root = root
		this.#total = total
		this.#context = context
	}

	async addDirectory(path: string): Promise<void> {
		const stats = await this.#statsOf(path)
		if (!stats?.isDirectory()) return this.#vanished(path)
		await this.#writer.addEmpty(headerOf(`${path}/`, 'directory', stats))
		this.directories.push(path)
	}

	async addSymlink(path: string): Promise<void> {
		const stats = await this.#statsOf(path)
		if (!stats?.isSymbolicLink()) return this.#vanished(path)
		const linkname = await readlink(join(this.#root, path)).catch((error: unknown) => {
			if (isGone(error) || (error instanceof Error && 'code' in error && error.code === 'EINVAL')) return null
			throw sourceFailure(error, join(this.#root, path))
		})
		if (linkname === null) return this.#vanished(path)
		await this.#writer.addEmpty({ ...headerOf(path, 'symlink', stats), linkname })
		this.symlinks.push(path)
	}

	async addFile(path: string, expected: string | null): Promise<void> {
		this.#context.signal.throwIfAborted()
		const opened = await openFile(join(this.#root, path))
		if (!opened) return this.#vanished(path)
		const { handle, stats } = opened
		try {
			const identity = stats.nlink > 1 ? `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}` : null
			const first = identity === null ? undefined : this.#hardLinks.get(identity)
			const sha256 = first ? first.sha256 : await this.#addContent(path, handle, stats)
			if (first) {
				await this.#writer.addEmpty({ ...headerOf(path, 'link', stats), linkname: first.path })
				this.#report(stats.size)
			}
			const file: PackedFile = { path, size: stats.size, sha256 }
			if (sha256 !== expected) {
				await this.#changed(path, 'changed since its checksum was made')
				file.changed = true
			}
			if (identity !== null && !first) this.#hardLinks.set(identity, file)
			this.files.push(file)
		} finally {
			await handle.close()
		}
	}

	/** Packs as many bytes as the file has now: one that grows meanwhile is cut there, one that shrinks cannot be packed. */
	async #addContent(path: string, handle: FileHandle, stats: Stats): Promise<string> {
		const hash = createHash('sha256')
		const report = (bytes: number) => this.#report(bytes)
		const { signal } = this.#context
		async function* hashed(): AsyncGenerator<Buffer> {
			let size = 0
			for await (const chunk of contentOf(handle, path, stats.size)) {
				signal.throwIfAborted()
				size += chunk.length
				hash.update(chunk)
				report(chunk.length)
				yield chunk
			}
			if (size < stats.size) {
				throw new Failure(`${path} became shorter while it was read. Resume when it is written no more, or exclude it.`, {
					code: 'changed',
					details: { changed: [path] },
				})
			}
		}
		await this.#writer.addFile(headerOf(path, 'file', stats), hashed())
		return hash.digest('hex')
	}

	async #statsOf(path: string): Promise<Stats | null> {
		return lstat(join(this.#root, path)).catch((error: unknown) => {
			if (isGone(error)) return null
			throw sourceFailure(error, join(this.#root, path))
		})
	}

	async #vanished(path: string): Promise<void> {
		await this.#changed(path, 'vanished since the scan')
		this.skipped.push({ path, reason: 'vanished since the scan' })
	}

	async #changed(path: string, what: string): Promise<void> {
		if (this.#context.attempt === 1) {
			throw new Failure(`${path} ${what}. Resume to back up what is there now; the manifest then says so.`, {
				code: 'changed',
				details: { changed: [path] },
			})
		}
		await this.#context.log(`${path} ${what}`)
	}

	#report(bytes: number): void {
		this.#done += bytes
		this.#context.progress({ done: this.#done, total: Math.max(this.#total, this.#done), unit: 'bytes' })
	}
}

/** A rename is on the disk when its directory is. */
async function syncDirectory(folder: string): Promise<void> {
	const directory = await open(folder, 'r')
	try {
		await directory.sync()
	} finally {
		await directory.close()
	}
}
