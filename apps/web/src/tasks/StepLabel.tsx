import { Label, type LabelProps } from '@patternfly/react-core'
import {
	BanIcon,
	CheckCircleIcon,
	ExclamationCircleIcon,
	HistoryIcon,
	HourglassHalfIcon,
	InProgressIcon,
	OutlinedCircleIcon,
	PendingIcon,
	UndoIcon,
} from '@patternfly/react-icons'
import type { StepState } from '@taskyard/model/states'
import type { ComponentType } from 'react'
import { type StepView, stepStateName } from './steps.ts'

const looks: Record<
	StepState,
	{ readonly icon: ComponentType; readonly status?: NonNullable<LabelProps['status']>; readonly color?: NonNullable<LabelProps['color']> }
> = {
	pending: { color: 'grey', icon: OutlinedCircleIcon },
	running: { status: 'info', icon: InProgressIcon },
	success: { status: 'success', icon: CheckCircleIcon },
	error: { status: 'danger', icon: ExclamationCircleIcon },
	suspended: { color: 'purple', icon: HourglassHalfIcon },
	skipped: { color: 'orange', icon: BanIcon },
	cancelled: { color: 'grey', icon: BanIcon },
	finalizing: { status: 'info', icon: InProgressIcon },
	finalized: { status: 'success', icon: CheckCircleIcon },
	reverting: { color: 'orange', icon: UndoIcon },
	reverted: { color: 'orange', icon: HistoryIcon },
	revert_failed: { status: 'danger', icon: ExclamationCircleIcon },
}

/** The state of a step; text and icon say it without the colour. */
export function StepLabel({ step }: { readonly step: Pick<StepView, 'state' | 'notBefore'> }) {
	const { icon, ...look } = looks[step.state]
	const Icon = step.state === 'pending' && step.notBefore !== null ? PendingIcon : icon
	return (
		<Label variant="outline" isCompact {...look} icon={<Icon />}>
			{stepStateName(step)}
		</Label>
	)
}
