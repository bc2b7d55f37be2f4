/** What the commands take and answer. The server knows the engine by this alone. */

/** A place in the input that is wrong. */
export interface Fault {
	/** Path in the input, e.g. `/exclude/0`; empty for the whole. */
	readonly path: string
	readonly message: string
}

export const commandRefusals = [
	'not_found',
	'already_stopped',
	'not_paused',
	'not_cancellable',
	'invalid_input',
	'unknown_task_type',
	'id_taken',
	'invalid_id',
] as const
export type CommandRefusal = (typeof commandRefusals)[number]

/** Why nothing changed. */
export interface Refusal {
	readonly code: CommandRefusal
	readonly message: string
	readonly faults: readonly Fault[]
}

/** The task that was started or changed, or why not. */
export type CommandAnswer = { readonly task: { readonly id: string } } | { readonly refusal: Refusal }

export interface StartTask {
	/** A UUIDv7 of the caller's: asked again with it, the same task is answered. */
	readonly id?: string
	readonly label: string
	/** JSON text. */
	readonly input: string
	/** Id of the user who asks, and who owns the task. */
	readonly who: number
	readonly correlationId: string
}

export interface OperateTask {
	readonly id: string
	readonly who: number
	readonly why: string | null
}

export interface Commands {
	startTask(order: StartTask): Promise<CommandAnswer>
	resumeTask(order: OperateTask): Promise<CommandAnswer>
	cancelTask(order: OperateTask): Promise<CommandAnswer>
	close(): Promise<void>
}
