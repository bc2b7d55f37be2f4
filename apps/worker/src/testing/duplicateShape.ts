/** Shapes of which tasks with one key are duplicates. Each looks whether another one of its key runs beside it. */

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineTask } from '@taskyard/sdk/defineTask'
import type { StepContext } from '@taskyard/sdk/definition'
import { z } from 'zod'
import { begin, effectsVariable, replace } from './effects.ts'

/** Under these names in the folder of the effects stand the task of a key that runs, and what was seen of two at once. */
export const runningFile = (key: string): string => `${key}.running`
export const togetherFile = (key: string): string => `${key}.together`

const inEffects = (name: string): string => join(process.env[effectsVariable] as string, name)

/** What a process leaves that was killed is the task's own when its next attempt finds it. */
async function alone({ resource }: { resource: string }, context: StepContext): Promise<void> {
	const file = inEffects(runningFile(resource))
	const found = existsSync(file) ? readFileSync(file, 'utf8') : ''
	if (found !== '' && found !== context.taskId) writeFileSync(inEffects(togetherFile(resource)), `${context.taskId} runs beside ${found}`)
	writeFileSync(file, context.taskId)
	begin(context, 'run')
	await replace(context, 'run')
	rmSync(file, { force: true })
}

const input = z.object({ resource: z.string() })
// A claim that is to fail would meet the one before it, if it were made before its turn.
const locks = [{ resource: { type: 'Yard', id: '{resource}' }, name: 'shape' }]

const serial = defineTask({
	label: 'Shape::Serial',
	input,
	locks,
	onDuplicate: { key: '{resource}', policy: 'serial' },
	run: alone,
})

const queueOne = defineTask({
	label: 'Shape::QueueOne',
	input,
	onDuplicate: { key: '{resource}', policy: 'queue_one' },
	run: alone,
})

export const duplicates = [serial, queueOne]
