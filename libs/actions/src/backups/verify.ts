/** `Backup::Directory/verify`: reads the archive back and compares it with the manifest. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { defineAction } from '@taskyard/sdk/defineAction'
import type { StepContext } from '@taskyard/sdk/definition'
import { Failure } from '@taskyard/sdk/failure'
import { type Extract, extract } from 'tar-stream'
import { z } from 'zod'
import { isGone, some, sourceFailure } from './failures.ts'
import { type Manifest, manifest } from './manifest.ts'

export const verify = defineAction({
	label: 'Backup::Directory/verify',
	input: z.object({ manifest }),
	output: z.object({ files: z.int(), bytes: z.int() }),
	async run({ manifest: packed }, context) {
		const comparison = new Comparison(packed, context)
		const entries = extract()
		const reading = pipeline(createReadStream(packed.archive), createGunzip(), entries as unknown as NodeJS.WritableStream, {
			signal: context.signal,
		})
		try {
			// The entries end with an error of their own when reading fails; which of both is seen first must not matter.
			await Promise.all([reading, comparison.readAll(entries)])
		} catch (error) {
			await reading.catch(() => {})
			if (context.signal.aborted) throw context.signal.reason
			throw damage(await reading.then(() => error).catch((first: unknown) => first), packed.archive)
		}
		return comparison.result()
	},
})

function damage(error: unknown, archive: string): Failure {
	const code = error instanceof Error && 'code' in error ? String(error.code) : ''
	if (isGone(error))
		return new Failure(`The archive ${archive} is no longer there. Start the backup again.`, { code: 'verify_failed', cause: error })
	if (code.startsWith('E') && !code.startsWith('ERR_')) return sourceFailure(error, archive)
	return new Failure(
		`The archive ${archive} is damaged (${error instanceof Error ? error.message : String(error)}). Remove it and start the backup again.`,
		{
			code: 'verify_failed',
			cause: error,
		},
	)
}

type Entry = Extract extends AsyncIterable<infer Item> ? Item : never

/** What is in an archive, compared with what its manifest says. */
class Comparison {
	readonly #manifest: Manifest
	readonly #context: StepContext
	readonly #total: number
	/** What has not been met yet. */
	readonly #files: Map<string, Manifest['files'][number]>
	readonly #directories: Set<string>
	readonly #symlinks: Set<string>
	readonly #checksums = new Map<string, string>()
	readonly #faults: string[] = []
	#bytes = 0

	constructor(packed: Manifest, context: StepContext) {
		this.#manifest = packed
		this.#context = context
		this.#total = packed.files.reduce((sum, { size }) => sum + size, 0)
		this.#files = new Map(packed.files.map((file) => [file.path, file]))
		this.#directories = new Set(packed.directories)
		this.#symlinks = new Set(packed.symlinks)
	}

	async readAll(entries: AsyncIterable<Entry>): Promise<void> {
		for await (const entry of entries) await this.#take(entry)
	}

	result(): { files: number; bytes: number } {
		for (const path of [...this.#files.keys(), ...this.#directories, ...this.#symlinks]) this.#faults.push(`${path} is missing`)
		if (this.#faults.length > 0) {
			throw new Failure(
				`The archive ${this.#manifest.archive} is not what was packed: ${some(this.#faults)}. Remove it and start the backup again.`,
				{ code: 'verify_failed', details: { faults: this.#faults.slice(0, 1000) } },
			)
		}
		return { files: this.#manifest.files.length, bytes: this.#bytes }
	}

	async #take(entry: Entry): Promise<void> {
		const { name, type } = entry.header
		const hash = createHash('sha256')
		let size = 0
		for await (const chunk of entry as AsyncIterable<Buffer>) {
			hash.update(chunk)
			size += chunk.length
			this.#report(chunk.length)
		}
		if (type === 'directory') this.#expect(this.#directories.delete(name.replace(/\/$/, '')), `${name} is not in the manifest`)
		else if (type === 'symlink') this.#expect(this.#symlinks.delete(name), `${name} is not in the manifest`)
		else if (type === 'link') this.#compareLink(name, entry.header.linkname ?? '')
		else this.#compare(name, hash.digest('hex'), size)
	}

	#compare(name: string, sha256: string, size: number): void {
		const file = this.#files.get(name)
		this.#files.delete(name)
		this.#checksums.set(name, sha256)
		this.#expect(file !== undefined, `${name} is not in the manifest, or is there twice`)
		if (file) this.#expect(file.sha256 === sha256 && file.size === size, `${name} has another content`)
	}

	/** A hard link has the content of the file that it names, which stands before it. */
	#compareLink(name: string, target: string): void {
		const file = this.#files.get(name)
		this.#files.delete(name)
		this.#expect(file !== undefined, `${name} is not in the manifest, or is there twice`)
		this.#expect(file?.sha256 === this.#checksums.get(target), `${name} has another content`)
		this.#report(file?.size ?? 0)
	}

	#expect(holds: boolean, fault: string): void {
		if (!holds) this.#faults.push(fault)
	}

	#report(bytes: number): void {
		this.#bytes += bytes
		this.#context.progress({ done: this.#bytes, total: Math.max(this.#total, this.#bytes), unit: 'bytes' })
	}
}
