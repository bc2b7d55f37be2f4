import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { endProcessGroup, isGroupAlive, processStartTime } from './processGroup.ts'

const groups: number[] = []

/** Starts a shell in a group of its own, and waits until it says that it is ready. */
async function start(script: string): Promise<number> {
	const child = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
	const pid = child.pid as number
	groups.push(pid)
	await once(child.stdout, 'data')
	child.stdout.destroy()
	return pid
}

afterEach(async () => {
	for (const group of groups.splice(0)) await endProcessGroup(group, 0)
})

describe('endProcessGroup', () => {
	test('ends every member with SIGTERM', async () => {
		const group = await start('sleep 600 & sleep 600 & echo ready; wait')
		expect(await isGroupAlive(group)).toBe(true)
		await endProcessGroup(group, 10_000)
		expect(await isGroupAlive(group)).toBe(false)
	})

	test('kills after the grace period what does not listen', async () => {
		const group = await start('trap "" TERM; echo ready; while :; do sleep 600; done')
		await endProcessGroup(group, 50)
		expect(await isGroupAlive(group)).toBe(false)
	})

	test('ends a stopped one', async () => {
		const group = await start('echo ready; kill -STOP $$; sleep 600')
		await endProcessGroup(group, 10_000)
		expect(await isGroupAlive(group)).toBe(false)
	})

	test('does nothing to a group that is gone', async () => {
		const group = await start('echo ready')
		await endProcessGroup(group, 10_000)
		await endProcessGroup(group, 10_000)
		expect(await isGroupAlive(group)).toBe(false)
	})

	test('waits for what the kernel does not let go no longer than it is told, and says so', async () => {
		const group = await start('echo ready; sleep 600')
		expect(await endProcessGroup(group, 0, 0)).toBe(false)
		expect(await endProcessGroup(group, 0, 10_000)).toBe(true)
	})

	test.each([0, 1, -5, Number.NaN])('refuses %d, which would reach others', async (group) => {
		await expect(endProcessGroup(group, 0)).rejects.toThrow('not the id of a process group')
	})
})

test('processStartTime names a process for ever', async () => {
	expect(await processStartTime(process.pid)).toBe(await processStartTime(process.pid))
	expect(await processStartTime(2 ** 30)).toBeNull()
})
