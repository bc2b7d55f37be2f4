/** One attempt in memory: how it is ended, and what its author is given of it. */

import { reportedFraction } from '@taskyard/model/progress'
import type { Secrets } from '@taskyard/model/sensitive/secrets'
import type { StepContext } from './definition.ts'
import { externalWorkOf, type MemoryUnit } from './memoryExternalWork.ts'
import type { MemoryLine, MemoryOptions, MemoryProgress } from './memoryRun.ts'

export interface Attempt {
	readonly step: number
	readonly number: number
	readonly signal: AbortSignal
	/** Asks it to end. */
	abort(reason: Error): void
	/** Rejects when nobody waits for it any longer, as when its process is killed. */
	readonly givenUp: Promise<never>
	giveUp(reason: Error): void
}

export function beginAttempt(step: number, number: number): Attempt {
	const controller = new AbortController()
	const { promise: givenUp, reject } = Promise.withResolvers<never>()
	// Most attempts end before.
	givenUp.catch(() => {})
	const abort = (reason: Error): void => {
		if (!controller.signal.aborted) controller.abort(reason)
	}
	return {
		step,
		number,
		signal: controller.signal,
		abort,
		givenUp,
		giveUp(reason) {
			abort(reason)
			reject(reason)
		},
	}
}

/** What attempts leave. */
export interface Records {
	readonly log: MemoryLine[]
	readonly reports: MemoryProgress[]
	readonly processGroups: number[]
	readonly externalWork: MemoryUnit[]
	readonly callbacks: { readonly step: number; readonly token: string }[]
	/** What of the task is sensitive: it is left out of all that is recorded. */
	readonly secrets: Secrets
}

/** What the author of an action is given. */
export function contextOf(
	{ step, number: attempt, signal }: Attempt,
	records: Records,
	options: Pick<MemoryOptions, 'onLog' | 'onProgress'>,
	ofTheTask: Pick<StepContext, 'taskId' | 'tries' | 'tasks' | 'fanOut' | 'stillMine' | 'wake'>,
): StepContext {
	return {
		...ofTheTask,
		step,
		attempt,
		correlationId: 'in-memory',
		signal,
		progress: (report) => {
			const amount = typeof report === 'number' ? {} : records.secrets.redactValue(report)
			const entry = { step, attempt, fraction: reportedFraction(report), ...amount }
			records.reports.push(entry)
			options.onProgress?.(entry)
		},
		log: async (line, stream = 'log') => {
			const entry = { step, attempt, stream, line: records.secrets.redact(String(line)) }
			records.log.push(entry)
			options.onLog?.(entry)
		},
		heartbeat: () => {},
		callback: async () => {
			const token = `callback-${records.callbacks.length + 1}`
			records.callbacks.push({ step, token })
			return { url: `http://localhost/api/callbacks/${token}`, token }
		},
		externalWork: externalWorkOf(ofTheTask.taskId, step, records.externalWork),
		ownProcessGroup: async (pid) => {
			records.processGroups.push(pid)
		},
	}
}
