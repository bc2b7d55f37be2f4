import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter, PageSection, Title } from '@patternfly/react-core'
import { AngleLeftIcon, AngleRightIcon, ArrowUpIcon, CubesIcon } from '@patternfly/react-icons'
import { type ReactNode, useEffect, useRef } from 'react'
import { useLocation, useNavigate, useSearchParams } from 'react-router'
import { BulkToolbar } from '../bulk/BulkToolbar.tsx'
import { ErrorState } from '../shell/ErrorState.tsx'
import { Loading } from '../shell/Loading.tsx'
import { HrefLink } from '../shell/PageLink.tsx'
import { type Selection, useSelection } from './selection.ts'
import { TaskTable } from './TaskTable.tsx'
import { type TaskListView, useNewestTasks, useOlderTasks } from './tasks.ts'

/** The list of tasks: the newest ones live, older ones page by page. */
export default function TaskListPage() {
	const [parameters] = useSearchParams()
	const after = parameters.get('after')
	return (
		<>
			<title>Tasks · Taskyard</title>
			{after === null ? <NewestTasks /> : <OlderTasks key={after} after={after} />}
		</>
	)
}

function NewestTasks() {
	const view = useNewestTasks()
	const table = useRef<HTMLDivElement>(null)
	const selection = useSelection(view.ids ?? none)
	useHoldWhileReading(table, view.hold, selection.ids.length > 0)
	const showNew = () => {
		view.showNew()
		document.getElementById('main')?.scrollTo({ top: 0 })
		requestAnimationFrame(() => table.current?.querySelector<HTMLElement>('tbody a')?.focus({ preventScroll: true }))
	}
	return (
		<List
			view={view}
			remark={
				<span role="status">
					{view.newCount > 0 && (
						<Button size="sm" variant="secondary" icon={<ArrowUpIcon />} onClick={showNew}>
							{view.newCount === 1 ? '1 new task' : `${view.newCount > 99 ? '99+' : view.newCount} new tasks`}
						</Button>
					)}
				</span>
			}
		>
			{(ids) => (
				<div ref={table}>
					<SelectableTasks ids={ids} selection={selection} />
				</div>
			)}
		</List>
	)
}

function OlderTasks({ after }: { readonly after: string }) {
	const view = useOlderTasks(after)
	const selection = useSelection(view.ids ?? none)
	return (
		<List view={view} remark={<span className="ty-quiet">Older tasks</span>}>
			{(ids) => <SelectableTasks ids={ids} selection={selection} />}
		</List>
	)
}

const none: readonly string[] = []

function SelectableTasks({ ids, selection }: { readonly ids: readonly string[]; readonly selection: Selection }) {
	return (
		<>
			<BulkToolbar shown={ids} selection={selection} />
			<TaskTable ids={ids} selection={selection} />
		</>
	)
}

interface ListProps {
	readonly view: TaskListView
	/** Stands beside the heading, so that it moves no row when it comes and goes. */
	readonly remark: ReactNode
	readonly children: (ids: readonly string[]) => ReactNode
}

function List({ view: { ids, error, retry, hasOlder, olderCursor }, remark, children }: ListProps) {
	return (
		<>
			<PageSection className="ty-head">
				<Title headingLevel="h1">Tasks</Title>
				<span className="ty-grow">{remark}</span>
				<Button component={HrefLink} href="/task-types">
					Start a task
				</Button>
			</PageSection>
			<PageSection isFilled aria-label="List of tasks" className="ty-below-head">
				{!ids ? (
					error ? (
						<ErrorState what="The tasks" error={error} onRetry={retry} />
					) : (
						<Loading what="the tasks" lines={8} />
					)
				) : ids.length === 0 ? (
					<NoTasks />
				) : (
					<>
						{children(ids)}
						<Paging hasOlder={hasOlder} olderCursor={olderCursor} />
					</>
				)}
			</PageSection>
		</>
	)
}

function NoTasks() {
	return (
		<EmptyState headingLevel="h2" icon={CubesIcon} titleText="No tasks yet">
			<EmptyStateBody>Start one here, or from a terminal with “taskyard tasks start”. It appears in this list at once.</EmptyStateBody>
			<EmptyStateFooter>
				<EmptyStateActions>
					<Button component={HrefLink} href="/task-types">
						Start a task
					</Button>
				</EmptyStateActions>
			</EmptyStateFooter>
		</EmptyState>
	)
}

/** Back goes the way one came; an address from somewhere else leads to the newest. */
function Paging({ hasOlder, olderCursor }: Pick<TaskListView, 'hasOlder' | 'olderCursor'>) {
	const navigate = useNavigate()
	const { state, search } = useLocation()
	const isFirst = !new URLSearchParams(search).has('after')
	const cameFromNewer = (state as { readonly fromNewer?: boolean } | null)?.fromNewer === true
	if (isFirst && !hasOlder) return null
	const older = async () => {
		const cursor = await olderCursor()
		if (cursor) await navigate(`/tasks?after=${encodeURIComponent(cursor)}`, { state: { fromNewer: true } })
	}
	return (
		<nav aria-label="Pages of tasks" className="ty-paging">
			{!isFirst && (
				<Button variant="link" icon={<AngleLeftIcon />} onClick={() => void (cameFromNewer ? navigate(-1) : navigate('/tasks'))}>
					{cameFromNewer ? 'Newer' : 'Newest'}
				</Button>
			)}
			{hasOlder && (
				<Button variant="link" icon={<AngleRightIcon />} iconPosition="end" onClick={() => void older()}>
					Older
				</Button>
			)}
		</nav>
	)
}

/** Nothing moves under a pointer, a focused link, or a person who has scrolled down or selected something. */
function useHoldWhileReading(table: React.RefObject<HTMLDivElement | null>, hold: (held: boolean) => void, hasSelected: boolean) {
	useEffect(() => {
		const main = document.getElementById('main')
		const update = () => {
			const scrolled = (main?.scrollTop ?? 0) > 8
			const within = table.current?.matches(':hover, :focus-within') ?? false
			hold(hasSelected || scrolled || within)
		}
		update()
		const events = ['pointerover', 'pointerout', 'focusin', 'focusout'] as const
		// What is hovered or focused is settled after the event.
		const later = () => requestAnimationFrame(update)
		for (const event of events) document.addEventListener(event, later)
		main?.addEventListener('scroll', update, { passive: true })
		return () => {
			for (const event of events) document.removeEventListener(event, later)
			main?.removeEventListener('scroll', update)
			hold(false)
		}
	}, [table, hold, hasSelected])
}
