import { Card, CardBody, CardHeader, CardTitle, EmptyState, EmptyStateBody, ExpandableSection } from '@patternfly/react-core'
import { CheckCircleIcon } from '@patternfly/react-icons'
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table'
import type { ReactNode } from 'react'
import { ErrorState } from '../shell/ErrorState.tsx'
import { Loading } from '../shell/Loading.tsx'
import { HrefLink } from '../shell/PageLink.tsx'
import { Duration } from '../time/Duration.tsx'
import { Moment } from '../time/Moment.tsx'
import { JsonBlock, TextBlock } from './JsonBlock.tsx'
import { StepActions } from './StepActions.tsx'
import { StepLabel } from './StepLabel.tsx'
import { hasFailed, type StepView } from './steps.ts'
import { reasonSentence } from './status.ts'
import { type TaskErrors, useTaskErrors } from './task.ts'
import type { TaskDetail } from './taskStores.ts'
import { LinkedText } from './WaitingText.tsx'

type Failure = NonNullable<TaskErrors['steps'][number]['error']>
type Attempt = TaskErrors['attempts'][number]

/** What went wrong: of the task itself, of each failed step, and the attempts that failed before one that did not. */
export function ErrorsTab({ task }: { readonly task: TaskDetail }) {
	const { data, error, refetch } = useTaskErrors(task)
	if (!data) return error ? <ErrorState what="The errors" error={error} onRetry={() => void refetch()} /> : <Loading what="the errors" />
	const attemptsOf = (index: number | null) => data.attempts.filter(({ step }) => step === index)
	const failed = task.steps.filter(hasFailed)
	const recovered = task.steps.filter((step) => !hasFailed(step) && attemptsOf(step.index).length > 0)
	const planning = attemptsOf(null)
	if (!task.error && failed.length + recovered.length + planning.length === 0) return <NoErrors task={task} />
	return (
		<div className="ty-stack">
			{(task.error || planning.length > 0) && <TaskErrorCard task={task} attempts={planning} />}
			{[...failed, ...recovered].map((step) => {
				const detail = data.steps.find(({ index }) => index === step.index)
				return (
					<StepErrorCard
						key={step.index}
						task={task}
						step={step}
						input={detail?.input ?? null}
						failure={detail?.error ?? null}
						attempts={attemptsOf(step.index)}
					/>
				)
			})}
		</div>
	)
}

function TaskErrorCard({ task, attempts }: { readonly task: TaskDetail; readonly attempts: readonly Attempt[] }) {
	const holders = [...(task.waitingFor?.tasks ?? []), ...task.locks.flatMap((lock) => lock.holders)]
	return (
		<ErrorCard title={task.error?.reason === 'lock_conflict' ? 'Locks' : 'Planning'}>
			{task.error && (
				<>
					<dl className="ty-facts">
						<FailureFacts failure={task.error} message={<LinkedText text={task.error.message} tasks={holders} />} />
					</dl>
					<FailureTexts id="task-error" failure={task.error} />
				</>
			)}
			<Attempts attempts={attempts} />
		</ErrorCard>
	)
}

interface StepErrorCardProps {
	readonly task: TaskDetail
	readonly step: StepView
	readonly input: string | null
	readonly failure: Failure | null
	readonly attempts: readonly Attempt[]
}

function StepErrorCard({ task, step, input, failure, attempts }: StepErrorCardProps) {
	const id = `step-${step.index}`
	return (
		<ErrorCard
			title={`Step ${step.index + 1} · ${step.name}`}
			actions={
				<>
					<StepLabel step={step} />
					<StepActions task={task} step={step} />
					<HrefLink href={`/tasks/${task.id}/log?step=${step.index}`}>Log</HrefLink>
				</>
			}
		>
			<dl className="ty-facts">
				<dt>Action</dt>
				<dd>{step.action}</dd>
				{failure && <FailureFacts failure={failure} message={failure.message} />}
			</dl>
			{input !== null && <JsonBlock id={`${id}-input`} name="Input" text={input} />}
			{failure && <FailureTexts id={id} failure={failure} />}
			<Attempts attempts={attempts} />
		</ErrorCard>
	)
}

function ErrorCard({ title, actions, children }: { readonly title: string; readonly actions?: ReactNode; readonly children: ReactNode }) {
	return (
		<Card component="section" aria-label={title}>
			<CardHeader {...(actions ? { actions: { actions, hasNoOffset: true } } : {})}>
				<CardTitle component="h2">{title}</CardTitle>
			</CardHeader>
			<CardBody className="ty-stack">{children}</CardBody>
		</Card>
	)
}

function FailureFacts({ failure, message }: { readonly failure: Failure; readonly message: ReactNode }) {
	return (
		<>
			<dt>Message</dt>
			<dd className="ty-message">{message}</dd>
			<dt>Kind</dt>
			<dd>
				{failure.type}
				{failure.code && ` (${failure.code})`} · {reasonSentence(failure.reason)}
			</dd>
		</>
	)
}

function FailureTexts({ id, failure }: { readonly id: string; readonly failure: Failure }) {
	return (
		<>
			{failure.trace && <TextBlock id={`${id}-trace`} name="Trace" text={failure.trace} />}
			{failure.details && <JsonBlock id={`${id}-details`} name="Details" text={failure.details} />}
		</>
	)
}

function Attempts({ attempts }: { readonly attempts: readonly Attempt[] }) {
	if (attempts.length === 0) return null
	return (
		<ExpandableSection toggleText={attempts.length === 1 ? '1 attempt that did not succeed at once' : `${attempts.length} attempts`}>
			<Table aria-label="Attempts" variant="compact" gridBreakPoint="grid-md">
				<Thead>
					<Tr>
						<Th>Attempt</Th>
						<Th>Outcome</Th>
						<Th>Ended</Th>
						<Th>Took</Th>
						<Th>Worker</Th>
						<Th>Message</Th>
					</Tr>
				</Thead>
				<Tbody>
					{attempts.map(({ number, kind, outcome, endedAt, startedAt, worker, error }) => (
						<Tr key={`${kind} ${number}`}>
							<Td dataLabel="Attempt">
								{number} ({kind})
							</Td>
							<Td dataLabel="Outcome">{outcome.replaceAll('_', ' ')}</Td>
							<Td dataLabel="Ended">
								<Moment at={endedAt} />
							</Td>
							<Td dataLabel="Took">
								<Duration startedAt={startedAt} endedAt={endedAt} />
							</Td>
							<Td dataLabel="Worker">{worker ?? '–'}</Td>
							<Td dataLabel="Message">{error?.message ?? '–'}</Td>
						</Tr>
					))}
				</Tbody>
			</Table>
		</ExpandableSection>
	)
}

function NoErrors({ task }: { readonly task: TaskDetail }) {
	return (
		<EmptyState headingLevel="h2" variant="sm" status="success" icon={CheckCircleIcon} titleText="No errors">
			<EmptyStateBody>
				{task.reason && task.state === 'stopped'
					? reasonSentence(task.reason)
					: task.state === 'stopped'
						? 'Every step succeeded at its first attempt.'
						: 'Nothing has failed so far.'}
			</EmptyStateBody>
		</EmptyState>
	)
}
