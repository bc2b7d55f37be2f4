import type { Pool } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import type { Commands } from '../../commands/types.ts'

/** What platform tasks are given of the process that runs them. */
export interface PlatformServices {
	readonly pool: Pool
	readonly clock: IdSource
	/** Opens the commands when the first step asks for them. */
	openCommands(): Promise<Commands>
}

/** A bulk under way. */
export interface Bulk {
	readonly id: string
	/** Its owner, in whose name everything is done. */
	readonly who: number
	readonly why: string | null
	readonly correlationId: string
	readonly services: PlatformServices
	/** False once it is to end: nothing is tried again. */
	worth(): boolean
}
