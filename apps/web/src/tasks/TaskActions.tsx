import { Button, Divider, Dropdown, DropdownItem, DropdownList, MenuToggle, Tooltip } from '@patternfly/react-core'
import { EllipsisVIcon } from '@patternfly/react-icons'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useOfflineReason } from '../shell/OfflineBanner.tsx'
import { createId } from '../taskTypes/uuid.ts'
import { useCancelTask, useConfirmTask, useDeleteTask, usePauseTask, useRerunTask, useResumeTask } from './operations.ts'
import { ReasonDialog } from './ReasonDialog.tsx'
import type { TaskDetail } from './taskStores.ts'
import { UnlockDialog } from './UnlockDialog.tsx'

type Asked = 'pause' | 'cancel' | 'unlock' | 'force_unlock' | 'delete'

/** What a person can do with a task. What cannot be used says why. */
export function TaskActions({ task }: { readonly task: TaskDetail }) {
	const [asked, setAsked] = useState<Asked | null>(null)
	const resume = useResumeTask()
	const confirm = useConfirmTask()
	const rerun = useRerunTask()
	const navigate = useNavigate()
	const offline = useOfflineReason()
	const reasonAgainst = (name: string) => {
		const action = task.actions.find((candidate) => candidate.name === name)
		if (offline) return offline
		if (!action) return `The server does not offer to ${name.replaceAll('_', ' ')} this task.`
		return action.allowed ? null : (action.reason ?? `This task cannot be asked to ${name.replaceAll('_', ' ')} now.`)
	}
	const runAgain = () =>
		rerun.mutate(
			{ id: task.id, newId: createId(Date.now()) },
			{ onSuccess: ({ task: started }) => started && void navigate(`/tasks/${started.id}`) },
		)
	return (
		<div className="ty-actions">
			{task.confirmBefore && task.state === 'scheduled' && (
				<>
					<ActionButton
						text="Confirm"
						variant="primary"
						isPending={confirm.isPending}
						reason={reasonAgainst('confirm')}
						onUse={() => confirm.mutate({ id: task.id, yes: true })}
					/>
					<ActionButton
						text="Do not start"
						variant="secondary"
						isPending={confirm.isPending}
						reason={reasonAgainst('confirm')}
						onUse={() => confirm.mutate({ id: task.id, yes: false })}
					/>
				</>
			)}
			<ActionButton
				text="Resume"
				variant="primary"
				isPending={resume.isPending}
				reason={reasonAgainst('resume')}
				onUse={() => resume.mutate({ id: task.id })}
			/>
			<ActionButton text="Cancel" variant="secondary" isPending={false} reason={reasonAgainst('cancel')} onUse={() => setAsked('cancel')} />
			<MoreActions reasonAgainst={reasonAgainst} onAsk={setAsked} onRerun={runAgain} />
			<AskedDialog task={task} asked={asked} onClose={() => setAsked(null)} />
		</div>
	)
}

interface MoreActionsProps {
	readonly reasonAgainst: (name: string) => string | null
	readonly onAsk: (asked: Asked) => void
	readonly onRerun: () => void
}

/** The rarer ones; what cannot be taken back stands apart. */
function MoreActions({ reasonAgainst, onAsk, onRerun }: MoreActionsProps) {
	const [isOpen, setIsOpen] = useState(false)
	const item = (name: string, text: string, onUse: () => void, isDanger = false) => {
		const reason = reasonAgainst(name)
		return (
			<DropdownItem
				key={name}
				isDanger={isDanger && !reason}
				isAriaDisabled={reason !== null}
				{...(reason && { description: reason })}
				onClick={() => {
					setIsOpen(false)
					onUse()
				}}
			>
				{text}
			</DropdownItem>
		)
	}
	return (
		<Dropdown
			isOpen={isOpen}
			onOpenChange={setIsOpen}
			popperProps={{ position: 'right' }}
			toggle={(toggle) => (
				<MenuToggle ref={toggle} variant="plain" aria-label="More actions" isExpanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
					<EllipsisVIcon />
				</MenuToggle>
			)}
		>
			<DropdownList>
				{item('pause', 'Pause…', () => onAsk('pause'))}
				{item('rerun', 'Run again', onRerun)}
				<Divider component="li" key="divider" />
				{item('unlock', 'Unlock…', () => onAsk('unlock'), true)}
				{item('force_unlock', 'Force unlock…', () => onAsk('force_unlock'), true)}
				{item('delete', 'Delete…', () => onAsk('delete'), true)}
			</DropdownList>
		</Dropdown>
	)
}

interface AskedDialogProps {
	readonly task: TaskDetail
	readonly asked: Asked | null
	readonly onClose: () => void
}

function AskedDialog({ task, asked, onClose }: AskedDialogProps) {
	const cancel = useCancelTask()
	const pause = usePauseTask()
	switch (asked) {
		case null:
			return null
		case 'cancel':
			return (
				<ReasonDialog
					title="Cancel this task?"
					text={
						task.state === 'running'
							? `“${task.name}” is asked to end. Its running steps get a moment to finish cleanly, then they are killed. What is done stays done.`
							: `“${task.name}” ends as cancelled. What is done stays done, and its locks are released.`
					}
					verb="Cancel task"
					isDanger
					isPending={cancel.isPending}
					onDo={(why) => cancel.mutate({ id: task.id, why }, { onSettled: onClose })}
					onClose={onClose}
				/>
			)
		case 'pause':
			return (
				<ReasonDialog
					title="Pause this task?"
					text={`The running steps of “${task.name}” go on to their end; no other begins until it is resumed. It keeps its locks.`}
					verb="Pause task"
					isPending={pause.isPending}
					onDo={(why) => pause.mutate({ id: task.id, why }, { onSettled: onClose })}
					onClose={onClose}
				/>
			)
		case 'unlock':
		case 'force_unlock':
			return <UnlockDialog task={task} byForce={asked === 'force_unlock'} onClose={onClose} />
		case 'delete':
			return <DeleteDialog task={task} onClose={onClose} />
	}
}

function DeleteDialog({ task, onClose }: { readonly task: TaskDetail; readonly onClose: () => void }) {
	const navigate = useNavigate()
	const remove = useDeleteTask(() => void navigate('/tasks'))
	return (
		<ReasonDialog
			title="Delete this task?"
			text={`Input, output, steps and logs of “${task.name}” and of its sub-tasks go for good. What people did with it stays in the history.`}
			verb="Delete task"
			isDanger
			isPending={remove.isPending}
			onDo={(why) => remove.mutate({ id: task.id, why }, { onSettled: onClose })}
			onClose={onClose}
		/>
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
