import { expect, test } from 'vitest'
import { createFrameQueue } from './frames.ts'

test('applies what came between two frames in one, in order', () => {
	const frames: (() => void)[] = []
	const applied: number[] = []
	const inNextFrame = createFrameQueue(
		(frame) => frames.push(frame),
		() => false,
	)
	inNextFrame(() => applied.push(1))
	inNextFrame(() => applied.push(2))
	expect(applied).toEqual([])
	expect(frames).toHaveLength(1)
	frames.pop()?.()
	expect(applied).toEqual([1, 2])
	inNextFrame(() => applied.push(3))
	expect(frames).toHaveLength(1)
})

test('applies at once on a hidden page, with what still waited for a frame', () => {
	const applied: number[] = []
	let hidden = false
	const inNextFrame = createFrameQueue(
		() => 0,
		() => hidden,
	)
	inNextFrame(() => applied.push(1))
	hidden = true
	inNextFrame(() => applied.push(2))
	expect(applied).toEqual([1, 2])
})
