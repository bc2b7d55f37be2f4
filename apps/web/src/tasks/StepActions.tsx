import { Button } from '@patternfly/react-core'
import { useState } from 'react'
import { useOfflineReason } from '../shell/OfflineBanner.tsx'
import { useCancelStep, useRetryStep, useSkipStep } from './operations.ts'
import { ReasonDialog } from './ReasonDialog.tsx'
import type { StepView } from './steps.ts'
import type { TaskDetail } from './taskStores.ts'

/** What a person can do with one step now; what cannot be done is not offered, for most steps allow nothing. */
export function StepActions({ task, step }: { readonly task: TaskDetail; readonly step: StepView }) {
	const [asked, setAsked] = useState<'skip' | 'cancel' | null>(null)
	const retry = useRetryStep()
	const skip = useSkipStep()
	const cancel = useCancelStep()
	const offline = useOfflineReason()
	const offers = (name: string) => step.actions.some((action) => action.name === name && action.allowed)
	const order = { id: task.id, step: step.index }
	const close = () => setAsked(null)
	return (
		<>
			{offers('retry') && (
				<Button
					variant="link"
					size="sm"
					isAriaDisabled={offline !== null || retry.isPending}
					onClick={() => retry.mutate(order)}
					aria-label={`Retry step ${step.index + 1}`}
				>
					Retry
				</Button>
			)}
			{offers('skip') && (
				<Button
					variant="link"
					size="sm"
					isAriaDisabled={offline !== null}
					onClick={() => setAsked('skip')}
					aria-label={`Skip step ${step.index + 1}`}
				>
					Skip…
				</Button>
			)}
			{offers('cancel') && (
				<Button
					variant="link"
					size="sm"
					isAriaDisabled={offline !== null}
					onClick={() => setAsked('cancel')}
					aria-label={`Cancel step ${step.index + 1}`}
				>
					Cancel…
				</Button>
			)}
			{asked === 'skip' && (
				<ReasonDialog
					title={`Skip step ${step.index + 1}, ${step.name}?`}
					text="The step and those that need its output are skipped, and the task goes on. Its result is at best a warning."
					verb="Skip step"
					isPending={skip.isPending}
					onDo={(why) => skip.mutate({ ...order, why }, { onSettled: close })}
					onClose={close}
				/>
			)}
			{asked === 'cancel' && (
				<ReasonDialog
					title={`Cancel step ${step.index + 1}, ${step.name}?`}
					text="The step is asked to end. The steps behind it do not run, those beside it go on, and the task ends as cancelled."
					verb="Cancel step"
					isDanger
					isPending={cancel.isPending}
					onDo={(why) => cancel.mutate({ ...order, why }, { onSettled: close })}
					onClose={close}
				/>
			)}
		</>
	)
}
