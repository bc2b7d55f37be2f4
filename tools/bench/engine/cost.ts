/** What the rounds of durable steps cost besides time: bytes of write-ahead log, memory, commits. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from '@taskyard/store/connection'
import { figure } from '../cases.ts'
import { bytesWritten, peakMemory } from './memory.ts'
import type { ReadyPeer } from './preparePeers.ts'
import { Series } from './series.ts'
import type { EngineFigures } from './targets.ts'
import type { Taskyard } from './taskyard.ts'
import { commitsAreKnownAfter, commitsSoFar, walBetween, walBytes, walPosition } from './wal.ts'

export class Cost {
	readonly #admin: Pool
	readonly #ours: Taskyard
	readonly #say: (line: string) => void
	readonly #series = { wal: new Series(), walOfSteps: new Series(), memory: new Series(), commits: new Series() }
	/** Our round whose commits are not known yet. */
	#open: { readonly steps: number; readonly commits: number } | null = null

	constructor(admin: Pool, ours: Taskyard, say: (line: string) => void) {
		this.#admin = admin
		this.#ours = ours
		this.#say = say
	}

	/** A round of ours; answers what `work` answers. */
	async ofOurs<T>(steps: number, work: () => Promise<T>): Promise<T> {
		await this.#commitsAreKnown()
		this.#open = { steps, commits: await commitsSoFar(this.#admin) }
		const from = await walPosition(this.#admin)
		const answer = await work()
		const to = await walPosition(this.#admin)
		const bytes = await walBytes(this.#admin, from, to)
		const { ofPlans, ofPages, byTable } = await walBetween(this.#admin, from, to)
		this.#series.wal.add('ours', bytes / steps)
		this.#series.walOfSteps.add('ours', (bytes - ofPlans) / steps)
		const tables = byTable.slice(0, 6).map((table) => `${table.name} ${figure(table.bytes / steps)}`)
		this.#say(
			`bytes of WAL a step: ${figure(bytes / steps)}, of them ${figure(ofPlans / steps)} rows of plans, ${figure(ofPages / steps)} whole pages; ${tables.join(', ')}`,
		)
		return answer
	}

	/** A round of a peer. */
	async ofPeer<T>({ plan, peer }: ReadyPeer, steps: number, work: () => Promise<T>): Promise<T> {
		if (!plan.cases.includes('cost')) return work()
		const pids = await peer.pids()
		const [from, written] = [await walPosition(this.#admin), bytesWritten(pids)]
		const answer = await work()
		const later = bytesWritten(pids)
		const own = written === null || later === null ? null : (later - written) / steps
		const bytes = plan.storage === 'own' ? own : (await walBytes(this.#admin, from, await walPosition(this.#admin))) / steps
		this.#series.wal.add(plan.name, bytes)
		this.#series.walOfSteps.add(plan.name, bytes)
		return answer
	}

	/** Ends a round: waits until the commits of ours are known. */
	async settle(): Promise<void> {
		if (!this.#open) return
		await this.#commitsAreKnown()
		const { steps, commits } = this.#open
		this.#open = null
		const perStep = ((await commitsSoFar(this.#admin)) - commits) / steps
		this.#series.commits.add('ours', perStep)
		this.#say(`commits (xact_commit) a step, idle moments until they were counted included: ${perStep.toFixed(4)}`)
	}

	/** When all rounds have been run. */
	async figures(peers: readonly ReadyPeer[]): Promise<NonNullable<EngineFigures['cost']>> {
		const { wal, walOfSteps, memory, commits } = this.#series
		memory.add('ours', peakMemory(this.#ours.worker.children))
		for (const { plan, peer } of peers) if (plan.cases.includes('cost')) memory.add(plan.name, peakMemory(await peer.pids()))
		return {
			wal: wal.figures('cost'),
			walOfSteps: walOfSteps.figures('cost'),
			memory: memory.figures('cost'),
			commits: { ours: commits.figures('cost').ours, peers: {} },
		}
	}

	async #commitsAreKnown(): Promise<void> {
		const left = this.#ours.lastActive() + commitsAreKnownAfter - performance.now()
		if (left > 0) await delay(left)
	}
}
