/** What a step remembers of its work at a service while it waits. Times are milliseconds since 1970. */

/** It is not accepted yet; `failures` starts have failed since the first one. */
export interface Starting {
	readonly phase: 'starting'
	readonly since: number
	readonly failures: number
}

export interface Started {
	readonly phase: 'started'
	readonly key: string
	/** Where it is; null for a service that only calls back. */
	readonly address: string | null
	readonly since: number
	/** What the service called its state last. */
	readonly seen: string
}

/** It has ended otherwise than well. */
export interface Ended {
	readonly phase: 'ended'
	readonly code: string
	readonly message: string
	readonly details: unknown
}

export type StateOfWork = Starting | Started | Ended
