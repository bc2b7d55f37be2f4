import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { authorFrame, fingerprintOf, normalMessage } from './fingerprint.ts'

describe('normalMessage', () => {
	test.each([
		['no space left on device', 'no space left on device'],
		['exit code 23 after 4.5 s', 'exit code <number> after <number> s'],
		['took -1.5e-3 seconds', 'took <number> seconds'],
		['task 019a0b1c-2d3e-7f00-8000-0123456789ab is gone', 'task <uuid> is gone'],
		['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED <number>'],
		['commit 3f2a9c1e77 is missing', 'commit <hex> is missing'],
		['at 0x7fff12', 'at <hex>'],
		['the file "a b.txt" is locked', 'the file <text> is locked'],
		["open 'x', then `y`", 'open <text>, then <text>'],
		["it can't be read, doesn't exist", "it can't be read, doesn't exist"],
		["ENOENT: no such file or directory, open '/srv/a.txt'", 'ENOENT: no such file or directory, open <text>'],
		['cannot read /srv/backup/2026-11-21/db.dump: gone', 'cannot read <path>: gone'],
		['cannot read ./a/b and ../c', 'cannot read <path> and <path>'],
		['cannot read C:\\Users\\ann\\x.txt', 'cannot read <path>'],
		['GET https://mirror.example/x?y=1 answered 503', 'GET <url> answered <number>'],
		['read/write error', 'read/write error'],
		['two\n  lines', 'two lines'],
		['added deadbeef by facade', 'added deadbeef by facade'],
		['größe 5 überschritten', 'größe <number> überschritten'],
	])('%s', (message, expected) => {
		expect(normalMessage(message)).toBe(expected)
	})
})

const trace = (...places: string[]) => ['Error: no', ...places.map((place) => `    at ${place}`)].join('\n')

describe('authorFrame', () => {
	test.each([
		['no trace', null, null],
		['a message without frames', 'Error: no', null],
		['the first frame', trace('backup (/srv/app/backup.ts:12:3)', 'main (/srv/app/main.ts:1:1)'), 'backup backup.ts'],
		['an async method', trace('async Store.save (file:///srv/app/store.ts:12:3)'), 'Store.save store.ts'],
		['a place alone', trace('/srv/app/store.ts:12:3'), 'store.ts'],
		['Windows', trace('save (C:\\app\\store.ts:12:3)'), 'save store.ts'],
		['a module loaded anew', trace('save (file:///srv/app/store.ts?t=17:12:3)'), 'save store.ts'],
		[
			'frames of Node.js, of packages and of ours',
			trace(
				'readFile (node:fs:441:20)',
				'get (/srv/app/node_modules/got/index.js:3:1)',
				'run (/opt/node_modules/@taskyard/sdk/dist/run.js:1:1)',
				'step (/work/taskyard/libs/engine/dist/step.js:1:1)',
				'Promise.all (<anonymous>)',
				'mine (/srv/app/mine.ts:9:9)',
			),
			'mine mine.ts',
		],
		['only frames of others', trace('readFile (node:fs:441:20)', 'new Promise (<anonymous>)'), null],
	])('%s', (_, given, expected) => {
		expect(authorFrame(given)).toBe(expected)
	})
})

const error = { type: 'Failure', message: 'exit code 23', trace: trace('backup (/srv/app/backup.ts:12:3)') }

describe('fingerprintOf', () => {
	test('is stable: it is stored', () => {
		expect(fingerprintOf(error)).toBe('21f79e3d4becb7bc')
	})

	test.each([
		['another number', { message: 'exit code 24' }, true],
		['another line', { trace: trace('backup (/srv/app/backup.ts:14:7)') }, true],
		['another directory', { trace: trace('backup (/home/ann/app/backup.ts:12:3)') }, true],
		['another class', { type: 'TypeError' }, false],
		['another message', { message: 'killed by signal 9' }, false],
		['another function', { trace: trace('restore (/srv/app/backup.ts:12:3)') }, false],
		['no trace', { trace: null }, false],
	])('%s', (_, change, same) => {
		expect(fingerprintOf({ ...error, ...change }) === fingerprintOf(error)).toBe(same)
	})

	test('is FNV-1a of 64 bits', () => {
		const slow = (text: string) => {
			let hash = 0xcbf29ce484222325n
			for (let at = 0; at < text.length; at++) hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(at))) * 0x100000001b3n)
			return hash.toString(16).padStart(16, '0')
		}
		fc.assert(
			fc.property(fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'ü', '\uffff') }), (type) => {
				expect(fingerprintOf({ type, message: '', trace: null })).toBe(slow(`${type}\n\n`))
			}),
		)
	})

	test('answers whatever a message or a trace holds', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ unit: 'binary', maxLength: 200 }), (message, lines) => {
				expect(fingerprintOf({ type: 'Error', message, trace: lines })).toMatch(/^[0-9a-f]{16}$/)
			}),
		)
	})

	test.each(['a/', '\\', '"', "'a", '0x', '1.', 'ab12', 'a://', ' ', '('])('does not choke on a text of nothing but %j', (part) => {
		const long = part.repeat(100_000)
		const started = performance.now()
		fingerprintOf({ type: 'Error', message: long, trace: `    at ${long}\n    at ${long.slice(0, 900)}` })
		// Backtracking takes minutes of these texts.
		expect(performance.now() - started).toBeLessThan(5000)
	})
})
