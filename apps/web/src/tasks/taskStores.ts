import { createContext, use, useCallback, useSyncExternalStore } from 'react'
import type { TaskDetailFragment, TaskListChangedSubscriptionVariables, TaskRowFragment } from '../graphql/generated/graphql.ts'
import { TaskListChangedDocument } from '../graphql/generated/graphql.ts'
import { createKeyedStore, type KeyedStore } from '../live/keyedStore.ts'
import type { Live } from '../live/live.ts'
import { createSource, type Source } from '../live/source.ts'
import { applyFrame, emptyWindow, hold, release, type TaskWindow } from './taskWindow.ts'

export type TaskRow = TaskRowFragment
export type TaskDetail = TaskDetailFragment

/** How many tasks a page of the list has. */
export const pageSize = 50

/** The live list of the newest tasks. */
export interface TaskList extends Source<TaskWindow> {
	/** Follows the list. After a pause it goes on at the cursor where it was. Returns how to stop. */
	watch(refused: (message: string) => void): () => void
	/** What a query answered, for the time until the socket has told more. */
	seed(rows: readonly TaskRow[]): void
	hold(held: boolean): void
	release(): void
}

export interface TaskStores {
	readonly rows: KeyedStore<TaskRow>
	readonly details: KeyedStore<TaskDetail>
	readonly list: TaskList
}

export function createTaskStores(live: Live): TaskStores {
	const rows = createKeyedStore<TaskRow>()
	return { rows, details: createKeyedStore<TaskDetail>(), list: createTaskList(live, rows) }
}

function createTaskList(live: Live, rows: KeyedStore<TaskRow>): TaskList {
	const window = createSource<TaskWindow>(emptyWindow)
	let cursor: string | null = null
	const show = (next: TaskWindow) => {
		const before = window.get()
		window.set(next)
		const kept = new Set([...next.newest, ...next.shown])
		for (const id of [...before.newest, ...before.shown]) if (!kept.has(id)) rows.forget(id)
	}
	return {
		get: window.get,
		subscribe: window.subscribe,
		watch(refused) {
			const variables: TaskListChangedSubscriptionVariables = { first: pageSize, after: cursor }
			return live.follow(TaskListChangedDocument, {
				variables,
				refused,
				resume: ({ taskListChanged: { to } }) => ({ after: to }),
				next({ taskListChanged: frame }) {
					live.clock.learn(Date.parse(frame.serverTime))
					cursor = frame.to
					for (const row of frame.rows) rows.put(row)
					show(applyFrame(window.get(), frame, pageSize))
				},
			})
		},
		seed(seeds) {
			if (window.get().loaded) return
			for (const row of seeds) rows.put(row)
			show(applyFrame(window.get(), { kind: 'SNAPSHOT', rows: seeds, left: [] }, pageSize))
		},
		hold: (held) => show(hold(window.get(), held)),
		release: () => show(release(window.get())),
	}
}

/** Puts what an answer or a frame says of a task where its page and the list read it. */
export function keepTask({ rows, details }: TaskStores, task: TaskDetail): void {
	details.put(task)
	if (rows.get(task.id)) rows.put(task)
}

export const TaskStoresContext = createContext<TaskStores | null>(null)

export function useTaskStores(): TaskStores {
	const stores = use(TaskStoresContext)
	if (!stores)
		throw new Error(
			'useTaskStores: there is no TaskStoresContext above this component. Render it within <TaskStoresContext value={createTaskStores(live)}>.',
		)
	return stores
}

/** One row of a store; the component renders again when this row changes, and only then. */
export function useStored<Row extends { readonly id: string; readonly revision: number }>(
	store: KeyedStore<Row>,
	id: string,
): Row | undefined {
	const subscribe = useCallback((listener: () => void) => store.subscribe(id, listener), [store, id])
	return useSyncExternalStore(subscribe, () => store.get(id))
}
