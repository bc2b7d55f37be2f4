import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { attemptToBlame, failStray, withStrayErrors } from './strayErrors.ts'

const first = { task: 'a', step: 0, attempt: 1 }
const second = { task: 'b', step: 0, attempt: 1 }
const never = new Promise<never>(() => undefined)

it('is a failure of the attempt whose timer it was thrown in, and of no other', async () => {
	const failed = withStrayErrors(first, () => {
		setTimeout(() => expect(failStray(new Error('from a timer'))).toBe(first), 5)
		return never
	})
	const neighbour = withStrayErrors(second, async () => {
		await delay(20)
		return attemptToBlame()
	})
	await expect(failed).rejects.toThrow('from a timer')
	expect(await neighbour).toBe(second)
})

it('is nobody’s outside of author code, and too late for an attempt that has ended', async () => {
	expect(failStray(new Error('of the engine'))).toBeNull()
	const late = withStrayErrors(first, async () => ({ blame: delay(5).then(() => failStray(new Error('too late'))) }))
	expect(await (await late).blame).toBe(first)
})
