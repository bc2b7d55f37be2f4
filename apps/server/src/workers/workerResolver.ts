import { ChildEntity } from '@taskyard/store/entities/worker'
import { Ctx, Query, Resolver } from 'type-graphql'
import type { Context } from '../context.ts'
import { databaseTime, livingWorkers } from './livingWorkers.ts'
import { Worker } from './worker.ts'

@Resolver()
export class WorkerResolver {
	@Query(() => [Worker], { description: 'Those that have not ended.' })
	async workers(@Ctx() { orm }: Context): Promise<Worker[]> {
		const em = orm.em.fork()
		const workers = await livingWorkers(em)
		const children = await em.find(
			ChildEntity,
			{ workerId: { $in: workers.map(({ row }) => row.id) }, endedAt: null },
			{ orderBy: { id: 'asc' } },
		)
		const now = await databaseTime(em)
		return workers.map(({ row: { id, node, pid, version, queues, capacity, startedAt, heartbeatAt }, alive }) => ({
			id,
			node,
			pid,
			version,
			queues,
			capacity,
			startedAt,
			heartbeatAt,
			alive,
			children: children
				.filter((child) => child.workerId === id)
				.map((child) => ({
					id: child.id,
					pid: child.pid,
					startedAt: child.startedAt,
					leaseUntil: child.leaseUntil,
					alive: child.leaseUntil > now,
				})),
		}))
	}
}
