import { Breadcrumb, BreadcrumbItem, PageSection, Tab, Tabs, TabTitleText, Title } from '@patternfly/react-core'
import type { ComponentType } from 'react'
import { useNavigate, useParams } from 'react-router'
import { ItemsTab } from '../bulk/ItemsTab.tsx'
import { bulkLabel } from '../bulk/bulk.ts'
import { ErrorState } from '../shell/ErrorState.tsx'
import { Loading } from '../shell/Loading.tsx'
import { NotFoundPage } from '../shell/NotFoundPage.tsx'
import { HrefLink } from '../shell/PageLink.tsx'
import { useTaskReference } from '../subTasks/subTasks.ts'
import { SubTasksTab } from '../subTasks/SubTasksTab.tsx'
import { ErrorsTab } from './ErrorsTab.tsx'
import { HistoryTab } from './HistoryTab.tsx'
import { LocksTab } from './LocksTab.tsx'
import { LogTab } from './LogTab.tsx'
import { RawTab } from './RawTab.tsx'
import { StatusLabel } from './StatusLabel.tsx'
import { StepsTab } from './StepsTab.tsx'
import { hasFailed, isActive } from './steps.ts'
import { resultText } from './status.ts'
import { TaskActions } from './TaskActions.tsx'
import { TaskTab } from './TaskTab.tsx'
import { useTask } from './task.ts'
import type { TaskDetail } from './taskStores.ts'

interface TabDefinition {
	/** The last part of the address; the first tab has none. */
	readonly path: string
	readonly title: string
	readonly count?: (task: TaskDetail) => number
	/** Of which tasks it is a part; without it, of all. */
	readonly has?: (task: TaskDetail) => boolean
	readonly Content: ComponentType<{ readonly task: TaskDetail }>
}

const tabs: readonly TabDefinition[] = [
	{ path: '', title: 'Task', Content: TaskTab },
	{ path: 'steps', title: 'Running steps', count: ({ steps }) => steps.filter(isActive).length, Content: StepsTab },
	{ path: 'errors', title: 'Errors', count: ({ steps, error }) => steps.filter(hasFailed).length + (error ? 1 : 0), Content: ErrorsTab },
	{ path: 'locks', title: 'Locks', count: ({ locks }) => locks.length, Content: LocksTab },
	{ path: 'raw', title: 'Raw', Content: RawTab },
	{
		path: 'subtasks',
		title: 'Sub-tasks',
		has: ({ subTasks }) => subTasks !== null,
		count: ({ subTasks }) => subTasks?.total ?? 0,
		Content: SubTasksTab,
	},
	{ path: 'items', title: 'Items', has: ({ label }) => label === bulkLabel, Content: ItemsTab },
	{ path: 'log', title: 'Logs', Content: LogTab },
	{ path: 'history', title: 'History', Content: HistoryTab },
]

const panelId = 'task-tab'

/** One task, in tabs that each have an address. */
export default function TaskPage() {
	const { id = '', tab: path = '' } = useParams()
	const tab = tabs.find((candidate) => candidate.path === path)
	if (!tab) return <NotFoundPage text={`A task has no tab “${path}”. It has: ${tabs.map(({ title }) => title).join(', ')}.`} />
	return <TaskById key={id} id={id} tab={tab} />
}

function TaskById({ id, tab }: { readonly id: string; readonly tab: TabDefinition }) {
	const view = useTask(id)
	switch (view.kind) {
		case 'loading':
			return <Loading what="the task" />
		case 'failed':
			return <ErrorState what="The task" error={view.error} onRetry={view.retry} />
		case 'missing':
			return (
				<NotFoundPage
					title="There is no such task"
					text={`No task has the id ${id}. It may have been deleted, or the address is not complete.`}
				/>
			)
		case 'found':
			return <FoundTask task={view.task} tab={tab} />
	}
}

function FoundTask({ task, tab }: { readonly task: TaskDetail; readonly tab: TabDefinition }) {
	const navigate = useNavigate()
	const parts = tabs.filter((candidate) => candidate === tab || (candidate.has?.(task) ?? true))
	const addressOf = (path: string) => `/tasks/${task.id}${path && `/${path}`}`
	return (
		<>
			<title>{`${task.name} · Taskyard`}</title>
			<PageSection hasBodyWrapper={false} className="ty-task-head">
				<Breadcrumb aria-label="Where this task is">
					<BreadcrumbItem
						render={({ className }) => (
							<HrefLink href="/tasks" className={className}>
								{'Tasks'}
							</HrefLink>
						)}
					/>
					{task.parent && <ParentItem id={task.parent} />}
					<BreadcrumbItem isActive>{task.name}</BreadcrumbItem>
				</Breadcrumb>
				<div className="ty-title">
					<div>
						<Title headingLevel="h1">{task.name}</Title>
						<div className="ty-status">
							<StatusLabel task={task} />
							<span className="ty-quiet">Result: {resultText(task)}</span>
						</div>
					</div>
					<TaskActions task={task} />
				</div>
			</PageSection>
			<PageSection hasBodyWrapper={false} padding={{ default: 'noPadding' }}>
				<Tabs activeKey={tab.path} usePageInsets tabListAriaLabel="Parts of the task">
					{parts.map(({ path, title, count }) => {
						const number = count?.(task) ?? 0
						return (
							<Tab
								key={path}
								eventKey={path}
								tabContentId={panelId}
								href={addressOf(path)}
								title={<TabTitleText>{number > 0 ? `${title} ${number}` : title}</TabTitleText>}
								onClick={(event: React.MouseEvent) => {
									if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
									event.preventDefault()
									void navigate(addressOf(path))
								}}
							/>
						)
					})}
				</Tabs>
			</PageSection>
			<PageSection isFilled hasBodyWrapper={false} id={panelId} role="tabpanel" aria-label={tab.title} className="ty-panel">
				<tab.Content task={task} />
			</PageSection>
		</>
	)
}

/** The task whose step started this one. */
function ParentItem({ id }: { readonly id: string }) {
	const { data } = useTaskReference(id)
	return (
		<BreadcrumbItem
			render={({ className }) => (
				<HrefLink href={`/tasks/${id}`} className={className}>
					{data?.name ?? 'Parent task'}
				</HrefLink>
			)}
		/>
	)
}
