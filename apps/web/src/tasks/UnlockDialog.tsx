import {
	Alert,
	Button,
	Form,
	FormGroup,
	List,
	ListItem,
	Modal,
	ModalBody,
	ModalFooter,
	ModalHeader,
	Spinner,
	TextInput,
} from '@patternfly/react-core'
import { useEffect, useState } from 'react'
import { useToast } from '../shell/toasts.tsx'
import type { UnlockAnswerFragment } from '../graphql/generated/graphql.ts'
import { useUnlockTask } from './operations.ts'
import type { TaskDetail } from './taskStores.ts'
import { TaskLinks } from './WaitingText.tsx'

interface UnlockDialogProps {
	readonly task: TaskDetail
	readonly byForce: boolean
	readonly onClose: () => void
}

/** States what an unlock would mean, asked of the server, before it is done; by force, the name must be typed. */
export function UnlockDialog({ task, byForce, onClose }: UnlockDialogProps) {
	const [why, setWhy] = useState('')
	const [typed, setTyped] = useState('')
	const { mutate: ask, data, error } = useUnlockTask(byForce)
	const unlock = useUnlockTask(byForce)
	const toast = useToast()
	useEffect(() => ask({ id: task.id, why: null, confirmed: false }), [ask, task.id])
	const verb = byForce ? 'Force unlock' : 'Unlock'
	const isReady = data?.consequences != null && (!byForce || typed.trim() === task.name.trim())
	const submit = () => {
		if (!isReady) return
		unlock.mutate(
			{ id: task.id, why: why.trim() || null, confirmed: true },
			{
				onSuccess: ({ refusal }) => {
					if (refusal) toast({ variant: 'danger', title: 'The task was not unlocked', text: refusal.message })
					else toast({ variant: 'success', title: 'The task was unlocked', text: null })
					onClose()
				},
				onError: (failure) => toast({ variant: 'danger', title: 'The task was not unlocked', text: failure.message }),
			},
		)
	}
	return (
		<Modal
			isOpen
			variant="small"
			aria-labelledby="unlock-title"
			aria-describedby="unlock-text"
			onClose={onClose}
			elementToFocus="#keep-locks"
		>
			<ModalHeader title={`${verb} “${task.name}”?`} labelId="unlock-title" {...(byForce && { titleIconVariant: 'danger' as const })} />
			<ModalBody id="unlock-text">
				<Consequences answer={data ?? null} error={error} />
				<Form
					className="ty-dialog-form"
					onSubmit={(event) => {
						event.preventDefault()
						submit()
					}}
				>
					<FormGroup label="Reason (optional, kept in the history)" fieldId="unlock-why">
						<TextInput id="unlock-why" value={why} onChange={(_event, value) => setWhy(value)} maxLength={500} />
					</FormGroup>
					{byForce && (
						<FormGroup label={`Type the name of the task to go on: ${task.name}`} fieldId="unlock-name">
							<TextInput id="unlock-name" value={typed} onChange={(_event, value) => setTyped(value)} autoComplete="off" />
						</FormGroup>
					)}
				</Form>
			</ModalBody>
			<ModalFooter>
				<Button variant="danger" onClick={submit} isLoading={unlock.isPending} isDisabled={!isReady || unlock.isPending}>
					{verb}
				</Button>
				<Button id="keep-locks" variant="link" onClick={onClose}>
					Keep it
				</Button>
			</ModalFooter>
		</Modal>
	)
}

function Consequences({ answer, error }: { readonly answer: UnlockAnswerFragment | null; readonly error: Error | null }) {
	if (error) return <Alert isInline variant="danger" title={error.message} />
	if (answer?.refusal) return <Alert isInline variant="danger" title={answer.refusal.message} />
	if (!answer?.consequences) return <Spinner size="md" aria-label="Looking what this would mean" />
	const { message, locks } = answer.consequences
	return (
		<>
			<p>{message}</p>
			{locks.length > 0 && (
				<List aria-label="Locks that fall free">
					{locks.map(({ resource, name, mode, next }) => (
						<ListItem key={`${resource.type} ${resource.id} ${name}`}>
							{resource.type} {resource.title ?? resource.id}, {name === '*' ? 'all operations' : name}, {mode}:{' '}
							{next.length === 0 ? 'nobody waits for it' : <TaskLinks tasks={next} />}
						</ListItem>
					))}
				</List>
			)}
		</>
	)
}
