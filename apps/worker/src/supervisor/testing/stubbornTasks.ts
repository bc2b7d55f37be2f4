/** Task types that do not do what they are told, and their neighbours. Loaded by the workers of a test. */

import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { defineAction } from '@taskyard/sdk/defineAction'
import { defineTask } from '@taskyard/sdk/defineTask'
import { z } from 'zod'

const folder = z.object({ folder: z.string() })

/** Files of a folder by which a test knows what has begun, and says what may end. */
export const begun = (path: string, taskId: string, attempt: number): string => join(path, `${taskId}.${attempt}`)
export const released = (path: string): string => join(path, 'released')

/** Runs until it is released; a second attempt ends at once. */
const neighbour = defineTask({
	label: 'Stubborn::Neighbour',
	input: folder,
	output: z.object({ pid: z.number(), attempt: z.number() }),
	async run({ folder: path }, { taskId, attempt, signal }) {
		writeFileSync(begun(path, taskId, attempt), String(process.pid))
		while (attempt === 1 && !existsSync(released(path))) await delay(20, null, { signal })
		return { pid: process.pid, attempt }
	},
})

const deaf = defineTask({
	label: 'Stubborn::Deaf',
	input: folder,
	timeout: 1_000,
	async run({ folder: path }, { taskId, attempt }) {
		writeFileSync(begun(path, taskId, attempt), String(process.pid))
		for (;;) await delay(1_000)
	},
})

const blocking = defineTask({
	label: 'Stubborn::Blocking',
	input: folder,
	timeout: 1_000,
	run({ folder: path }, { taskId, attempt }) {
		writeFileSync(begun(path, taskId, attempt), String(process.pid))
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
	},
})

/** Listens to nothing, in a process of its own, beside a process that it has started. */
const ownDeaf = defineTask({
	label: 'Stubborn::OwnDeaf',
	input: folder,
	isolation: 'own',
	timeout: 1_000,
	async run({ folder: path }, { taskId, attempt, ownProcessGroup }) {
		const sleeper = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
		await ownProcessGroup(sleeper.pid as number)
		writeFileSync(begun(path, taskId, attempt), `${process.pid} ${sleeper.pid}`)
		for (;;) await delay(1_000)
	},
})

/** Says which process it runs in, and stays there until it is released. */
const ownHeld = defineTask({
	label: 'Stubborn::OwnHeld',
	input: folder,
	isolation: 'own',
	output: z.object({ pid: z.number() }),
	async run({ folder: path }, { taskId, attempt, signal }) {
		writeFileSync(begun(path, taskId, attempt), String(process.pid))
		while (!existsSync(released(path))) await delay(20, null, { signal })
		return { pid: process.pid }
	},
})

/** Runs another task and answers what it left. */
const asking = defineTask({
	label: 'Stubborn::Asking',
	input: folder,
	output: z.object({ answered: z.unknown() }),
	run: async ({ folder: path }, { tasks }) => ({ answered: await tasks.run('Stubborn::Light', { folder: path }) }),
})

const light = defineTask({
	label: 'Stubborn::Light',
	input: folder,
	light: true,
	output: z.object({ pid: z.number() }),
	run: () => ({ pid: process.pid }),
})

const dies = (attempt: number): void => {
	if (attempt === 2) process.kill(process.pid, 'SIGKILL')
}

/** Its process dies the first time that it is finalized, or reverted. */
const mortal = defineAction({
	label: 'Stubborn::Mortal/act',
	input: z.object({ at: z.number() }),
	output: z.object({ at: z.number() }),
	run: ({ at }) => ({ at }),
	finalize: (_input, _output, { attempt }) => dies(attempt),
	revert: (_input, _output, { attempt }) => dies(attempt),
})
const fails = defineAction({
	label: 'Stubborn::Mortal/fail',
	input: z.object({}),
	rescue: 'revert',
	run() {
		throw new Error('take it back')
	},
})
const mortalTask = defineTask({
	label: 'Stubborn::Mortal',
	input: z.object({ revert: z.boolean() }),
	actions: [mortal, fails],
	plan(plan, { revert }) {
		plan.step(mortal, { at: 0 })
		if (revert) plan.step(fails, {})
	},
})

/** Throws where nobody awaits it, and waits for ever; says in what process. */
const stray = (isolation: 'shared' | 'own') =>
	defineTask({
		label: isolation === 'own' ? 'Stubborn::OwnStray' : 'Stubborn::Stray',
		input: folder,
		isolation,
		retry: { attempts: 2, initial: 1, jitter: 0 },
		async run({ folder: path }, { taskId, attempt }) {
			writeFileSync(begun(path, taskId, attempt), String(process.pid))
			setTimeout(() => {
				throw new Error('nobody awaits me')
			}, 1)
			for (;;) await delay(1_000)
		},
	})

export const tasks = [stray('shared'), stray('own'), neighbour, deaf, blocking, ownDeaf, ownHeld, asking, light, mortalTask]
