import { Alert, List, ListItem } from '@patternfly/react-core'
import { useState } from 'react'
import { useToast } from '../shell/toasts.tsx'
import { createId } from '../taskTypes/uuid.ts'
import { ReasonDialog } from '../tasks/ReasonDialog.tsx'
import { type TaskRow, useTaskStores } from '../tasks/taskStores.ts'
import { useStartBulk } from './bulk.ts'
import { countTasks, type OfferedAction, offeredActions, unsuited } from './bulkWords.ts'

/** Names that are listed before the rest is counted. */
const namesListed = 5

interface BulkDialogProps {
	readonly action: OfferedAction
	readonly ids: readonly string[]
	/** The bulk has begun. */
	readonly onDone: () => void
	readonly onClose: () => void
}

/** States what will happen to the tasks that are selected, and to which of them nothing. For more than one a reason must be given. */
export function BulkDialog({ action, ids, onDone, onClose }: BulkDialogProps) {
	const words = offeredActions[action]
	// What was selected when it was asked, with one id: a second click is the same bulk.
	const [asked] = useState({ ids, id: createId(Date.now()) })
	const { rows } = useTaskStores()
	const start = useStartBulk(words.failed)
	const toast = useToast()
	const tasks = asked.ids.flatMap((id) => rows.get(id) ?? [])
	const refused = unsuited(action, tasks)
	const count = countTasks(asked.ids.length)
	const begin = (why: string | null) =>
		start.mutate(
			{ action, why, ...asked },
			{
				onSuccess({ task }) {
					if (!task) return
					toast({
						variant: 'info',
						title: words.begun(count),
						text: null,
						link: { text: 'See what becomes of each', href: `/tasks/${task.id}/items` },
					})
					onDone()
				},
				onSettled: onClose,
			},
		)
	return (
		<ReasonDialog
			title={words.title(count)}
			text={words.consequence}
			verb={words.verb(count)}
			keep={words.keep}
			isDanger={action === 'cancel' || action === 'delete'}
			isReasonRequired={asked.ids.length > 1}
			isPending={start.isPending}
			onDo={begin}
			onClose={onClose}
		>
			<Names tasks={tasks} label="Tasks that are selected" />
			{refused.length > 0 && (
				<Alert isInline component="h2" variant="warning" title={words.refused(refused.length)}>
					<Names tasks={refused} label="Tasks that will be refused" />
				</Alert>
			)}
		</ReasonDialog>
	)
}

function Names({ tasks, label }: { readonly tasks: readonly TaskRow[]; readonly label: string }) {
	const more = tasks.length - namesListed
	return (
		<List aria-label={label} className="ty-names">
			{tasks.slice(0, namesListed).map(({ id, name }) => (
				<ListItem key={id}>{name}</ListItem>
			))}
			{more > 0 && <ListItem>and {more} more</ListItem>}
		</List>
	)
}
