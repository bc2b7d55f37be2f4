/** A process that carries tasks out as a worker's child does, and holds attempts until the test lets them end. Started by `startHand`. */

import { engineUnderTest } from '../../testing/engineUnderTest.ts'
import { definitionsFor, type Given, type Hand } from './types.ts'
import type { FromHand, HeldHere, ToHand } from './hands.ts'

const url = process.env.DATABASE_URL
if (!url) throw new Error('DATABASE_URL is not set: a hand is started by startHand.')

const say = (message: FromHand): void => {
	if (process.connected) process.send?.(message)
}
const nameOf = ({ task, step, attempt }: HeldHere): string => `${task}/${step ?? 'plan'}/${attempt}`
const held = new Map<string, () => void>()
const planned = new Set<string>()

const hand: Hand = {
	async planningOf({ key }: Given) {
		const { rows } = await engine.pool.query<{ id: string; plan_attempt: number }>(
			`select t.id, t.plan_attempt from task t join task_payload p on p.task_id = t.id
			where t.state = 2 and t.plan_child = $1 and p.input->>'key' = $2 order by t.id`,
			[engine.child, key],
		)
		const found = rows.find((row) => !planned.has(`${row.id}/${row.plan_attempt}`))
		// Its task has ended before this was asked: an attempt that waited for ever would keep its job for as long.
		if (!found) throw new Error('This attempt to plan no longer counts.')
		planned.add(`${found.id}/${found.plan_attempt}`)
		return { task: found.id, attempt: found.plan_attempt }
	},
	hold(attempt, signal, deaf) {
		return new Promise((resolve, reject) => {
			const name = nameOf(attempt)
			const gone = (): void => {
				held.delete(name)
				say({ type: 'gone', attempt })
			}
			const hear = (): void => {
				const reason = signal?.reason as Error & { code?: string }
				if (deaf && reason.code !== 'handed_back') return
				gone()
				reject(reason)
			}
			held.set(name, () => {
				gone()
				resolve()
			})
			say({ type: 'held', attempt })
			if (signal?.aborted) hear()
			else signal?.addEventListener('abort', hear, { once: true })
		})
	},
}

const engine = await engineUnderTest({ url, definitions: definitionsFor(hand), concurrency: 60, cancelDeadline: 150 })

process.on('message', (message: ToHand) => {
	switch (message.type) {
		case 'letEnd':
			held.get(nameOf(message.attempt))?.()
			return
		case 'look':
			void engine.executor.look().then(() => say({ type: 'looked' }))
			return
		case 'drain':
			engine.executor.handBack()
			return
		case 'stop':
			void engine.stop().then(() => process.disconnect())
	}
})
process.on('disconnect', () => process.exit())
say({ type: 'ready', child: engine.child })
