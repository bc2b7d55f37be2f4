import { keepPreviousData, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
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
	useLiveRows(tasks)
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

/** Keeps the rows of a page in the store while a component shows them, and follows each that has not stopped. */
export function useLiveRows(tasks: readonly TaskRow[] | undefined) {
	useStoredRows(tasks)
	useFollowedRows(tasks)
}

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

/** A page that is asked for again keeps what it follows already. */
function useFollowedRows(tasks: readonly TaskRow[] | undefined) {
	const live = useLive()
	const { rows } = useTaskStores()
	const follows = useRef(new Map<string, () => void>())
	useEffect(() => {
		const shown = new Set(tasks?.map(({ id }) => id))
		for (const [id, stop] of follows.current) {
			if (shown.has(id)) continue
			stop()
			follows.current.delete(id)
		}
		for (const { id, state } of tasks ?? []) {
			if (state === 'stopped' || follows.current.has(id)) continue
			const stop = live.follow(TaskRowChangedDocument, {
				variables: { id, after: null },
				resume: ({ taskChanged: { to } }) => ({ after: to }),
				next({ taskChanged: { task } }) {
					if (task) rows.put(task)
				},
			})
			follows.current.set(id, stop)
		}
	}, [live, rows, tasks])
	useEffect(() => {
		const all = follows.current
		return () => {
			for (const stop of all.values()) stop()
			all.clear()
		}
	}, [])
}
