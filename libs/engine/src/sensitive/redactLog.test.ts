import { Secrets } from '@taskyard/model/sensitive/secrets'
import { beforeEach, expect, it, test } from 'vitest'
import { redactLogLine, rememberSecrets } from './redactLog.ts'

beforeEach(() => {
	for (const values of [['hunter2'], ['token-of-hunter2', 1795], ['q"uote']]) {
		const secrets = new Secrets()
		secrets.add(values)
		rememberSecrets(secrets)
	}
})

it.each([
	[
		{ msg: 'with hunter2', err: { stack: ['at hunter2'] } },
		{ msg: 'with •••', err: { stack: ['at •••'] } },
	],
	// One secret contains another, which another attempt was told.
	[{ msg: 'a token-of-hunter2' }, { msg: 'a •••' }],
	[{ msg: 'q"uote' }, { msg: '•••' }],
	[
		{ time: 179512345, msg: 'pin 1795' },
		{ time: 179512345, msg: 'pin •••' },
	],
])('%j is written as %j', (line, written) => {
	expect(JSON.parse(redactLogLine(`${JSON.stringify(line)}\n`))).toEqual(written)
})

test('a line without secrets is written as it is', () => {
	const line = '{ "msg" : "nothing" }\n'
	expect(redactLogLine(line)).toBe(line)
})

test('those of an attempt that goes on are remembered, however many began since', () => {
	const ofLongAttempt = new Secrets()
	ofLongAttempt.add('long-kept')
	rememberSecrets(ofLongAttempt)
	for (let n = 0; n < 1_500; n++) {
		const secrets = new Secrets()
		secrets.add(`other ${n}`)
		rememberSecrets(secrets)
	}
	expect(redactLogLine('{"msg":"long-kept other 1499"}\n')).toBe('{"msg":"••• •••"}\n')
	expect(ofLongAttempt.size).toBe(1)
})
