import { queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import {
	StartTaskDocument,
	type TaskAnswerFragment,
	TaskChangedDocument,
	TaskDocument,
	type TaskErrorsQuery,
	TaskErrorsDocument,
	TaskRawDocument,
} from '../graphql/generated/graphql.ts'
import { request } from '../graphql/request.ts'
import { useLive } from '../live/LiveContext.ts'
import { keepTask, type TaskDetail, useStored, useTaskStores } from './taskStores.ts'

/** A task as its page sees it. */
export type TaskView =
	| { readonly kind: 'loading' }
	| { readonly kind: 'failed'; readonly error: Error; readonly retry: () => void }
	| { readonly kind: 'missing' }
	| { readonly kind: 'found'; readonly task: TaskDetail }

const keys = {
	task: (id: string) => ['task', id] as const,
	errors: (id: string, signature: string) => ['task', id, 'errors', signature] as const,
	raw: (id: string, signature: string) => ['task', id, 'raw', signature] as const,
}

/** One task, live. The snapshot comes over HTTP, what changes over the socket; the newer revision wins. */
export function useTask(id: string): TaskView {
	const live = useLive()
	const stores = useTaskStores()
	const task = useStored(stores.details, id)
	const [gone, setGone] = useState<string | null>(null)
	const [refusal, setRefusal] = useState<string | null>(null)
	const snapshot = useQuery({
		queryKey: keys.task(id),
		queryFn: async ({ signal }) => {
			const answer = (await request(TaskDocument, { id }, signal)).task
			if (answer) keepTask(stores, answer)
			return answer !== null
		},
		// What the store keeps is newer than any query.
		gcTime: 0,
	})
	useEffect(() => {
		const stop = live.follow(TaskChangedDocument, {
			variables: { id, after: null },
			refused: setRefusal,
			resume: ({ taskChanged: { to } }) => ({ after: to }),
			next({ taskChanged: { kind, task: changed, serverTime } }) {
				live.clock.learn(Date.parse(serverTime))
				if (changed) keepTask(stores, changed)
				if (kind !== 'HEARTBEAT') setGone(changed ? null : id)
			},
		})
		return () => {
			stop()
			stores.details.forget(id)
		}
	}, [id, live, stores])
	if (gone === id) return { kind: 'missing' }
	if (task) return { kind: 'found', task }
	if (snapshot.data === false) return { kind: 'missing' }
	const error = refusal ? new Error(refusal) : snapshot.error
	if (!error) return { kind: 'loading' }
	const retry = () => {
		setRefusal(null)
		void snapshot.refetch()
	}
	return { kind: 'failed', error, retry }
}

export type TaskErrors = NonNullable<TaskErrorsQuery['task']>

/** What changes when there is something new to read about the errors of a task. */
function errorSignature({ steps, error }: TaskDetail): string {
	return JSON.stringify([
		error?.message,
		steps.filter((step) => step.error || step.attempt > 1).map(({ index, attempt, state }) => [index, attempt, state]),
	])
}

/** Inputs, traces and attempts of a task: too much to send with each change, so asked for when something failed. */
export function useTaskErrors(task: TaskDetail) {
	return useQuery({
		queryKey: keys.errors(task.id, errorSignature(task)),
		queryFn: async ({ signal }) => (await request(TaskErrorsDocument, { id: task.id }, signal)).task,
		placeholderData: (previous) => previous,
	})
}

function rawQuery({ id, state, steps }: TaskDetail) {
	return queryOptions({
		queryKey: keys.raw(id, `${state === 'stopped'} ${steps.length > 0}`),
		queryFn: async ({ signal }) => (await request(TaskRawDocument, { id }, signal)).task,
		placeholderData: (previous) => previous,
	})
}

/** Input, output and plan as the text that was given. */
export function useTaskRaw(task: TaskDetail) {
	return useQuery(rawQuery(task))
}

/** Starts a task. Asked again with the same id, the server answers the same task. */
export function useStartTask() {
	const stores = useTaskStores()
	return useMutation({
		mutationFn: async (variables: { readonly label: string; readonly input: string; readonly id: string }) =>
			(await request(StartTaskDocument, variables)).startTask,
		onSuccess: (answer: TaskAnswerFragment) => answer.task && keepTask(stores, answer.task),
	})
}
