import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table'
import { memo, type ReactNode } from 'react'
import { HrefLink } from '../shell/PageLink.tsx'
import { Duration } from '../time/Duration.tsx'
import { Moment } from '../time/Moment.tsx'
import { StatusLabel } from './StatusLabel.tsx'
import { reasonSentence } from './status.ts'
import { TaskProgress } from './TaskProgress.tsx'
import type { Selection } from './selection.ts'
import { type TaskRow, useStored, useTaskStores } from './taskStores.ts'
import { WaitingText } from './WaitingText.tsx'

const columns = { task: 'Task', status: 'Status', progress: 'Progress', started: 'Started', duration: 'Duration', owner: 'Owner' }

interface TaskTableProps {
	readonly ids: readonly string[]
	/** What the table is called. */
	readonly label?: string
	/** Without it no row can be selected. */
	readonly selection?: Selection
}

/** Tasks as rows, on a small screen as cards. Each row follows its own task. */
export function TaskTable({ ids, label = 'Tasks', selection }: TaskTableProps) {
	return (
		<Table aria-label={label} variant="compact" gridBreakPoint="grid-md" className="ty-tasks">
			<Thead>
				<Tr>
					{selection && <Th screenReaderText="Selected" />}
					<Th className="ty-wide">{columns.task}</Th>
					<Th modifier="fitContent">{columns.status}</Th>
					<Th className="ty-bar">{columns.progress}</Th>
					<Th modifier="fitContent">{columns.started}</Th>
					<Th modifier="fitContent">{columns.duration}</Th>
					<Th modifier="fitContent">{columns.owner}</Th>
				</Tr>
			</Thead>
			<Tbody>
				{ids.map((id, place) => (
					<TaskTableRow key={id} id={id} place={place} {...(selection && { isChosen: selection.has(id), onChoose: selection.choose })} />
				))}
			</Tbody>
		</Table>
	)
}

interface TaskTableRowProps {
	readonly id: string
	readonly place: number
	readonly isChosen?: boolean
	/** Without it the row cannot be selected. */
	readonly onChoose?: Selection['choose']
}

const TaskTableRow = memo(function TaskTableRow({ id, place, isChosen = false, onChoose }: TaskTableRowProps) {
	const task = useStored(useTaskStores().rows, id)
	if (!task) return null
	const remark = remarkOn(task)
	return (
		<Tr data-task={id} isRowSelected={isChosen}>
			{onChoose && (
				<Td
					select={{
						rowIndex: place,
						isSelected: isChosen,
						onSelect: (_event, chosen) => onChoose(id, chosen),
						props: { 'aria-label': `Select ${task.name}` },
					}}
				/>
			)}
			<Td className="ty-wide ty-card-title">
				<HrefLink href={`/tasks/${id}`}>{task.name}</HrefLink>
				{remark && <div className="ty-remark">{remark}</div>}
			</Td>
			<Td dataLabel={columns.status}>
				<StatusLabel task={task} />
			</Td>
			<Td dataLabel={columns.progress} className="ty-bar">
				<TaskProgress task={task} />
			</Td>
			<Td dataLabel={columns.started} modifier="nowrap">
				<Moment at={task.startedAt} />
			</Td>
			<Td dataLabel={columns.duration}>
				<Duration startedAt={task.startedAt} endedAt={task.endedAt} />
			</Td>
			<Td dataLabel={columns.owner} modifier="nowrap" className="ty-not-on-card">
				{task.owner.name}
			</Td>
		</Tr>
	)
})

/** What keeps a task, or what it does, in one line under its name. */
function remarkOn({ waitingFor, state, error, reason, runningSteps }: TaskRow): ReactNode {
	if (waitingFor) return <WaitingText waitingFor={waitingFor} />
	if (state === 'paused') return error?.message ?? (reason && reasonSentence(reason))
	return runningSteps.join(', ')
}
