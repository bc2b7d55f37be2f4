import { expect, test } from 'vitest'
import { preferredWait } from './preferWait.ts'

test.each([
	[undefined, null],
	['', null],
	['respond-async', null],
	['await=5', null],
	['wait', null],
	['wait=soon', null],
	['wait=-1', null],
	['wait=0', 0],
	['wait=10', 10_000],
	['WAIT = "10"', 10_000],
	['respond-async, wait=10', 10_000],
	['wait=10; strict, respond-async', 10_000],
	['wait=1000000', 300_000],
	[['respond-async', 'wait=2'], 2_000],
])('%j: %j', (header, wait) => {
	expect(preferredWait(header)).toBe(wait)
})
