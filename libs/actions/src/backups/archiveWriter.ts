/** Writes a tar.gz into a file, entry by entry. */

import { createHash, type Hash } from 'node:crypto'
import { once } from 'node:events'
import type { Stats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type Header, pack } from 'tar-stream'

/** What an entry is, and what is kept of the file beside its content. */
type EntryHeader = Partial<Header> & Pick<Header, 'name'>

/** Small writes would each be a trip of their own through zlib's thread. */
const blockSize = 128 * 1024

export class ArchiveWriter {
	readonly #pack = pack()
	readonly #hash: Hash = createHash('sha256')
	readonly #writing: Promise<void>
	/** Bytes of the compressed archive that were handed to the file system. */
	written = 0

	/** @param file open for writing; the caller closes it */
	constructor(file: FileHandle, signal: AbortSignal) {
		this.#writing = pipeline(
			inBlocks(this.#pack as AsyncIterable<Buffer>),
			createGzip(),
			async (blocks: AsyncIterable<Buffer>) => {
				for await (const block of blocks) {
					// On an open file it goes on where the last block ended, and writes the whole block.
					await file.writeFile(block)
					this.#hash.update(block)
					this.written += block.length
				}
			},
			{ signal },
		)
		// Errors reach the callers through promises; an error event that nobody hears would end the process.
		this.#pack.on('error', () => {})
		// Whoever writes an entry would wait for ever for a pipeline that has failed.
		this.#writing.catch((error: Error) => this.#pack.destroy(error))
	}

	/** Appends a directory, a symlink, or a hard link to a file that is in the archive. */
	async addEmpty(header: EntryHeader): Promise<void> {
		await this.#entry(header, [])
	}

	/** Appends a file. The content must have `header.size` bytes. */
	async addFile(header: EntryHeader, content: AsyncIterable<Buffer>): Promise<void> {
		await this.#entry(header, content)
	}

	/** Ends the archive; resolves when all of it was handed to the file system. */
	async finish(): Promise<{ bytes: number; sha256: string }> {
		this.#pack.finalize()
		await this.#writing
		return { bytes: this.written, sha256: this.#hash.digest('hex') }
	}

	/** Gives up. Resolves when nothing is written any more. */
	async abandon(error: Error): Promise<void> {
		this.#pack.destroy(error)
		await this.#writing.catch(() => {})
	}

	async #entry(header: EntryHeader, content: AsyncIterable<Buffer> | readonly Buffer[]): Promise<void> {
		const { promise, resolve, reject } = Promise.withResolvers<void>()
		// An entry is destroyed when the pipeline fails: why, the pipeline knows.
		const done = promise.catch((error: unknown) => this.#writing.then(() => Promise.reject(error)))
		// Also when the content is what fails, and nobody awaits the entry.
		done.catch(() => {})
		const sink = this.#pack.entry(header, (error) => (error ? reject(error) : resolve()))
		sink.on('error', () => {})
		for await (const chunk of content) {
			if (!sink.write(chunk)) await Promise.race([once(sink, 'drain'), done])
		}
		sink.end(null)
		await done
	}
}

async function* inBlocks(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	let pending: Buffer[] = []
	let length = 0
	for await (const chunk of chunks) {
		pending.push(chunk)
		length += chunk.length
		if (length < blockSize) continue
		yield Buffer.concat(pending)
		pending = []
		length = 0
	}
	if (length > 0) yield Buffer.concat(pending)
}

/** Largest owner and group that the plain header of an entry holds, in six octal digits. */
const largestId = 0o777777
/** Largest time that it is given, in seconds: what goes beyond is kept in an extended header. */
const largestTime = 0x7fffffff

/** What an archive keeps of a file: mode, owner, group and time of change. */
export function headerOf(name: string, type: Header['type'], stats: Stats): EntryHeader {
	const seconds = Math.floor(stats.mtimeMs / 1000)
	const extended: Record<string, string> = {}
	if (stats.uid > largestId) extended['uid'] = String(stats.uid)
	if (stats.gid > largestId) extended['gid'] = String(stats.gid)
	if (seconds < 0 || seconds > largestTime) extended['mtime'] = String(seconds)
	return {
		name,
		type,
		size: type === 'file' ? stats.size : 0,
		mode: stats.mode & 0o7777,
		uid: stats.uid,
		gid: stats.gid,
		mtime: new Date(Math.min(largestTime, Math.max(0, seconds)) * 1000),
		...(Object.keys(extended).length > 0 && { pax: extended }),
	}
}
