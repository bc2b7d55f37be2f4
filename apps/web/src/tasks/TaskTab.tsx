import {
	Alert,
	AlertActionLink,
	ClipboardCopy,
	DescriptionList,
	DescriptionListDescription,
	DescriptionListGroup,
	DescriptionListTerm,
} from '@patternfly/react-core'
import { Fragment, type ReactNode } from 'react'
import { HrefLink } from '../shell/PageLink.tsx'
import { subTasksAddress } from '../subTasks/counts.ts'
import { Duration } from '../time/Duration.tsx'
import { Moment } from '../time/Moment.tsx'
import { describeSteps, hasFailed } from './steps.ts'
import { reasonSentence, resultText } from './status.ts'
import { TaskProgress } from './TaskProgress.tsx'
import type { TaskDetail } from './taskStores.ts'
import { LinkedText, WaitingText } from './WaitingText.tsx'

/** What the task is, how far it is, and what keeps it. */
export function TaskTab({ task }: { readonly task: TaskDetail }) {
	const isDelayed = task.startAt !== null && Date.parse(task.startAt) > Date.parse(task.createdAt)
	return (
		<div className="ty-stack">
			<Attention task={task} />
			<TaskProgress task={task} size="md" />
			{task.steps.length > 0 && (
				<p>
					{task.steps.length === 1 ? '1 step' : `${task.steps.length} steps`}: {describeSteps(task.steps)}
				</p>
			)}
			<DescriptionList isHorizontal isCompact columnModifier={{ default: '1Col', xl: '2Col' }} aria-label="Facts about the task">
				<Fact term="Id">
					<ClipboardCopy variant="inline-compact" isCode hoverTip="Copy" clickTip="Copied" aria-label="Id">
						{task.id}
					</ClipboardCopy>
				</Fact>
				<Fact term="Task type">{task.label}</Fact>
				<Fact term="Owner">
					{task.owner.name}
					{task.owner.login !== task.owner.name && ` (${task.owner.login})`}
				</Fact>
				<Fact term="Result">
					{resultText(task)}
					{task.reason && <span className="ty-quiet"> · {reasonSentence(task.reason)}</span>}
				</Fact>
				<Fact term="Execution">{isDelayed ? 'delayed' : 'immediate'}</Fact>
				{task.recorded ? <Fact term="Carried out by">another program</Fact> : <Fact term="Queue">{task.queue}</Fact>}
				<Fact term="Created">
					<Moment at={task.createdAt} absolute />
				</Fact>
				{task.startAt && (
					<Fact term="Should start">
						<Moment at={task.startAt} absolute />
					</Fact>
				)}
				{task.startBefore && (
					<Fact term="Latest start">
						<Moment at={task.startBefore} absolute />
					</Fact>
				)}
				<Fact term="Started">{task.startedAt ? <Moment at={task.startedAt} absolute /> : 'not yet'}</Fact>
				<Fact term="Ended">{task.endedAt ? <Moment at={task.endedAt} absolute /> : 'not yet'}</Fact>
				<Fact term="Duration">
					<Duration startedAt={task.startedAt} endedAt={task.endedAt} />
				</Fact>
				<Fact term="Correlation id">
					<ClipboardCopy variant="inline-compact" isCode hoverTip="Copy" clickTip="Copied" aria-label="Correlation id">
						{task.correlationId}
					</ClipboardCopy>
				</Fact>
				{task.externalIds.length > 0 && (
					<Fact term="Called elsewhere">
						{task.externalIds.map(({ step, value, url }, index) => (
							<Fragment key={`${step} ${value}`}>
								{index > 0 && ', '}
								{url ? <a href={url}>{value}</a> : value}
							</Fragment>
						))}
					</Fact>
				)}
				{task.rerunOf && (
					<Fact term="Repeats">
						<HrefLink href={`/tasks/${task.rerunOf}`}>an earlier task</HrefLink>
					</Fact>
				)}
				{task.links.length > 0 && (
					<Fact term="Acts on">{task.links.map(({ type, id, title }) => `${type} ${title ?? id}`).join(', ')}</Fact>
				)}
			</DescriptionList>
		</div>
	)
}

function Fact({ term, children }: { readonly term: string; readonly children: ReactNode }) {
	return (
		<DescriptionListGroup>
			<DescriptionListTerm>{term}</DescriptionListTerm>
			<DescriptionListDescription>{children}</DescriptionListDescription>
		</DescriptionListGroup>
	)
}

function errorTitle({ reason, recorded }: TaskDetail, verb: string): string {
	if (reason === 'lock_conflict') return `${verb}: a lock is held by another task`
	return recorded ? `${verb} with an error` : `${verb} before its first step`
}

/** The one thing that matters about a task that does not go on. */
function Attention({ task }: { readonly task: TaskDetail }) {
	const failed = task.steps.filter(hasFailed)
	const [first] = failed
	const holders = task.locks.flatMap((lock) => lock.holders)
	const paused = task.subTasks?.paused ?? 0
	const toPaused = paused > 0 && (
		<AlertActionLink component={HrefLink} href={subTasksAddress(task.id, { filter: 'paused' })}>
			{paused === 1 ? 'The sub-task that is paused' : `The ${paused} sub-tasks that are paused`}
		</AlertActionLink>
	)
	const toErrors = (
		<>
			<AlertActionLink component={HrefLink} href={`/tasks/${task.id}/errors`}>
				Errors
			</AlertActionLink>
			{toPaused}
		</>
	)
	if (task.state === 'paused' || (task.state === 'stopped' && task.result === 'error')) {
		const verb = task.state === 'paused' ? 'Paused' : 'Ended'
		if (first)
			return (
				<Alert
					component="h2"
					isInline
					variant="danger"
					title={`${verb} at step ${first.index + 1} of ${task.steps.length}, ${first.name}`}
					actionLinks={toErrors}
				>
					{first.error?.message}
					{failed.length > 1 && ` ${failed.length - 1} more failed.`}
				</Alert>
			)
		if (task.error)
			return (
				<Alert component="h2" isInline variant="danger" title={errorTitle(task, verb)} actionLinks={toErrors}>
					<LinkedText text={task.error.message} tasks={[...(task.waitingFor?.tasks ?? []), ...holders]} />
				</Alert>
			)
		if (task.reason)
			return (
				<Alert component="h2" isInline variant="danger" title={verb} actionLinks={toErrors}>
					{reasonSentence(task.reason)}
				</Alert>
			)
	}
	if (task.state === 'running' && first)
		return (
			<Alert
				component="h2"
				isInline
				variant="warning"
				title={`Step ${first.index + 1}, ${first.name}, failed; the others run to their end`}
				actionLinks={toErrors}
			>
				{first.error?.message}
			</Alert>
		)
	if (task.state === 'running' && paused > 0)
		return (
			<Alert
				component="h2"
				isInline
				variant="warning"
				title={paused === 1 ? 'A sub-task is paused; the others run on' : `${paused} sub-tasks are paused; the others run on`}
				actionLinks={toPaused}
			>
				A person has to look at what is paused before this task can end well.
			</Alert>
		)
	if (task.waitingFor)
		return (
			<Alert component="h2" isInline variant="info" title="Waiting">
				<WaitingText waitingFor={task.waitingFor} />
			</Alert>
		)
	return null
}
