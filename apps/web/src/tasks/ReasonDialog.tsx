import { Button, Form, FormGroup, Modal, ModalBody, ModalFooter, ModalHeader, TextInput } from '@patternfly/react-core'
import { type ReactNode, useState } from 'react'

interface ReasonDialogProps {
	readonly title: string
	/** What will happen. */
	readonly text: string
	/** On the button that does it. */
	readonly verb: string
	/** On the button that leaves things as they are. */
	readonly keep?: string
	readonly isDanger?: boolean
	readonly isReasonRequired?: boolean
	readonly isPending: boolean
	readonly onDo: (why: string | null) => void
	readonly onClose: () => void
	/** Stands between what will happen and the reason. */
	readonly children?: ReactNode
}

/** Asks before something is done to tasks. To one, a reason is welcome; to many, it may be demanded. */
export function ReasonDialog({
	title,
	text,
	verb,
	keep = 'Keep it',
	isDanger = false,
	isReasonRequired = false,
	isPending,
	onDo,
	onClose,
	children,
}: ReasonDialogProps) {
	const [why, setWhy] = useState('')
	const isReady = !isPending && (!isReasonRequired || why.trim() !== '')
	const submit = () => isReady && onDo(why.trim() || null)
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
				{children}
				<Form
					className="ty-dialog-form"
					onSubmit={(event) => {
						event.preventDefault()
						submit()
					}}
				>
					<FormGroup
						label={isReasonRequired ? 'Reason (kept in the history)' : 'Reason (optional, kept in the history)'}
						isRequired={isReasonRequired}
						fieldId="reason-why"
					>
						<TextInput
							id="reason-why"
							isRequired={isReasonRequired}
							value={why}
							onChange={(_event, value) => setWhy(value)}
							maxLength={500}
						/>
					</FormGroup>
				</Form>
			</ModalBody>
			<ModalFooter>
				<Button variant={isDanger ? 'danger' : 'primary'} onClick={submit} isLoading={isPending} isDisabled={!isReady}>
					{verb}
				</Button>
				<Button id="keep-task" variant="link" onClick={onClose}>
					{keep}
				</Button>
			</ModalFooter>
		</Modal>
	)
}
