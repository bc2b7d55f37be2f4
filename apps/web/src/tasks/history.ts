import { useInfiniteQuery } from '@tanstack/react-query'
import { TaskHistoryDocument, type TaskHistoryQuery } from '../graphql/generated/graphql.ts'
import { request } from '../graphql/request.ts'
import type { TaskDetail } from './taskStores.ts'

export type HistoryEntry = NonNullable<TaskHistoryQuery['taskHistory']>['entries'][number]

/** The history of a task in pages, first things first; read again when the task has changed. */
export function useTaskHistory({ id, revision }: Pick<TaskDetail, 'id' | 'revision'>) {
	return useInfiniteQuery({
		queryKey: ['task', id, 'history', revision],
		queryFn: async ({ pageParam, signal }) => (await request(TaskHistoryDocument, { id, after: pageParam }, signal)).taskHistory,
		initialPageParam: null as string | null,
		getNextPageParam: (page) => page?.endCursor ?? null,
		placeholderData: (previous) => previous,
	})
}

const commands: Record<string, string> = {
	resume: 'Resumed the task',
	cancel: 'Asked to cancel the task',
	pause: 'Asked to pause the task',
	skip: 'Skipped a step',
	retry: 'Retried a step',
	cancel_step: 'Asked to cancel a step',
	unlock: 'Unlocked the task',
	force_unlock: 'Unlocked the task by force',
	confirm: 'Answered whether to start the task',
	rerun: 'Ran the task again, as a new one',
	delete: 'Deleted the task',
	event: 'Sent an event',
	close: 'Closed the task',
}

const words = (state: string | null): string => (state ?? 'nothing').replaceAll('_', ' ')

/** What happened, as a sentence without who, when and why. */
export function describeEntry({ kind, step, stepName, oldState, newState, attempt }: HistoryEntry): string {
	const ofStep = step === null ? '' : `Step ${step + 1}, ${stepName ?? ''}`
	switch (kind) {
		case 'created':
			return `Created as ${words(newState)}`
		case 'task':
			return `Task: ${words(oldState)} → ${words(newState)}`
		case 'step':
			return `${ofStep}: ${words(oldState)} → ${words(newState)}${attempt !== null && attempt > 1 ? `, attempt ${attempt}` : ''}`
		default:
			return `${commands[kind] ?? words(kind)}${ofStep && `: ${ofStep}`}`
	}
}
