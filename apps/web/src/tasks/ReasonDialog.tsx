import { Button, Form, FormGroup, Modal, ModalBody, ModalFooter, ModalHeader, TextInput } from '@patternfly/react-core'
import { useState } from 'react'

interface ReasonDialogProps {
	readonly title: string
	/** What will happen. */
	readonly text: string
	/** On the button that does it. */
	readonly verb: string
	readonly isDanger?: boolean
	readonly isPending: boolean
	readonly onDo: (why: string | null) => void
	readonly onClose: () => void
}

/** Asks before something is done to a task; a reason is welcome, not demanded. */
export function ReasonDialog({ title, text, verb, isDanger = false, isPending, onDo, onClose }: ReasonDialogProps) {
	const [why, setWhy] = useState('')
	const submit = () => onDo(why.trim() || null)
	return (
		<Modal
			isOpen
			variant="small"
			aria-labelledby="reason-title"
			aria-describedby="reason-text"
			onClose={onClose}
			elementToFocus="#keep-task"
		>
			<ModalHeader title={title} labelId="reason-title" />
			<ModalBody id="reason-text">
				<p>{text}</p>
				<Form
					className="ty-dialog-form"
					onSubmit={(event) => {
						event.preventDefault()
						submit()
					}}
				>
					<FormGroup label="Reason (optional, kept in the history)" fieldId="reason-why">
						<TextInput id="reason-why" value={why} onChange={(_event, value) => setWhy(value)} maxLength={500} />
					</FormGroup>
				</Form>
			</ModalBody>
			<ModalFooter>
				<Button variant={isDanger ? 'danger' : 'primary'} onClick={submit} isLoading={isPending} isDisabled={isPending}>
					{verb}
				</Button>
				<Button id="keep-task" variant="link" onClick={onClose}>
					Keep it
				</Button>
			</ModalFooter>
		</Modal>
	)
}
