import { useQuery } from '@tanstack/react-query'
import { SubTaskCountsDocument, type SubTaskFilter, SubTasksDocument, TaskReferenceDocument } from '../graphql/generated/graphql.ts'
import { request } from '../graphql/request.ts'
import { pageSize, type TaskDetail } from '../tasks/taskStores.ts'
import { useLiveRows } from '../tasks/tasks.ts'

/** The sub-tasks of a task, counted for all and for each step; counted again when the task has changed or has come further. */
export function useSubTaskCounts({ id, revision, progress, subTasks }: TaskDetail) {
	return useQuery({
		queryKey: ['task', id, 'subTaskCounts', revision, progress],
		queryFn: async ({ signal }) => (await request(SubTaskCountsDocument, { of: id }, signal)).task,
		placeholderData: (previous) => previous,
		enabled: subTasks !== null,
		gcTime: 0,
	})
}

interface SubTasksAsked {
	readonly step: number | null
	/** Null for all. */
	readonly filter: SubTaskFilter | null
	/** Null for the first page. */
	readonly after: string | null
}

/**
 * A page of the sub-tasks of a task, each of them live. New ones appear at its end, as their task makes them. Those that
 * are filtered stand still, as no row may leave under the eyes of who reads it: `refetch` looks again.
 */
export function useSubTasks({ id, revision }: TaskDetail, { step, filter, after }: SubTasksAsked) {
	const answer = useQuery({
		queryKey: ['task', id, 'subTasks', step, filter, after, filter === null ? revision : null],
		queryFn: async ({ signal }) => (await request(SubTasksDocument, { of: id, step, filter, first: pageSize, after }, signal)).subTasks,
		placeholderData: (previous, query) => (sameList(query?.queryKey, [step, filter, after]) ? previous : undefined),
		gcTime: 0,
	})
	useLiveRows(answer.data?.tasks)
	return answer
}

function sameList(key: readonly unknown[] | undefined, asked: readonly unknown[]): boolean {
	return key !== undefined && asked.every((part, index) => key[index + 3] === part)
}

/** Name and state of another task; null when there is none. */
export function useTaskReference(id: string | null) {
	return useQuery({
		queryKey: ['task', id, 'reference'],
		queryFn: async ({ signal }) => (await request(TaskReferenceDocument, { id: id ?? '' }, signal)).task,
		enabled: id !== null,
	})
}
