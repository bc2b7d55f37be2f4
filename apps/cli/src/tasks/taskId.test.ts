import { expect, test } from 'vitest'
import { newTaskId } from './taskId.ts'

test.each([
	[0x19a_0b1c_2d3e, 0, '019a0b1c-2d3e-7000-8000-000000000000'],
	[0x19a_0b1c_2d3e, 0xff, '019a0b1c-2d3e-7fff-bfff-ffffffffffff'],
])('newTaskId(%d) with bytes of %d', (now, byte, expected) => {
	expect(newTaskId(now, new Uint8Array(10).fill(byte))).toBe(expected)
})
