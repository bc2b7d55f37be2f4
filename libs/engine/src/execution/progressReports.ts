/** Progress on its way to the database: the latest report of each step, at most twice a second, in one statement for all. */

import type { Pool } from '@taskyard/store/connection'
import { type ProgressReport, reportProgress } from '@taskyard/store/tasks/reportProgress'

const interval = 500

export interface ProgressReports {
	report(report: ProgressReport): void
	/** Forgets what was reported for a step that has ended. */
	forget(task: string, step: number): void
	stop(): void
}

export function openProgressReports(pool: Pool): ProgressReports {
	const latest = new Map<string, ProgressReport>()
	let timer: NodeJS.Timeout | null = null
	let last = -interval
	let writing = false

	async function write(): Promise<void> {
		timer = null
		if (writing || latest.size === 0) return
		writing = true
		last = performance.now()
		const reports = [...latest.values()]
		latest.clear()
		// A report that gets lost is followed by another; the last one travels with the checkpoint.
		await reportProgress(pool, reports).catch(() => undefined)
		writing = false
		if (latest.size > 0) schedule()
	}

	function schedule(): void {
		timer ??= setTimeout(() => void write(), Math.max(0, last + interval - performance.now()))
	}

	return {
		report(report) {
			latest.set(`${report.task}/${report.step}`, report)
			schedule()
		},
		forget(task, step) {
			latest.delete(`${task}/${step}`)
		},
		stop() {
			if (timer) clearTimeout(timer)
			latest.clear()
		},
	}
}
