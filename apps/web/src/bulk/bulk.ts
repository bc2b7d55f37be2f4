import { useMutation, useQuery } from '@tanstack/react-query'
import {
	type BulkAction,
	BulkAgainDocument,
	type BulkAnswerFragment,
	BulkItemsDocument,
	type BulkItemsQuery,
	type BulkOutcome,
	StartBulkDocument,
} from '../graphql/generated/graphql.ts'
import { request } from '../graphql/request.ts'
import { useToast } from '../shell/toasts.tsx'
import { keepTask, type TaskDetail, useTaskStores } from '../tasks/taskStores.ts'

export type BulkItem = NonNullable<BulkItemsQuery['bulkItems']>['items'][number]

/** The label of the task type whose tasks act on other tasks. */
export const bulkLabel = 'Taskyard::Bulk'

const itemsOfPage = 100

interface StartOrder {
	readonly action: BulkAction
	readonly ids: readonly string[]
	readonly why: string | null
	/** Asked again with the same id, the server answers the same bulk. */
	readonly id: string
}

interface AgainOrder {
	readonly id: string
	readonly newId: string
	readonly why: string | null
	readonly confirmed: boolean
}

export const useStartBulk = (failed: string) =>
	useBulkCommand(async ({ ids, ...order }: StartOrder) => (await request(StartBulkDocument, { ...order, ids: [...ids] })).startBulk, failed)

export const useBulkAgain = () =>
	useBulkCommand(async (order: AgainOrder) => (await request(BulkAgainDocument, order)).bulkAgain, 'Nothing was started')

/** A command that makes a bulk: it is kept, and a refusal told. */
function useBulkCommand<Order>(ask: (order: Order) => Promise<BulkAnswerFragment>, failed: string) {
	const stores = useTaskStores()
	const toast = useToast()
	const tell = (text: string) => toast({ variant: 'danger', title: failed, text })
	return useMutation({
		mutationFn: ask,
		onSuccess({ task, refusal }) {
			if (task) keepTask(stores, task)
			if (refusal) tell(refusal.message)
		},
		onError: (error: Error) => tell(error.message),
	})
}

/** A page of the items of a bulk; read again when it has come further. Of some outcome only, they stand still until it has stopped. */
export function useBulkItems({ id, state, progress }: TaskDetail, outcome: BulkOutcome | null, after: number | null) {
	return useQuery({
		queryKey: ['task', id, 'bulkItems', outcome, after, state, outcome === null ? progress : null],
		queryFn: async ({ signal }) => (await request(BulkItemsDocument, { id, outcome, first: itemsOfPage, after }, signal)).bulkItems,
		placeholderData: (previous, query) => (query?.queryKey[3] === outcome && query?.queryKey[4] === after ? previous : undefined),
		gcTime: 0,
	})
}

/** How many items have come to what. */
export function useBulkCounts({ id, state, progress }: TaskDetail) {
	return useQuery({
		queryKey: ['task', id, 'bulkCounts', state, progress],
		queryFn: async ({ signal }) => (await request(BulkItemsDocument, { id, first: 1 }, signal)).bulkItems?.counts ?? null,
		placeholderData: (previous) => previous,
		gcTime: 0,
	})
}
