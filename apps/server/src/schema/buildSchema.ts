import 'reflect-metadata'
import type { GraphQLSchema } from 'graphql'
import { buildSchemaSync } from 'type-graphql'
import { BulkCommands } from '../bulk/bulkCommands.ts'
import { BulkResolver } from '../bulk/bulkResolver.ts'
import { EventCommands } from '../events/eventCommands.ts'
import { LockResolver } from '../locks/lockResolver.ts'
import { LogResolver } from '../logs/logResolver.ts'
import { RecordedTaskCommands } from '../recordedTasks/recordedTaskCommands.ts'
import { SettingsResolver } from '../settings/settingsResolver.ts'
import { DangerousCommands } from '../tasks/dangerousCommands.ts'
import { HistoryResolver } from '../tasks/historyResolver.ts'
import { RunCommands } from '../tasks/runCommands.ts'
import { StepCommands } from '../tasks/stepCommands.ts'
import { TaskCommands } from '../tasks/taskCommands.ts'
import { TaskResolver } from '../tasks/taskResolver.ts'
import { TaskSubscriptions } from '../tasks/taskSubscriptions.ts'
import { TaskTypeResolver } from '../taskTypes/taskTypeResolver.ts'
import { WorkerResolver } from '../workers/workerResolver.ts'

/** Asked for as soon as there is a subscription; ours each bring their own stream. */
const noPubSub = {
	publish() {
		throw new Error('nothing is published through type-graphql: live updates come from the change feed')
	},
	subscribe(): never {
		throw new Error('every subscription names its own stream')
	},
}

/** The schema, from the classes that describe it. */
export function buildSchema(): GraphQLSchema {
	return buildSchemaSync({
		resolvers: [
			TaskResolver,
			TaskCommands,
			StepCommands,
			DangerousCommands,
			RunCommands,
			HistoryResolver,
			RecordedTaskCommands,
			EventCommands,
			BulkCommands,
			BulkResolver,
			TaskSubscriptions,
			LockResolver,
			LogResolver,
			TaskTypeResolver,
			WorkerResolver,
			SettingsResolver,
		],
		validate: false,
		pubSub: noPubSub,
	})
}
