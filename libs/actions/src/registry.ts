/** The task types that ship: what every worker offers. */

import type { TaskDefinition } from '@taskyard/sdk/definition'
import { backupDirectory } from './backups/backupDirectory.ts'
import { runCommand } from './commands/run.ts'
import { remoteAction } from './remote/remoteAction.ts'

export const shippedTasks: readonly TaskDefinition[] = [backupDirectory, runCommand, remoteAction]
