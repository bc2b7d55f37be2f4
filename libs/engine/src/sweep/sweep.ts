/**
 * The sweep finds what got lost: children whose lease is over, timers that are due, tasks that can go on and that no job
 * stands for. Any living worker sweeps, several at once do no harm: each finding is a fact for the one door, or a hint.
 */

import { releaseJobs } from '@taskyard/dispatch/jobs'
import { dropOldChangePartitions, ensurePartitions } from '@taskyard/store/partitions'
import type { Keyring } from '@taskyard/store/sensitive/keyring'
import { type RecoveryOptions, recoverChildren, recoverOrphans } from '../recovery/recoverChildren.ts'
import { openKnownTypes } from '../taskTypes/knownTypes.ts'
import { changeChannel, controlChannel, openWakeUp } from '../wakeUp.ts'
import { declareDead } from '../workers/presence.ts'
import { openReaper } from './externalWork.ts'
import { openFamilySweep } from './families.ts'
import { openStranded } from './stranded.ts'
import { openTellings } from './tellings.ts'
import { openTimers } from './timers.ts'

export interface SweepOptions extends RecoveryOptions {
	/** Milliseconds. */
	readonly lease: number
	/** Whether this worker's own heartbeats have come through for a full lease: after an outage nobody is declared dead at once. */
	readonly mayDeclareDead: () => boolean
	/** Opens sealed requests to services at which tasks have left something running. */
	readonly keyring?: Keyring
}

export interface Sweep {
	/** Looks once at everything. */
	run(): Promise<void>
}

const partitionsEvery = 20_000
/** How often the attempts of all ended children are looked for, and not only of those that ended since, in milliseconds. */
const orphansEvery = 5_000
/** How long a job may be held under an id that no living child has named. */
const unnamed = `interval '10 seconds'`

export function openSweep(options: SweepOptions): Sweep {
	let partitionsLookedAt = -partitionsEvery
	let orphansLookedAt = -orphansEvery
	const timers = openTimers(options)
	const findStranded = openStranded(options)
	const tellPrograms = openTellings(options)
	const cancelLeftBehind = openReaper(options)
	const tendFamilies = openFamilySweep({
		...options,
		types: openKnownTypes(options.pool),
		// What fails now is found again.
		worthRepeating: () => false,
		onCommit: openWakeUp(options.pool, changeChannel),
		wakeWorkers: openWakeUp(options.pool, controlChannel),
	})

	async function keepHouse(): Promise<void> {
		if (performance.now() - partitionsLookedAt < partitionsEvery) return
		partitionsLookedAt = performance.now()
		await ensurePartitions(options.pool)
		await dropOldChangePartitions(options.pool)
		// Who asked has gone without an answer.
		await options.pool.query(`delete from dry_run where asked_at < clock_timestamp() - interval '1 hour'`)
	}

	return {
		async run() {
			await keepHouse()
			if (options.mayDeclareDead()) {
				const dead = await declareDead(options.pool, options.lease)
				if (dead.length > 0) options.log('warning', `The lease of ${dead.length} worker processes is over; what they ran is recovered.`)
			}
			await recoverChildren(options)
			if (performance.now() - orphansLookedAt >= orphansEvery) {
				orphansLookedAt = performance.now()
				await recoverOrphans(options)
			}
			await releaseForgottenJobs(options)
			await timers.look()
			await findStranded()
			await tendFamilies()
			await tellPrograms()
			await cancelLeftBehind()
		},
	}
}

/**
 * Jobs held under an id that no living child has named: its process died before, or its queue was opened anew. And those
 * of a child that was recovered already: what it had sent when it was killed may be committed afterwards.
 */
async function releaseForgottenJobs({ pool }: SweepOptions): Promise<void> {
	const { rows } = await pool.query<{ locked_by: string }>(
		`select locked_by from (select locked_by, min(locked_at) as since from graphile_worker._private_jobs where locked_by is not null group by 1) h
where exists (select from child c where c.pool_id = h.locked_by and c.recovered_at is not null)
or h.since < clock_timestamp() - ${unnamed} and not exists (select from child c where c.pool_id = h.locked_by and c.ended_at is null)`,
	)
	await releaseJobs(
		pool,
		rows.map((row) => row.locked_by),
	)
}
