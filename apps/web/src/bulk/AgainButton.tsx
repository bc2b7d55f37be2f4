import { Button } from '@patternfly/react-core'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useOfflineReason } from '../shell/OfflineBanner.tsx'
import { createId } from '../taskTypes/uuid.ts'
import { ReasonDialog } from '../tasks/ReasonDialog.tsx'
import type { TaskDetail } from '../tasks/taskStores.ts'
import { useBulkAgain } from './bulk.ts'
import { type BulkCounts, countTasks } from './bulkWords.ts'

/** Starts a bulk that does the same to those that failed or were refused. */
export function AgainButton({ task, counts: { failed, refused } }: { readonly task: TaskDetail; readonly counts: BulkCounts }) {
	const [newId, setNewId] = useState<string | null>(null)
	const navigate = useNavigate()
	const offline = useOfflineReason()
	const again = useBulkAgain()
	const count = failed + refused
	if (task.state !== 'stopped' || count === 0) return null
	return (
		<>
			<Button variant="secondary" isAriaDisabled={offline !== null} onClick={() => setNewId(createId(Date.now()))}>
				Run again for those that failed
			</Button>
			{newId && (
				<ReasonDialog
					title={`Run this again for ${countTasks(count)}?`}
					text={`“${task.name}” is done once more, as a new task, to those that failed (${failed}) or were refused (${refused}).`}
					verb="Run again"
					keep="Leave them"
					isPending={again.isPending}
					onDo={(why) =>
						again.mutate(
							{ id: task.id, newId, why, confirmed: true },
							{
								onSuccess: ({ task: started }) => started && void navigate(`/tasks/${started.id}/items`),
								onSettled: () => setNewId(null),
							},
						)
					}
					onClose={() => setNewId(null)}
				/>
			)}
		</>
	)
}
