import { EmptyState, EmptyStateBody, Progress, ToggleGroup, ToggleGroupItem } from '@patternfly/react-core'
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table'
import { useSearchParams } from 'react-router'
import { HrefLink } from '../shell/PageLink.tsx'
import { SubTaskCountsLine } from '../subTasks/SubTaskCountsLine.tsx'
import { useSubTaskCounts } from '../subTasks/subTasks.ts'
import { Duration } from '../time/Duration.tsx'
import { Moment } from '../time/Moment.tsx'
import { StepActions } from './StepActions.tsx'
import { StepLabel } from './StepLabel.tsx'
import { describeProgress, describeSteps, hasFailed, isActive, isDone, runningFirst, type StepView, waitName } from './steps.ts'
import { percentText } from './TaskProgress.tsx'
import type { TaskDetail } from './taskStores.ts'
import { WaitingText } from './WaitingText.tsx'

const columns = { step: 'Step', state: 'State', progress: 'Progress', duration: 'Duration', tries: 'Attempt', worker: 'Worker' }

/** The steps that run now, or all of them. */
export function StepsTab({ task }: { readonly task: TaskDetail }) {
	const [parameters, setParameters] = useSearchParams()
	const running = task.steps.filter(isActive)
	const showsAll = parameters.get('show') === 'all'
	const show = (all: boolean) => setParameters(all ? { show: 'all' } : {}, { replace: true, preventScrollReset: true })
	const steps = showsAll ? runningFirst(task.steps) : running
	return (
		<div className="ty-stack">
			<div className="ty-bar-above">
				<span className="ty-quiet">{describeSteps(task.steps)}</span>
				<ToggleGroup aria-label="Which steps">
					<ToggleGroupItem text={`Running ${running.length}`} isSelected={!showsAll} onChange={() => show(false)} />
					<ToggleGroupItem text={`All ${task.steps.length}`} isSelected={showsAll} onChange={() => show(true)} />
				</ToggleGroup>
			</div>
			{steps.length > 0 ? <StepTable task={task} steps={steps} /> : <NoSteps task={task} />}
		</div>
	)
}

function StepTable({ task, steps }: { readonly task: TaskDetail; readonly steps: readonly StepView[] }) {
	const { data: counted } = useSubTaskCounts(task)
	const subTasksOf = (step: number) => counted?.steps.find(({ index }) => index === step)?.subTasks
	return (
		<Table aria-label="Steps" variant="compact" gridBreakPoint="grid-md" className="ty-tasks">
			<Thead>
				<Tr>
					<Th className="ty-wide">{columns.step}</Th>
					<Th modifier="fitContent">{columns.state}</Th>
					<Th className="ty-bar">{columns.progress}</Th>
					<Th modifier="fitContent">{columns.duration}</Th>
					<Th modifier="fitContent">{columns.tries}</Th>
					<Th>{columns.worker}</Th>
				</Tr>
			</Thead>
			<Tbody>
				{steps.map((step) => {
					const subTasks = subTasksOf(step.index)
					return (
						<Tr key={step.index}>
							<Td dataLabel={columns.step} className="ty-wide">
								<HrefLink href={`/tasks/${task.id}/log?step=${step.index}`}>
									{step.index + 1} · {step.name}
								</HrefLink>
								<div className="ty-remark">
									{step.action}
									{step.error && `: ${step.error.message}`}
								</div>
								{subTasks && <SubTaskCountsLine task={task.id} counts={subTasks} step={step.index} />}
							</Td>
							<Td dataLabel={columns.state}>
								<StepLabel step={step} /> <StepActions task={task} step={step} />
								{step.wait && <StepWait wait={step.wait} />}
								{step.state === 'pending' && step.notBefore && (
									<div className="ty-remark">
										next try <Moment at={step.notBefore} />
									</div>
								)}
							</Td>
							<Td dataLabel={columns.progress} className="ty-bar">
								<StepProgress step={step} />
							</Td>
							<Td dataLabel={columns.duration}>
								<Duration startedAt={step.startedAt} endedAt={step.endedAt} />
							</Td>
							<Td dataLabel={columns.tries}>{step.attempt || '–'}</Td>
							<Td dataLabel={columns.worker}>{step.worker ?? '–'}</Td>
						</Tr>
					)
				})}
			</Tbody>
		</Table>
	)
}

/** What a suspended step waits for, and until when. */
function StepWait({ wait }: { readonly wait: NonNullable<StepView['wait']> }) {
	return (
		<div className="ty-remark">
			{waitName(wait.kind)}
			{wait.until && (
				<>
					{' '}
					<Moment at={wait.until} />
				</>
			)}
			{wait.timeoutAt && (
				<>
					, fails <Moment at={wait.timeoutAt} />
				</>
			)}
			{wait.externalId && `; elsewhere it is ${wait.externalId}`}
		</div>
	)
}

function StepProgress({ step }: { readonly step: StepView }) {
	const amount = describeProgress(step.progressDetail)
	return (
		<>
			<Progress
				className="ty-progress"
				size="sm"
				value={step.progress * 100}
				label={percentText(step.progress)}
				valueText={percentText(step.progress)}
				measureLocation="outside"
				hideStatusIcon
				aria-label={`Progress of ${step.name}`}
				{...(hasFailed(step) ? { variant: 'danger' } : isDone(step) ? { variant: 'success' } : {})}
			/>
			{amount && <div className="ty-remark ty-figures">{amount}</div>}
		</>
	)
}

/** Says why nothing runs. */
function NoSteps({ task }: { readonly task: TaskDetail }) {
	return (
		<EmptyState headingLevel="h2" variant="sm" titleText={task.steps.length === 0 ? 'There are no steps yet' : 'No step is running'}>
			<EmptyStateBody>
				{task.waitingFor ? (
					<WaitingText waitingFor={task.waitingFor} />
				) : task.state === 'stopped' ? (
					<>
						The task ended <Moment at={task.endedAt} />.
					</>
				) : task.state === 'paused' ? (
					<>
						The task is paused. <HrefLink href={`/tasks/${task.id}/errors`}>Errors</HrefLink> says why.
					</>
				) : task.recorded ? (
					'Another program carries out this task. What it reports stands in the log.'
				) : task.steps.length === 0 ? (
					'They appear when the task is planned.'
				) : (
					'The next one is about to start.'
				)}
			</EmptyStateBody>
		</EmptyState>
	)
}
