import { useQuery } from '@tanstack/react-query'
import { TaskTypeDocument, type TaskTypeQuery, TaskTypesDocument, type TaskTypesQuery } from '../graphql/generated/graphql.ts'
import { request } from '../graphql/request.ts'

export type TaskTypeSummary = TaskTypesQuery['taskTypes'][number]
export type TaskType = NonNullable<TaskTypeQuery['taskType']>

const keys = {
	all: ['taskTypes'] as const,
	one: (label: string) => ['taskTypes', label] as const,
}

/** Workers register types while the page is open, so each visit asks again; what is known is shown meanwhile. */
const askOnVisit = { staleTime: 0, refetchOnWindowFocus: true } as const

export function useTaskTypes() {
	return useQuery({
		queryKey: keys.all,
		queryFn: async ({ signal }) => (await request(TaskTypesDocument, {}, signal)).taskTypes,
		...askOnVisit,
	})
}

/** One type; null when no worker has ever offered it. */
export function useTaskType(label: string) {
	return useQuery({
		queryKey: keys.one(label),
		queryFn: async ({ signal }) => (await request(TaskTypeDocument, { label }, signal)).taskType,
		...askOnVisit,
	})
}

/** Where a task of the type is started. */
export function startAddress(label: string): string {
	return `/task-types/${encodeURIComponent(label)}/start`
}
