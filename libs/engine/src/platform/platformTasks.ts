/** The task types that every worker offers, for they are part of Taskyard itself. */

import type { TaskDefinition } from '@taskyard/sdk/definition'
import type { PlatformServices } from './bulk/bulk.ts'
import { bulkTask } from './bulk/bulkTask.ts'

export function platformTasks(services: PlatformServices): readonly TaskDefinition[] {
	return [bulkTask(services)]
}
