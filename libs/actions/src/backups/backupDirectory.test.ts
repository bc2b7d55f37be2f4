import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
	appendFileSync,
	chmodSync,
	existsSync,
	linkSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	realpathSync,
	rmSync,
	statSync,
	symlinkSync,
	truncateSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { StepContext } from '@taskyard/sdk/definition'
import type { MemoryOptions } from '@taskyard/sdk/memoryRun'
import { runInMemory } from '@taskyard/sdk/runInMemory'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type BackupInput, backupDirectory } from './backupDirectory.ts'
import type { Manifest, Scan } from './manifest.ts'
import { pack } from './pack.ts'
import { scan } from './scan.ts'

let folder = ''
let source = ''
let target = ''

beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'taskyard-backup-')))
	source = join(folder, 'source')
	target = join(folder, 'target', 'backup.tar.gz')
	mkdirSync(source)
	mkdirSync(dirname(target))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Makes files in the source; a name that ends with a slash is a directory. */
function fill(files: Record<string, string | Buffer>): void {
	for (const [path, content] of Object.entries(files)) {
		const file = join(source, path)
		mkdirSync(path.endsWith('/') ? file : dirname(file), { recursive: true })
		if (!path.endsWith('/')) writeFileSync(file, content)
	}
}

const backup = (input: Partial<BackupInput> = {}, options?: MemoryOptions) =>
	runInMemory(backupDirectory, { source, target, ...input }, options)

/** Does something just before the first attempt of a step runs. */
function before(step: number, act: () => void): MemoryOptions {
	return {
		context: (context) => {
			if (context.step === step && context.attempt === 1) act()
			return {}
		},
	}
}

const listed = () => execFileSync('tar', ['-tzf', target], { encoding: 'utf8' }).split('\n').filter(Boolean)
const leftovers = () => readdirSync(dirname(target))

const steps = { scan: 0, checksum: 1, pack: 5, verify: 6 }

describe('a backup', () => {
	test('keeps everything that tar can, and says so in its manifest', async () => {
		const long = `${'long-name-'.repeat(20)}é`
		fill({
			'a.txt': 'hello',
			empty: '',
			'big.bin': Buffer.alloc(3 * 256 * 1024 + 7, 'xy'),
			'empty directory/': '',
			'.hidden/.file': 'dot',
			'-rf': 'dash',
			'line\nend': 'newline',
			'quote"\'\\$`': 'quotes',
			[`${long}/${long}`]: 'long',
			[`${'d/'.repeat(60)}deep\né`]: 'deep',
			'mode.sh': '#!/bin/sh',
		})
		chmodSync(join(source, 'mode.sh'), 0o4750)
		chmodSync(join(source, 'empty directory'), 0o700)
		utimesSync(join(source, 'a.txt'), 1_000_000_000, 1_000_000_000)
		utimesSync(join(source, 'empty'), new Date(-5000), new Date(-5000))
		linkSync(join(source, 'big.bin'), join(source, 'second name'))
		symlinkSync('a.txt', join(source, 'link'))
		symlinkSync('/no/such/é', join(source, 'dangling'))
		symlinkSync('.', join(source, 'loop'))

		const run = await backup()
		expect(run.error).toBeNull()
		expect(run).toMatchObject({
			result: 'success',
			name: `Backup of ${source}`,
			locks: [{ resource: { type: 'Directory', id: source }, name: 'backup', mode: 'exclusive' }],
		})
		expect(run.steps.map(({ name }) => name)).toEqual(['scan', ...[1, 2, 3, 4].map((share) => `checksum ${share} of 4`), 'pack', 'verify'])
		const manifest = run.output as Manifest
		expect(manifest).toMatchObject({ archive: target, bytes: statSync(target).size, skipped: [] })
		expect(manifest.sha256).toBe(execFileSync('sha256sum', [target], { encoding: 'utf8' }).slice(0, 64))
		expect(manifest.files.find(({ path }) => path === 'a.txt')).toEqual({
			path: 'a.txt',
			size: 5,
			sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
		})
		expect(manifest.files).toHaveLength(11)
		expect(manifest.symlinks).toEqual(['dangling', 'link', 'loop'])
		expect(manifest.directories).toContain('empty directory')
		expect(leftovers()).toEqual(['backup.tar.gz'])
		expect(statSync(target).mode & 0o777).toBe(0o600)

		const extracted = join(folder, 'extracted')
		mkdirSync(extracted)
		execFileSync('tar', ['-xzpf', target, '-C', extracted])
		execFileSync('diff', ['-r', '--no-dereference', source, extracted])
		const found = (path: string) => lstatSync(join(extracted, path))
		expect(found('mode.sh').mode & 0o7777).toBe(0o4750)
		expect(found('empty directory').mode & 0o7777).toBe(0o700)
		expect(found('a.txt').mtimeMs).toBe(1_000_000_000_000)
		expect(found('empty').mtimeMs).toBe(-5000)
		expect(found('second name').ino).toBe(found('big.bin').ino)
		expect(readlinkSync(join(extracted, 'dangling'))).toBe('/no/such/é')
	})

	test('reports its progress in bytes', async () => {
		fill({ a: Buffer.alloc(700_000, 'a'), b: Buffer.alloc(300_000, 'b') })
		const { reports } = await backup()
		for (const step of [steps.pack, steps.verify]) {
			const last = reports.findLast((report) => report.step === step)
			expect(last).toMatchObject({ done: 1_000_000, total: 1_000_000, unit: 'bytes', fraction: 1 })
		}
		expect(reports.findLast(({ step }) => step === steps.scan)).toMatchObject({ done: 1_000_000, unit: 'bytes' })
		expect(reports.filter(({ step }) => step === steps.pack).length).toBeGreaterThan(3)
	})

	test.each([
		['of an empty directory', 4, []],
		['with more shares than files', 9, ['one']],
		['with one share', 1, ['one', 'two', 'three']],
	])('%s', async (_, shares, names) => {
		fill(Object.fromEntries(names.map((name) => [name, name])))
		const run = await backup({ shares })
		expect(run).toMatchObject({ result: 'success' })
		expect(run.output?.files.map(({ path }) => path)).toEqual([...names].sort())
		expect(listed()).toEqual([...names].sort())
	})

	test('leaves out what is excluded, with all that it holds', async () => {
		fill({ 'a.txt': '1', 'a.log': '2', 'sub/b.log': '3', 'node_modules/x/y': '4', 'sub/node_modules/z': '5', 'sub/keep': '6' })
		const run = await backup({ exclude: ['*.log', 'node_modules'] })
		expect(run.output?.files.map(({ path }) => path)).toEqual(['a.txt', 'sub/keep'])
		expect(run.output?.directories).toEqual(['sub'])
	})

	test('skips sockets and named pipes, and says so', async () => {
		fill({ file: 'x' })
		execFileSync('mkfifo', [join(source, 'pipe')])
		const server = createServer().listen(join(source, 'socket'))
		await once(server, 'listening')
		const run = await backup()
		server.close()
		expect(run.output?.skipped).toEqual([
			{ path: 'pipe', reason: 'a named pipe' },
			{ path: 'socket', reason: 'a socket' },
		])
		expect(run.log.map(({ line }) => line)).toEqual(expect.arrayContaining(['Skipped pipe: a named pipe', 'Skipped socket: a socket']))
	})

	test('inside of its own source does not hold itself, nor an older one', async () => {
		fill({ file: 'x' })
		target = join(source, 'backup.tar.gz')
		for (const round of [1, 2]) {
			const run = await backup()
			expect(run, `round ${round}`).toMatchObject({ result: 'success' })
			expect(run.output?.files.map(({ path }) => path)).toEqual(['file'])
		}
		expect(readdirSync(source)).toEqual(['backup.tar.gz', 'file'])
	})

	test('takes the directory that a symlink leads to, and locks that', async () => {
		fill({ file: 'x' })
		symlinkSync(source, join(folder, 'alias'))
		const run = await backup({ source: join(folder, 'alias', '.') })
		expect(run.locks[0]?.resource.id).toBe(source)
		expect(run.output?.files).toHaveLength(1)
	})
})

describe('a source that changes', () => {
	test('between checksum and pack: the step fails and names it; the next try takes what is there', async () => {
		fill({ same: 'same', log: 'old' })
		const paused = await backup(
			{},
			before(steps.pack, () => writeFileSync(join(source, 'log'), 'new')),
		)
		expect(paused).toMatchObject({
			state: 'paused',
			error: { code: 'changed', message: expect.stringContaining('log changed since its checksum was made') },
		})
		expect(paused.steps[steps.pack]?.state).toBe('error')
		expect(leftovers()).toEqual([])

		const resumed = await paused.resume()
		expect(resumed).toMatchObject({ state: 'stopped', result: 'warning' })
		expect(resumed.output?.files).toMatchObject([{ path: 'log', changed: true, size: 3 }, { path: 'same' }])
		expect(resumed.output?.files[1]).not.toHaveProperty('changed')
		expect(resumed.steps[steps.verify]).toMatchObject({ state: 'success', output: { files: 2, bytes: 7 } })
	})

	test('a file that grew is packed to the size that it has', async () => {
		fill({ log: 'old' })
		const paused = await backup(
			{},
			before(steps.pack, () => appendFileSync(join(source, 'log'), ' and new')),
		)
		expect(paused.error?.message).toContain('log changed')
		expect((await paused.resume()).output?.files).toMatchObject([{ path: 'log', changed: true, size: 11 }])
	})

	test.each(['checksum', 'pack'] as const)('a file vanished before %s: named, then skipped', async (step) => {
		fill({ here: 'x', gone: 'y', 'gone directory/': '' })
		symlinkSync('here', join(source, 'gone link'))
		const paused = await backup(
			{},
			before(steps[step], () => {
				for (const name of ['gone', 'gone directory', 'gone link']) rmSync(join(source, name), { recursive: true })
			}),
		)
		expect(paused).toMatchObject({ state: 'paused', error: { code: 'changed', message: expect.stringContaining('gone') } })
		let run = await paused.resume()
		// Where the checksum failed first, pack is at its first attempt, and fails too.
		if (run.state === 'paused') run = await run.resume()
		expect(run.result).toBe('warning')
		expect(run.output?.files.map(({ path }) => path)).toEqual(['here'])
		expect(run.output?.skipped.map(({ path }) => path).sort()).toEqual(['gone', 'gone directory', 'gone link'])
	})

	test.each([
		['a named pipe', (file: string) => void execFileSync('mkfifo', [file])],
		['a symlink', (file: string) => symlinkSync('/etc/hostname', file)],
		['a directory', (file: string) => mkdirSync(file)],
	])('a file replaced by %s counts as vanished, and nothing hangs', async (_, replace) => {
		fill({ here: 'x', file: 'y' })
		const paused = await backup(
			{},
			before(steps.pack, () => {
				unlinkSync(join(source, 'file'))
				replace(join(source, 'file'))
			}),
		)
		expect(paused.error?.message).toContain('file vanished since the scan')
		const run = await paused.resume()
		expect(run.output).toMatchObject({ files: [{ path: 'here' }], skipped: [{ path: 'file', reason: 'vanished since the scan' }] })
	})

	test('a file that becomes shorter while it is read cannot be packed', async () => {
		fill({ big: Buffer.alloc(8 * 1024 * 1024, 'x') })
		let cut = false
		const run = await backup(
			{},
			{
				onProgress: ({ step }) => {
					if (step === steps.pack && !cut) truncateSync(join(source, 'big'), 1000)
					cut ||= step === steps.pack
				},
			},
		)
		expect(run.error).toMatchObject({ code: 'changed', message: expect.stringContaining('big became shorter while it was read') })
		expect(leftovers()).toEqual([])
	})
})

describe('a target', () => {
	test('whose directory is missing pauses the task at once; created, the task goes on', async () => {
		fill({ file: 'x' })
		target = join(folder, 'later', 'backup.tar.gz')
		const paused = await backup()
		expect(paused).toMatchObject({
			state: 'paused',
			error: {
				code: 'no_such_directory',
				message: `The directory ${join(folder, 'later')} of the target does not exist. Create it, then resume.`,
			},
		})
		expect(paused.error?.trace).toContain('ENOENT')
		expect(paused.steps[steps.scan]?.state).toBe('error')
		mkdirSync(join(folder, 'later'))
		expect((await paused.resume()).result).toBe('warning')
		expect(existsSync(target)).toBe(true)
	})

	test.each([
		['a directory', () => folder, 'is a directory. Name a file in it'],
		['a device', () => '/dev/null', 'is not a regular file'],
	])('that is %s is refused', async (_, name, message) => {
		expect((await backup({ target: name() })).error).toMatchObject({ code: 'not_writable', message: expect.stringContaining(message) })
	})

	test('may have the longest name that there is', async () => {
		fill({ file: 'x' })
		target = join(dirname(target), 'n'.repeat(255))
		expect((await backup()).result).toBe('success')
	})

	// A file system of one's own needs a namespace, which some containers forbid.
	const namespaces = spawnSync('unshare', ['-rm', 'true']).status === 0
	test.runIf(namespaces).each([
		['full', 'size=256k', 'no_space', 'pack', 'There is no space left'],
		['read-only', 'ro,size=64m', 'not_writable', 'scan', 'cannot be written (EROFS)'],
	])(
		'on a %s file system pauses clearly, leaves nothing, and goes on when it is repaired',
		async (_, mountOptions, code, failed, message) => {
			// Random bytes do not compress.
			execFileSync('sh', ['-c', `head -c 2000000 /dev/urandom > ${join(source, 'random')}`])
			const { stdout } = await promisify(execFile)('unshare', [
				'-rm',
				process.execPath,
				join(import.meta.dirname, '../testing/onSmallDisk.ts'),
				source,
				dirname(target),
				mountOptions,
			])
			expect(JSON.parse(stdout)).toMatchObject({
				state: 'paused',
				failed,
				error: { code, message: expect.stringContaining(message) },
				left: [],
				resumed: 'warning',
				after: ['backup.tar.gz'],
			})
		},
	)
})

describe('a source that cannot be read', () => {
	test.each([
		['that is missing', () => join(folder, 'none'), 'not_found', 'none does not exist'],
		['that is a file', () => '/etc/hostname', 'not_a_directory', 'is not a directory'],
	])('%s', async (_, name, code, message) => {
		expect((await backup({ source: name() })).error).toMatchObject({ code, message: expect.stringContaining(message) })
	})

	test('a name that is no UTF-8 is named, and may be excluded', async () => {
		fill({ file: 'x' })
		writeFileSync(Buffer.concat([Buffer.from(`${source}/caf`), Buffer.from([0xe9])]), 'y')
		const run = await backup()
		expect(run.error).toMatchObject({ code: 'odd_name', message: expect.stringContaining('caf\uFFFD. Rename them, or exclude them') })
		expect((await backup({ exclude: ['caf?'] })).output?.files.map(({ path }) => path)).toEqual(['file'])
	})

	test.each([
		[{ source: 'relative' }, 'input.source'],
		[{ target: 'relative' }, 'input.target'],
		[{ shares: 0 }, 'input.shares'],
		[{ exlcude: [] }, 'exlcude'],
	])('an input is refused when planned: %o', async (wrong, message) => {
		expect((await backup(wrong as Partial<BackupInput>)).error).toMatchObject({
			code: 'invalid_input',
			message: expect.stringContaining(message),
		})
	})
})

describe('verify finds', () => {
	test.each<[string, () => void, RegExp]>([
		['a damaged archive', () => writeFileSync(target, flipped(readFileSync(target))), /is damaged|is not what was packed/],
		['a cut one', () => truncateSync(target, statSync(target).size - 20), /is damaged \(.*unexpected end of file/],
		['an empty one', () => truncateSync(target, 0), /is damaged|is not what was packed/],
		['a missing one', () => unlinkSync(target), /is no longer there/],
		['another content', () => repack(['a', 'b'], 'b', 'other'), /b has another content/],
		['a file too many', () => repack(['a', 'b', 'c'], 'c', 'c'), /c is not in the manifest/],
		['a file too few', () => repack(['a'], 'a', 'a'), /b is missing/],
	])('%s', async (_, spoil, message) => {
		fill({ a: 'a', b: 'b', 'directory/': '' })
		const run = await backup({}, before(steps.verify, spoil))
		expect(run).toMatchObject({ state: 'paused', error: { code: 'verify_failed', message: expect.stringMatching(message) } })
		expect(run.steps[steps.verify]?.state).toBe('error')
	})

	function flipped(bytes: Buffer): Buffer {
		const at = Math.floor(bytes.length / 2)
		bytes[at] = (bytes[at] ?? 0) ^ 0xff
		return bytes
	}

	function repack(names: readonly string[], changed: string, content: string): void {
		writeFileSync(join(source, changed), content)
		execFileSync('tar', ['-czf', target, '-C', source, ...names])
	}
})

describe('pack', () => {
	const refuse = async (): Promise<never> => {
		throw new Error('a backup starts no other task')
	}

	/** A context of an attempt, without an engine. */
	function contextOf(attempt: number, more: Partial<StepContext> = {}): StepContext {
		return {
			taskId: 'task-1',
			step: 5,
			attempt,
			tries: 0,
			correlationId: 'c',
			signal: new AbortController().signal,
			progress: () => {},
			log: async () => {},
			heartbeat: () => {},
			stillMine: async () => true,
			ownProcessGroup: async () => {},
			externalWork: { current: refuse, begin: refuse, keep: refuse, over: refuse },
			wake: null,
			callback: refuse,
			fanOut: refuse,
			tasks: { start: refuse, run: refuse, cancel: refuse, resume: refuse },
			...more,
		}
	}

	async function inputOf(): Promise<never> {
		const found = (await scan.run({ source, target, exclude: [] } as never, contextOf(1))) as Scan
		const checksums = [{ sha256: found.paths.map(() => '0'.repeat(64)), bytes: 0 }]
		return { target, scan: found, checksums } as never
	}

	test('does not replace the finished archive when it is no longer its own', async () => {
		fill({ file: 'x' })
		const input = await inputOf()
		writeFileSync(target, 'finished')
		await expect(pack.run(input, contextOf(2, { stillMine: async () => false }))).rejects.toMatchObject({ code: 'not_mine' })
		expect(readFileSync(target, 'utf8')).toBe('finished')
		expect(leftovers()).toEqual(['backup.tar.gz'])
	})

	test('does not even when it stops between asking and renaming', async () => {
		fill({ file: 'first' })
		const input = await inputOf()
		const asked = Promise.withResolvers<void>()
		const answer = Promise.withResolvers<boolean>()
		const late = pack.run(
			input,
			contextOf(2, {
				stillMine: () => {
					asked.resolve()
					return answer.promise
				},
			}),
		) as Promise<unknown>
		const refused = expect(late).rejects.toThrow()
		await asked.promise
		writeFileSync(join(source, 'file'), 'second')
		const finished = (await pack.run(input, contextOf(3))) as Manifest
		const archive = readFileSync(target)
		answer.resolve(true)
		await refused
		expect(readFileSync(target)).toEqual(archive)
		expect(finished.bytes).toBe(archive.length)
		expect(leftovers()).toEqual(['backup.tar.gz'])
	})

	test('removes what a killed attempt left, and nobody else’s', async () => {
		fill({ file: 'x' })
		const others = ['.taskyard-task-1-5-3.partial', '.taskyard-task-1-6-1.partial', '.taskyard-task-2-5-1.partial']
		for (const name of ['.taskyard-task-1-5-1.partial', ...others]) writeFileSync(join(dirname(target), name), 'half')
		await pack.run(await inputOf(), contextOf(2))
		expect(leftovers()).toEqual([...others, 'backup.tar.gz'].sort())
	})

	test('leaves nothing when it is cancelled', async () => {
		fill({ big: Buffer.alloc(32 * 1024 * 1024, 'x') })
		const controller = new AbortController()
		const run = await backup({}, { signal: controller.signal, onProgress: ({ step }) => step === steps.pack && controller.abort() })
		expect(run).toMatchObject({ state: 'stopped', result: 'cancelled' })
		expect(leftovers()).toEqual([])
	})
})
