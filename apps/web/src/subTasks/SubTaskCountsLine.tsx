import { Label, LabelGroup, type LabelProps } from '@patternfly/react-core'
import {
	BanIcon,
	CheckCircleIcon,
	ExclamationCircleIcon,
	ExclamationTriangleIcon,
	InProgressIcon,
	ListIcon,
	PauseCircleIcon,
	PendingIcon,
} from '@patternfly/react-icons'
import type { ComponentType } from 'react'
import type { SubTaskFilter } from '../graphql/generated/graphql.ts'
import { HrefLink } from '../shell/PageLink.tsx'
import { presentCounts, type SubTaskCounts, subTasksAddress } from './counts.ts'

interface Look {
	readonly icon: ComponentType
	readonly status?: NonNullable<LabelProps['status']>
	readonly color?: NonNullable<LabelProps['color']>
}

const looks: Record<SubTaskFilter | 'all', Look> = {
	all: { color: 'grey', icon: ListIcon },
	open: { status: 'info', icon: InProgressIcon },
	paused: { status: 'warning', icon: PauseCircleIcon },
	held: { color: 'blue', icon: PendingIcon },
	success: { status: 'success', icon: CheckCircleIcon },
	warning: { status: 'warning', icon: ExclamationTriangleIcon },
	error: { status: 'danger', icon: ExclamationCircleIcon },
	cancelled: { color: 'grey', icon: BanIcon },
}

const whole = new Intl.NumberFormat('en')

interface SubTaskCountsLineProps {
	readonly task: string
	readonly counts: SubTaskCounts
	/** Of this step only. */
	readonly step?: number | null
	/** Those that the page shows; null for all, undefined when it shows none of them. */
	readonly shown?: SubTaskFilter | null
}

/** How many sub-tasks have come to what; each number leads to those it counts. */
export function SubTaskCountsLine({ task, counts, step = null, shown }: SubTaskCountsLineProps) {
	const all = { filter: null, name: 'All', count: counts.total }
	return (
		<LabelGroup aria-label="Sub-tasks by what they have come to" numLabels={presentCounts(counts).length + 1}>
			{[all, ...presentCounts(counts)].map(({ filter, name, count }) => {
				const { icon: Icon, ...look } = looks[filter ?? 'all']
				const isShown = shown !== undefined && shown === filter
				return (
					<Label
						key={name}
						variant={isShown ? 'filled' : 'outline'}
						isClickable
						{...look}
						icon={<Icon />}
						render={({ className, content, componentRef }) => (
							<HrefLink
								href={subTasksAddress(task, { step, filter })}
								className={className}
								ref={componentRef}
								{...(isShown && { 'aria-current': 'true' as const })}
							>
								{content}
							</HrefLink>
						)}
					>
						{name} {whole.format(count)}
					</Label>
				)
			})}
		</LabelGroup>
	)
}
