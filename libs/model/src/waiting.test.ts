import { expect, test } from 'vitest'
import { waitKinds } from './states.ts'
import type { WaitingFor } from './task.ts'
import { waitingText } from './waiting.ts'

test.each<[WaitingFor, string]>([
	[{ kind: 'lock', keys: { type: 'Directory', id: '/srv' } }, 'Waits for the lock on Directory /srv'],
	[{ kind: 'lock', keys: { type: 'duplicate', id: 'A::B:/srv' } }, 'Waits for the task before it with the key A::B:/srv to stop'],
	[{ kind: 'worker', keys: { queue: 'default' } }, 'Waits for a worker that takes queue "default"'],
	[{ kind: 'worker', keys: { label: 'A::B', queue: 'default' } }, 'Waits for a worker that offers A::B'],
	[{ kind: 'worker', keys: { label: 'A::B', queue: 'gpu' } }, 'Waits for a worker that offers A::B, on queue "gpu"'],
	[{ kind: 'worker', keys: { label: 'A::B', version: 2, queue: 'default' } }, 'Waits for a worker that offers A::B in version 2 or newer'],
	[{ kind: 'worker', keys: { label: 'A::B', action: 'A::B/c', queue: 'default' } }, 'Waits for a worker that knows the action A::B/c'],
	[{ kind: 'start_time', keys: { at: 1_795_259_156_000 } }, 'Waits for its start time, 2026-11-21 11:05:56 UTC'],
	[{ kind: 'back_off', keys: { until: 'tomorrow' } }, 'Waits until tomorrow for its next try'],
])('%j', (waiting, text) => {
	expect(waitingText(waiting)).toBe(text)
})

test.each(waitKinds)('%s has words without any key', (kind) => {
	const text = waitingText({ kind, keys: {} })
	expect(text).toMatch(/^[A-Z]/)
	expect(text).not.toMatch(/undefined|null/)
})
