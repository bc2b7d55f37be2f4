import { Alert, EmptyState, EmptyStateBody, FormSelect, FormSelectOption, Switch } from '@patternfly/react-core'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import { isActive, stepStateName } from './steps.ts'
import { LogLines } from './LogLines.tsx'
import { useLog } from './log.ts'
import type { TaskDetail } from './taskStores.ts'

/** The step whose log one most likely wants: the one that runs, else the last that began. */
function likelyStep({ steps }: TaskDetail): number {
	return (steps.find(isActive) ?? steps.findLast(({ attempt }) => attempt > 0) ?? steps[0])?.index ?? 0
}

/** The log of one step, following its end. */
export function LogTab({ task }: { readonly task: TaskDetail }) {
	const [parameters, setParameters] = useSearchParams()
	const asked = parameters.get('step')
	const step = task.steps.find(({ index }) => String(index) === asked)?.index ?? likelyStep(task)
	const follows = parameters.get('follow') !== 'off'
	const set = (change: Record<string, string | null>) =>
		setParameters(
			(current) => {
				for (const [name, value] of Object.entries(change)) {
					if (value === null) current.delete(name)
					else current.set(name, value)
				}
				return current
			},
			{ replace: true },
		)
	if (task.recorded) return <RecordedLog task={task} />
	if (task.steps.length === 0)
		return (
			<EmptyState headingLevel="h2" variant="sm" titleText="No output yet">
				<EmptyStateBody>A log begins when a step runs.</EmptyStateBody>
			</EmptyState>
		)
	return (
		<div className="ty-log-tab">
			<div className="ty-bar-above">
				<span className="ty-step-choice">
					<FormSelect aria-label="Step" value={String(step)} onChange={(_event, value) => set({ step: value, follow: null })}>
						{task.steps.map((candidate) => (
							<FormSelectOption
								key={candidate.index}
								value={String(candidate.index)}
								label={`${candidate.index + 1} · ${candidate.name} (${stepStateName(candidate).toLowerCase()})`}
							/>
						))}
					</FormSelect>
				</span>
				<Switch id="follow" label="Follow" isChecked={follows} onChange={(_event, on) => set({ follow: on ? null : 'off' })} />
			</div>
			<StepLog key={step} task={task} step={step} follows={follows} onFollow={(on) => set({ follow: on ? null : 'off' })} />
		</div>
	)
}

/** What the program that carries the task out has reported. */
function RecordedLog({ task }: { readonly task: TaskDetail }) {
	const [follows, follow] = useState(true)
	return (
		<div className="ty-log-tab">
			<div className="ty-bar-above">
				<span className="ty-quiet">Reported by the program that carries out the task.</span>
				<Switch id="follow" label="Follow" isChecked={follows} onChange={(_event, on) => follow(on)} />
			</div>
			<StepLog task={task} step={0} follows={follows} onFollow={follow} />
		</div>
	)
}

interface StepLogProps {
	readonly task: TaskDetail
	readonly step: number
	readonly follows: boolean
	readonly onFollow: (follows: boolean) => void
}

function StepLog({ task, step, follows, onFollow }: StepLogProps) {
	const { log, loaded, refusal } = useLog(task.id, step)
	const state = task.recorded ? (task.state === 'running' ? 'running' : 'success') : task.steps[step]?.state
	if (refusal)
		return (
			<Alert component="h2" isInline variant="danger" title="The log could not be followed">
				{refusal} The page tries again by itself.
			</Alert>
		)
	if (log.lines.length === 0)
		return (
			<EmptyState headingLevel="h2" variant="sm" titleText={loaded || state !== 'running' ? 'No output' : 'No output yet'}>
				<EmptyStateBody>
					{state === 'pending'
						? 'The step has not started.'
						: state === 'running'
							? 'What the step prints appears here.'
							: 'The step printed nothing.'}
				</EmptyStateBody>
			</EmptyState>
		)
	return <LogLines log={log} follows={follows} onFollow={onFollow} />
}
