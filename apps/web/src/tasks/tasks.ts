import { keepPreviousData, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useLayoutEffect, useState } from 'react'
import { TaskRowChangedDocument, TasksDocument } from '../graphql/generated/graphql.ts'
import { request } from '../graphql/request.ts'
import { useLive } from '../live/LiveContext.ts'
import { useSource } from '../live/source.ts'
import { pageSize, type TaskRow, useTaskStores } from './taskStores.ts'
import { countNew } from './taskWindow.ts'

/** One page of the list, asked for once. `after` is null for the newest. */
function tasksQuery(after: string | null) {
	return queryOptions({
		queryKey: ['tasks', { after }],
		queryFn: async ({ signal }) => (await request(TasksDocument, { first: pageSize, after }, signal)).tasks,
	})
}

export interface TaskListView {
	readonly ids: readonly string[] | null
	/** New tasks that wait to be shown, because the person reads. */
	readonly newCount: number
	/** Whether an older page follows. */
	readonly hasOlder: boolean
	readonly error: Error | null
	readonly retry: () => void
	readonly showNew: () => void
	readonly hold: (held: boolean) => void
	/** The cursor of the page after this one. */
	readonly olderCursor: () => Promise<string | null>
}

/** The newest tasks, live. */
export function useNewestTasks(): TaskListView {
	const { list } = useTaskStores()
	const queries = useQueryClient()
	const window = useSource(list)
	const snapshot = useQuery(tasksQuery(null))
	const [refusal, setRefusal] = useState<string | null>(null)
	useEffect(() => list.watch(setRefusal), [list])
	useEffect(() => {
		if (snapshot.data) list.seed(snapshot.data.tasks)
	}, [list, snapshot.data])
	const error = refusal ? new Error(refusal) : snapshot.error
	return {
		ids: window.loaded ? window.shown : null,
		newCount: countNew(window),
		hasOlder: window.newest.length >= pageSize,
		error: window.loaded ? null : error,
		retry: () => {
			setRefusal(null)
			void snapshot.refetch()
		},
		showNew: list.release,
		hold: list.hold,
		// The live window has moved since its snapshot, and the cursor with it.
		olderCursor: useCallback(async () => (await queries.fetchQuery({ ...tasksQuery(null), staleTime: 0 })).endCursor, [queries]),
	}
}

/** A page of older tasks. Its members stand still; those that have not stopped are followed one by one. */
export function useOlderTasks(after: string): TaskListView {
	const { data, error, refetch } = useQuery({ ...tasksQuery(after), placeholderData: keepPreviousData })
	const tasks = data?.tasks
	useStoredRows(tasks)
	useFollowedRows(tasks)
	return {
		ids: tasks ? tasks.map(({ id }) => id) : null,
		newCount: 0,
		hasOlder: data?.endCursor != null && tasks?.length === pageSize,
		error: tasks ? null : error,
		retry: () => void refetch(),
		showNew: () => {},
		hold: () => {},
		olderCursor: async () => data?.endCursor ?? null,
	}
}

/** Keeps rows in the store while a component shows them. */
function useStoredRows(tasks: readonly TaskRow[] | undefined) {
	const { rows } = useTaskStores()
	useLayoutEffect(() => {
		if (!tasks) return
		for (const row of tasks) rows.put(row)
		return () => {
			for (const { id } of tasks) rows.forget(id)
		}
	}, [rows, tasks])
}

function useFollowedRows(tasks: readonly TaskRow[] | undefined) {
	const live = useLive()
	const { rows } = useTaskStores()
	useEffect(() => {
		if (!tasks) return
		const stops = tasks
			.filter(({ state }) => state !== 'stopped')
			.map(({ id }) =>
				live.follow(TaskRowChangedDocument, {
					variables: { id, after: null },
					resume: ({ taskChanged: { to } }) => ({ after: to }),
					next({ taskChanged: { task } }) {
						if (task) rows.put(task)
					},
				}),
			)
		return () => {
			for (const stop of stops) stop()
		}
	}, [live, rows, tasks])
}
