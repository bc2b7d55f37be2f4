import { Button, Tooltip } from '@patternfly/react-core'
import { useState } from 'react'
import { useOfflineReason } from '../shell/OfflineBanner.tsx'
import { useToast } from '../shell/toasts.tsx'
import type { TaskAnswerFragment } from '../graphql/generated/graphql.ts'
import { CancelDialog } from './CancelDialog.tsx'
import { useCancelTask, useResumeTask } from './task.ts'
import type { TaskDetail } from './taskStores.ts'

/** What a person can do with a task. A button that cannot be used says why. */
export function TaskActions({ task }: { readonly task: TaskDetail }) {
	const [asks, setAsks] = useState(false)
	const resume = useResumeTask()
	const cancel = useCancelTask()
	const toast = useToast()
	const offline = useOfflineReason()
	const reasonAgainst = (name: string) => {
		const action = task.actions.find((candidate) => candidate.name === name)
		if (offline) return offline
		if (!action) return `The server does not offer to ${name} this task.`
		return action.allowed ? null : (action.reason ?? `This task cannot be asked to ${name} now.`)
	}
	const outcome = (done: string, failed: string) => ({
		onSuccess: ({ refusal }: TaskAnswerFragment) =>
			toast(refusal ? { variant: 'danger', title: failed, text: refusal.message } : { variant: 'success', title: done, text: null }),
		onError: (error: Error) => toast({ variant: 'danger', title: failed, text: error.message }),
		onSettled: () => setAsks(false),
	})
	return (
		<div className="ty-actions">
			<ActionButton
				text="Resume"
				variant="primary"
				isPending={resume.isPending}
				reason={reasonAgainst('resume')}
				onUse={() => resume.mutate({ id: task.id }, outcome('The task goes on', 'The task was not resumed'))}
			/>
			<ActionButton
				text="Cancel"
				variant="secondary"
				isPending={cancel.isPending}
				reason={reasonAgainst('cancel')}
				onUse={() => setAsks(true)}
			/>
			{asks && (
				<CancelDialog
					name={task.name}
					isRunning={task.state === 'running'}
					isPending={cancel.isPending}
					onClose={() => setAsks(false)}
					onCancelTask={(why) => cancel.mutate({ id: task.id, why }, outcome('Cancel was asked for', 'The task was not cancelled'))}
				/>
			)}
		</div>
	)
}

interface ActionButtonProps {
	readonly text: string
	readonly variant: 'primary' | 'secondary'
	readonly isPending: boolean
	/** Why the action cannot be used now, or null. */
	readonly reason: string | null
	readonly onUse: () => void
}

function ActionButton({ text, variant, isPending, reason, onUse }: ActionButtonProps) {
	const button = (
		<Button variant={reason ? 'secondary' : variant} isAriaDisabled={reason !== null || isPending} isLoading={isPending} onClick={onUse}>
			{text}
		</Button>
	)
	return reason ? <Tooltip content={reason}>{button}</Tooltip> : button
}
