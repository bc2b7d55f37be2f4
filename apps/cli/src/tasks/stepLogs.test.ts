import { expect, test } from 'vitest'
import type { Live } from '../server/live.ts'
import { type LogLine, openStepLogs, type ReadTask } from './stepLogs.ts'

const chunk = (firstLine: number, lines: readonly string[], attempt = 1) => ({ firstLine, lines, attempt, stream: 'stdout' })

/** A server whose log the test writes. */
function logsUnderTest(fromStart: boolean) {
	const lines: string[] = []
	const stored: ReturnType<typeof chunk>[] = []
	const followers = new Map<number, (result: object) => void>()
	const live = {
		follow(_document: unknown, { variables, next }: { variables: { step: number }; next: (result: object) => void }) {
			followers.set(variables.step, next)
			return () => followers.delete(variables.step)
		},
	} as unknown as Live
	const read = (async (_document: unknown, { afterLine }: { afterLine: number }) => ({
		taskLog: stored.filter(({ firstLine }) => firstLine > afterLine).slice(0, 1),
	})) as unknown as ReadTask
	const write = ({ step, line, text }: LogLine) => void lines.push(`${step}.${line} ${text}`)
	const push = (step: number, ...chunks: ReturnType<typeof chunk>[]) => followers.get(step)?.({ taskLogAppended: { chunks } })
	return { logs: openStepLogs({ live, read, id: 'an id', fromStart, write }), lines, stored, followers, push }
}

test('what comes over the socket and is read again at the end is written once', async () => {
	const { logs, lines, stored, followers, push } = logsUnderTest(true)
	logs.follow([{ index: 3, attempt: 1 }])
	push(3, chunk(1, ['a', 'b']))
	push(3, chunk(1, ['a', 'b']), chunk(3, ['c']))
	stored.push(chunk(1, ['a', 'b']), chunk(3, ['c']), chunk(4, ['d']), chunk(5, ['e']))
	await logs.readToEnd(3)
	logs.follow([])
	expect(followers.size).toBe(0)
	expect(lines).toEqual(['3.1 a', '3.2 b', '3.3 c', '3.4 d', '3.5 e'])
})

test.each([
	[false, ['0.2 again', '0.3 more']],
	[true, ['0.1 first', '0.2 again', '0.3 more']],
])('attempts before the first look, from the start: %s', (fromStart, expected) => {
	const { logs, lines, push } = logsUnderTest(fromStart)
	logs.follow([{ index: 0, attempt: 2 }])
	push(0, chunk(1, ['first'], 1), chunk(2, ['again'], 2))
	logs.follow([])
	logs.follow([{ index: 0, attempt: 3 }])
	push(0, chunk(3, ['more'], 3))
	expect(lines).toEqual(expected)
})
