import type { Commands } from '@taskyard/engine/commands/types'
import type { Hub } from '@taskyard/live/hub'
import type { Log } from '@taskyard/process/log'
import type { Pool } from '@taskyard/store/connection'
import type { Orm } from '@taskyard/store/orm'

/** What the server has, once for the process. */
export interface Services {
	readonly log: Log
	/** For what pages read. */
	readonly database: Pool
	/** The unit of work behind the ordinary reads: task types, workers. */
	readonly orm: Orm
	readonly hub: Hub
	/** Opened when first needed, and again if that failed: the database may come later than the server. */
	readonly commands: () => Promise<Commands>
	/** Id of the user who owns what is started here: the account that runs the server. */
	readonly owner: () => Promise<number>
}

/** What a resolver knows of the request. */
export interface Context extends Services {
	/** Names the request in the log, and in the answer when something failed inside. */
	readonly requestId: string
	/** Follows a task that this request starts, through sub-tasks and logs. */
	readonly correlationId: string
}
