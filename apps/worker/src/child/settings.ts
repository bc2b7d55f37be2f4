/** What a supervisor tells a child when it starts it, by its environment. */

export interface ChildSettings {
	readonly child: number
	readonly worker: number
	readonly bootId: string
	/** `own`: it runs one step at a time, the one that its supervisor names. */
	readonly place: 'shared' | 'own'
	/** Milliseconds from one renewal of the lease to its end. */
	readonly leaseLength: number
	/** End of the first lease, by the machine's monotonic clock. */
	readonly leaseUntil: number
}

const variable = 'TASKYARD_CHILD'

export function writeChildSettings(settings: ChildSettings): Record<string, string> {
	return { [variable]: JSON.stringify(settings) }
}

export function readChildSettings(environment: NodeJS.ProcessEnv): ChildSettings {
	const text = environment[variable]
	if (!text) throw new Error(`${variable} is not set: a child is started by its supervisor, not by hand. Start apps/worker instead.`)
	return JSON.parse(text) as ChildSettings
}
