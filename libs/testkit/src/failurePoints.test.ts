import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FailurePoints, openFailurePoints } from './failurePoints.ts'

let points: FailurePoints
const processes: ChildProcess[] = []

beforeEach(() => {
	points = openFailurePoints()
})
afterEach(() => {
	for (const process of processes.splice(0)) process.kill('SIGKILL')
	points.remove()
})

/** A process that comes to the point `here` so many times, and says how often it got past it. */
function comer(times: number): { readonly process: ChildProcess; readonly said: () => string } {
	const source = `
		const at = globalThis[Symbol.for('taskyard.failurePoints')]
		setInterval(() => process.stdout.write('.'), 5)
		for (let passed = 1; passed <= ${times}; passed++) {
			await at('here', 'task ' + passed)
			process.stdout.write(String(passed))
		}
		process.stdout.write('end')
		process.exit(0)`
	const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
		env: { ...process.env, ...points.environment },
		stdio: ['ignore', 'pipe', 'inherit'],
	})
	processes.push(child)
	let said = ''
	child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text))
	return { process: child, said: () => said.replaceAll('.', '') }
}

test('a process passes points at which nothing is armed', async () => {
	points.arm('elsewhere')
	const { process, said } = comer(3)
	expect(await once(process, 'close')).toEqual([0, null])
	expect(said()).toBe('123end')
	expect([points.found('here'), points.found('elsewhere')]).toEqual([null, null])
})

test('it stops at an armed one after the passes, says which and who, and goes on elsewhere', async () => {
	points.arm('here', { passOver: 12 })
	const { process, said } = comer(20)
	expect(await points.reached('here')).toEqual({ name: 'here', pid: process.pid, subject: 'task 13' })
	const closed = once(process, 'close')
	process.kill('SIGKILL')
	expect(await closed).toEqual([null, 'SIGKILL'])
	expect(said()).toBe('123456789101112')
})

test('of several processes one stops, and the others go on', async () => {
	points.arm('here')
	const comers = Array.from({ length: 3 }, () => comer(1))
	const { pid } = await points.reached('here')
	const others = comers.filter(({ process }) => process.pid !== pid)
	expect(others).toHaveLength(2)
	for (const { process } of others) if (process.exitCode === null) await once(process, 'close')
	expect(others.map(({ said }) => said())).toEqual(['1end', '1end'])
})

test('what is disarmed stops nobody', async () => {
	points.arm('here', { passOver: 1 })
	points.disarm()
	const { process, said } = comer(3)
	await once(process, 'close')
	expect(said()).toBe('123end')
})
