import { Button, EmptyState, EmptyStateBody } from '@patternfly/react-core'
import { SyncAltIcon } from '@patternfly/react-icons'
import { useSearchParams } from 'react-router'
import { ErrorState } from '../shell/ErrorState.tsx'
import { KeysetPaging } from '../shell/KeysetPaging.tsx'
import { Loading } from '../shell/Loading.tsx'
import { HrefLink } from '../shell/PageLink.tsx'
import type { TaskDetail } from '../tasks/taskStores.ts'
import { TaskTable } from '../tasks/TaskTable.tsx'
import { type CountedAs, filterFrom, type SubTaskCounts, subTasksAddress } from './counts.ts'
import { SubTaskCountsLine } from './SubTaskCountsLine.tsx'
import { useSubTaskCounts, useSubTasks } from './subTasks.ts'

/** The tasks that the steps of one have started: how many have come to what, and page by page which. */
export function SubTasksTab({ task }: { readonly task: TaskDetail }) {
	const [parameters] = useSearchParams()
	const asked = parameters.get('step')
	const step = task.steps.find(({ index }) => String(index) === asked) ?? null
	const counted = filterFrom(parameters.get('filter'))
	const { data } = useSubTaskCounts(task)
	const counts = (step ? data?.steps.find(({ index }) => index === step.index)?.subTasks : data?.subTasks) ?? null
	if (task.subTasks === null)
		return (
			<EmptyState headingLevel="h2" variant="sm" titleText="This task has no sub-tasks">
				<EmptyStateBody>None of its steps has started another task.</EmptyStateBody>
			</EmptyState>
		)
	return (
		<div className="ty-stack">
			{step && (
				<p>
					Those of step {step.index + 1}, {step.name}.{' '}
					<HrefLink href={subTasksAddress(task.id, { filter: counted?.filter ?? null })}>Show those of all steps</HrefLink>
				</p>
			)}
			{counts && <SubTaskCountsLine task={task.id} counts={counts} step={step?.index ?? null} shown={counted?.filter ?? null} />}
			<SubTaskPage
				key={`${step?.index} ${counted?.filter} ${parameters.get('after')}`}
				task={task}
				step={step?.index ?? null}
				counted={counted}
				after={parameters.get('after')}
				counts={counts}
			/>
		</div>
	)
}

interface SubTaskPageProps {
	readonly task: TaskDetail
	readonly step: number | null
	readonly counted: CountedAs | null
	readonly after: string | null
	readonly counts: SubTaskCounts | null
}

function SubTaskPage({ task, step, counted, after, counts }: SubTaskPageProps) {
	const { data, error, refetch, isFetching } = useSubTasks(task, { step, filter: counted?.filter ?? null, after })
	if (!data)
		return error ? (
			<ErrorState what="The sub-tasks" error={error} onRetry={() => void refetch()} />
		) : (
			<Loading what="the sub-tasks" lines={6} />
		)
	const lookAgain = counted && counts && after === null && (
		<LookAgain
			count={counts[counted.filter]}
			shown={data.tasks.length}
			hasMore={data.endCursor !== null}
			isPending={isFetching}
			onLook={() => void refetch()}
		/>
	)
	return (
		<>
			{lookAgain}
			{data.tasks.length === 0 ? (
				<NoSubTasks counted={counted} after={after} />
			) : (
				<TaskTable ids={data.tasks.map(({ id }) => id)} label="Sub-tasks" />
			)}
			<KeysetPaging what="sub-tasks" next={data.endCursor} />
		</>
	)
}

interface LookAgainProps {
	readonly count: number
	readonly shown: number
	readonly hasMore: boolean
	readonly isPending: boolean
	readonly onLook: () => void
}

/** Offers what has come since. Of more than a page it cannot be seen whether the page is still right, and it need not be. */
function LookAgain({ count, shown, hasMore, isPending, onLook }: LookAgainProps) {
	return (
		<span role="status">
			{!hasMore && count !== shown && (
				<Button size="sm" variant="secondary" icon={<SyncAltIcon />} isLoading={isPending} onClick={onLook}>
					{count === 0 ? 'None is left: look again' : `${count} now: look again`}
				</Button>
			)}
		</span>
	)
}

function NoSubTasks({ counted, after }: { readonly counted: CountedAs | null; readonly after: string | null }) {
	return (
		<EmptyState headingLevel="h2" variant="sm" titleText={counted ? `${counted.name}: none` : 'No sub-tasks here'}>
			<EmptyStateBody>
				{counted
					? 'No sub-task is in this state.'
					: after === null
						? 'They appear here as their step makes them, or they have been deleted.'
						: 'There are no more of them.'}
			</EmptyStateBody>
		</EmptyState>
	)
}
