import { Progress, type ProgressProps } from '@patternfly/react-core'
import type { TaskResult, TaskState } from '@taskyard/model/states'

const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 })

/** Whole percents, and 100 only when all is done. */
export function percentText(progress: number): string {
	return percent.format(Math.floor(progress * 100) / 100)
}

function variantOf(state: TaskState, result: TaskResult): ProgressProps['variant'] | null {
	if (state === 'stopped' && result === 'success') return 'success'
	if (result === 'error') return 'danger'
	return result === 'warning' || state === 'paused' ? 'warning' : null
}

interface TaskProgressProps {
	readonly task: { readonly name: string; readonly progress: number; readonly state: TaskState; readonly result: TaskResult }
	readonly size?: 'sm' | 'md'
}

/** How far a task is. */
export function TaskProgress({ task, size = 'sm' }: TaskProgressProps) {
	const variant = variantOf(task.state, task.result)
	return (
		<Progress
			className="ty-progress"
			size={size}
			value={task.progress * 100}
			label={percentText(task.progress)}
			valueText={percentText(task.progress)}
			measureLocation="outside"
			hideStatusIcon
			aria-label={`Progress of ${task.name}`}
			{...(variant ? { variant } : {})}
		/>
	)
}
