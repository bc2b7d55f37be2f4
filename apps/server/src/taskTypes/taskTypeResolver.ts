import { TaskTypeEntity, type TaskTypeRow } from '@taskyard/store/entities/taskType'
import { Arg, Ctx, Query, Resolver } from 'type-graphql'
import type { Context } from '../context.ts'
import { parseExact, stringifyExact } from '../tasks/exactJson.ts'
import { livingWorkers } from '../workers/livingWorkers.ts'
import { TaskType } from './taskType.ts'

/** As much of a registered definition as the schema shows. */
interface Definition {
	readonly name: string
	readonly description?: string
	readonly inputSchema: object
	readonly outputSchema?: object
	readonly queue: string
	readonly cancellable: boolean
}

@Resolver()
export class TaskTypeResolver {
	@Query(() => [TaskType], { description: 'By label.' })
	async taskTypes(@Ctx() { orm }: Context): Promise<TaskType[]> {
		const em = orm.em.fork()
		const rows = await em.find(TaskTypeEntity, {}, { orderBy: { label: 'asc' } })
		const offered = await offeredLabels(em)
		return rows.map((row) => toTaskType(row, offered))
	}

	@Query(() => TaskType, { nullable: true })
	async taskType(@Arg('label', () => String) label: string, @Ctx() { orm }: Context): Promise<TaskType | null> {
		const em = orm.em.fork()
		const row = await em.findOne(TaskTypeEntity, { label })
		return row && toTaskType(row, await offeredLabels(em))
	}
}

async function offeredLabels(em: Context['orm']['em']): Promise<ReadonlySet<string>> {
	return new Set((await livingWorkers(em)).flatMap((worker) => (worker.alive ? worker.row.labels : [])))
}

function toTaskType(row: TaskTypeRow, offered: ReadonlySet<string>): TaskType {
	const definition = parseExact(row.definition) as Definition
	return {
		label: row.label,
		version: row.version,
		name: definition.name,
		description: definition.description ?? null,
		inputSchema: stringifyExact(definition.inputSchema),
		outputSchema: definition.outputSchema === undefined ? null : stringifyExact(definition.outputSchema),
		queue: definition.queue,
		discarded: row.discarded,
		cancellable: definition.cancellable,
		offered: offered.has(row.label),
		offeredAt: row.offeredAt,
	}
}
