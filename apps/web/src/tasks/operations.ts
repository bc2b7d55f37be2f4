import { useMutation } from '@tanstack/react-query'
import {
	CancelStepDocument,
	CancelTaskDocument,
	ConfirmTaskDocument,
	DeleteTaskDocument,
	ForceUnlockTaskDocument,
	PauseTaskDocument,
	RerunTaskDocument,
	ResumeTaskDocument,
	RetryStepDocument,
	SkipStepDocument,
	type TaskAnswerFragment,
	UnlockTaskDocument,
} from '../graphql/generated/graphql.ts'
import { request } from '../graphql/request.ts'
import { useToast } from '../shell/toasts.tsx'
import { keepTask, useTaskStores } from './taskStores.ts'

/** What is told when a command has come through, and when it has not. */
interface Words {
	readonly done: string
	readonly failed: string
}

/** No task was made, and the person is taken to the one that counts. */
export const discardedFor = ({ name, state }: { readonly name: string; readonly state: string }) => ({
	variant: 'info' as const,
	title: 'No new task was started',
	text: `“${name}” has the same duplicate key and is ${state}: it counts, and this is it.`,
})

/** A command on a task: the changed task is kept, and the outcome told. */
function useCommand<Order>(ask: (order: Order) => Promise<TaskAnswerFragment>, { done, failed }: Words) {
	const stores = useTaskStores()
	const toast = useToast()
	return useMutation({
		mutationFn: ask,
		onSuccess({ task, discarded, refusal }) {
			if (task) keepTask(stores, task)
			if (task && discarded) toast(discardedFor(task))
			else if (refusal) toast({ variant: 'danger', title: failed, text: refusal.message })
			else toast({ variant: 'success', title: done, text: null })
		},
		onError: (error: Error) => toast({ variant: 'danger', title: failed, text: error.message }),
	})
}

interface OfTask {
	readonly id: string
	readonly why?: string | null
}

interface OfStep extends OfTask {
	readonly step: number
}

export const useResumeTask = () =>
	useCommand(async (order: OfTask) => (await request(ResumeTaskDocument, { id: order.id })).resumeTask, {
		done: 'The task goes on',
		failed: 'The task was not resumed',
	})

export const usePauseTask = () =>
	useCommand(async ({ id, why }: OfTask) => (await request(PauseTaskDocument, { id, why })).pauseTask, {
		done: 'The task pauses when its running steps have ended',
		failed: 'The task was not paused',
	})

export const useCancelTask = () =>
	useCommand(async ({ id, why }: OfTask) => (await request(CancelTaskDocument, { id, why })).cancelTask, {
		done: 'Cancel was asked for',
		failed: 'The task was not cancelled',
	})

export const useConfirmTask = () =>
	useCommand(async (order: { readonly id: string; readonly yes: boolean }) => (await request(ConfirmTaskDocument, order)).confirmTask, {
		done: 'Your answer was taken',
		failed: 'Your answer was not taken',
	})

export const useRerunTask = () =>
	useCommand(async (order: { readonly id: string; readonly newId: string }) => (await request(RerunTaskDocument, order)).rerunTask, {
		done: 'A new task was started',
		failed: 'No new task was started',
	})

export const useRetryStep = () =>
	useCommand(async ({ id, step }: OfStep) => (await request(RetryStepDocument, { id, step })).retryStep, {
		done: 'The step runs again',
		failed: 'The step was not retried',
	})

export const useSkipStep = () =>
	useCommand(async ({ id, step, why }: OfStep) => (await request(SkipStepDocument, { id, step, why })).skipStep, {
		done: 'The step was skipped',
		failed: 'The step was not skipped',
	})

export const useCancelStep = () =>
	useCommand(async ({ id, step, why }: OfStep) => (await request(CancelStepDocument, { id, step, why })).cancelStep, {
		done: 'Cancel of the step was asked for',
		failed: 'The step was not cancelled',
	})

/** Without `confirmed` the answer is what an unlock would mean, and nothing changes. */
export function useUnlockTask(byForce: boolean) {
	const stores = useTaskStores()
	return useMutation({
		mutationFn: async (order: { readonly id: string; readonly why: string | null; readonly confirmed: boolean }) =>
			byForce ? (await request(ForceUnlockTaskDocument, order)).forceUnlockTask : (await request(UnlockTaskDocument, order)).unlockTask,
		onSuccess: ({ task }) => task && keepTask(stores, task),
	})
}

/** Told also when the page of the task is gone before the answer has come: the feed may be faster. */
export const useDeleteTask = (onDone: () => void) => {
	const toast = useToast()
	const failed = (text: string) => toast({ variant: 'danger', title: 'The task was not deleted', text })
	return useMutation({
		mutationFn: async ({ id, why }: OfTask) => (await request(DeleteTaskDocument, { id, why })).deleteTask,
		onSuccess({ refusal }) {
			if (refusal) return failed(refusal.message)
			toast({ variant: 'success', title: 'The task was deleted', text: null })
			onDone()
		},
		onError: (error: Error) => failed(error.message),
	})
}
