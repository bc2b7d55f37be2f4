import type { Step } from './task.ts'

/** A step of a plan before its first attempt. */
export function newStep(index: number): Step {
	return {
		index,
		state: 'pending',
		attempt: 0,
		tries: 0,
		cancelAsked: false,
		child: null,
		startedAt: null,
		endedAt: null,
		notBefore: null,
		progress: 0,
		output: null,
		error: null,
		suspension: null,
		events: 0,
		eventsSeen: 0,
		stored: false,
	}
}
