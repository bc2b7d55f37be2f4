import { Label, type LabelProps } from '@patternfly/react-core'
import {
	BanIcon,
	CheckCircleIcon,
	DisconnectedIcon,
	ExclamationCircleIcon,
	ExclamationTriangleIcon,
	HourglassHalfIcon,
	InProgressIcon,
	LockIcon,
	OutlinedClockIcon,
	PauseCircleIcon,
	PendingIcon,
	PowerOffIcon,
	SyncAltIcon,
} from '@patternfly/react-icons'
import type { ComponentType } from 'react'
import { type Status, type StatusFacts, statusOf } from './status.ts'

interface Look {
	readonly icon: ComponentType
	readonly status?: NonNullable<LabelProps['status']>
	readonly color?: NonNullable<LabelProps['color']>
}

const looks: Record<Status, Look> = {
	Scheduled: { color: 'grey', icon: OutlinedClockIcon },
	Waiting: { color: 'blue', icon: PendingIcon },
	Blocked: { color: 'orange', icon: LockIcon },
	Planning: { color: 'blue', icon: InProgressIcon },
	Running: { status: 'info', icon: InProgressIcon },
	Suspended: { color: 'purple', icon: HourglassHalfIcon },
	'Cancelling…': { color: 'grey', icon: SyncAltIcon },
	Paused: { status: 'warning', icon: PauseCircleIcon },
	Succeeded: { status: 'success', icon: CheckCircleIcon },
	Warning: { status: 'warning', icon: ExclamationTriangleIcon },
	Failed: { status: 'danger', icon: ExclamationCircleIcon },
	Cancelled: { color: 'grey', icon: BanIcon },
	'Force-unlocked': { color: 'orangered', icon: PowerOffIcon },
}

/** State and result of a task as one label; text and icon say it without the colour. */
export function StatusLabel({ task }: { readonly task: StatusFacts }) {
	const status = statusOf(task)
	const { icon: Icon, ...look } = looks[status]
	return (
		<span className="ty-labels">
			<Label variant="outline" isCompact {...look} icon={<Icon />}>
				{status}
			</Label>
			{task.reason === 'lost' && (
				<Label variant="outline" isCompact status="danger" icon={<DisconnectedIcon />}>
					Lost
				</Label>
			)}
		</span>
	)
}
