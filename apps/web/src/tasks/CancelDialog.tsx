import { Button, Form, FormGroup, Modal, ModalBody, ModalFooter, ModalHeader, TextInput } from '@patternfly/react-core'
import { useState } from 'react'

interface CancelDialogProps {
	readonly name: string
	readonly isRunning: boolean
	readonly isPending: boolean
	readonly onCancelTask: (why: string | null) => void
	readonly onClose: () => void
}

/** Asks before a task is cancelled; a reason is welcome, not demanded. */
export function CancelDialog({ name, isRunning, isPending, onCancelTask, onClose }: CancelDialogProps) {
	const [why, setWhy] = useState('')
	const submit = () => onCancelTask(why.trim() || null)
	return (
		<Modal
			isOpen
			variant="small"
			aria-labelledby="cancel-title"
			aria-describedby="cancel-text"
			onClose={onClose}
			elementToFocus="#keep-task"
		>
			<ModalHeader title="Cancel this task?" labelId="cancel-title" />
			<ModalBody id="cancel-text">
				<p>
					{isRunning
						? `“${name}” is asked to end. Its running steps get a moment to finish cleanly, then they are killed. What is done stays done.`
						: `“${name}” ends as cancelled. What is done stays done, and its locks are released.`}
				</p>
				<Form
					className="ty-dialog-form"
					onSubmit={(event) => {
						event.preventDefault()
						submit()
					}}
				>
					<FormGroup label="Reason (optional, kept in the history)" fieldId="cancel-why">
						<TextInput id="cancel-why" value={why} onChange={(_event, text) => setWhy(text)} maxLength={500} />
					</FormGroup>
				</Form>
			</ModalBody>
			<ModalFooter>
				<Button variant="danger" onClick={submit} isLoading={isPending} isDisabled={isPending}>
					Cancel task
				</Button>
				<Button id="keep-task" variant="link" onClick={onClose}>
					Keep it
				</Button>
			</ModalFooter>
		</Modal>
	)
}
