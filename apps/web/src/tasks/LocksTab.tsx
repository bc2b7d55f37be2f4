import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table'
import { Moment } from '../time/Moment.tsx'
import type { TaskDetail } from './taskStores.ts'
import { TaskLinks } from './WaitingText.tsx'

type Lock = TaskDetail['locks'][number]

/** What the task holds, what it was refused and by whom, and what it is linked to. */
export function LocksTab({ task }: { readonly task: TaskDetail }) {
	const held = task.locks.filter(({ granted }) => granted)
	const refused = task.locks.filter(({ granted }) => !granted)
	return (
		<div className="ty-stack">
			<section aria-labelledby="locks-held">
				<h2 id="locks-held">Holds</h2>
				{held.length > 0 ? (
					<LockTable name="Locks held" locks={held} />
				) : (
					<p>{task.state === 'stopped' ? 'Holds no locks: a task that has stopped has released them.' : 'Holds no locks.'}</p>
				)}
			</section>
			{refused.length > 0 && (
				<section aria-labelledby="locks-refused">
					<h2 id="locks-refused">{task.state === 'paused' ? 'Was refused' : 'Waits for'}</h2>
					<LockTable name="Locks not granted" locks={refused} showsHolders isPaused={task.state === 'paused'} />
				</section>
			)}
			<section aria-labelledby="links">
				<h2 id="links">Linked, not locked</h2>
				{task.links.length > 0 ? (
					<ul className="ty-list">
						{task.links.map(({ type, id, title }) => (
							<li key={`${type} ${id}`}>
								{type} <code>{id}</code> {title}
							</li>
						))}
					</ul>
				) : (
					<p>Nothing.</p>
				)}
			</section>
		</div>
	)
}

function LockTable({
	name,
	locks,
	showsHolders = false,
	isPaused = false,
}: {
	readonly name: string
	readonly locks: readonly Lock[]
	readonly showsHolders?: boolean
	readonly isPaused?: boolean
}) {
	return (
		<Table aria-label={name} variant="compact" gridBreakPoint="grid-md">
			<Thead>
				<Tr>
					<Th>Resource</Th>
					<Th>Lock</Th>
					<Th>Mode</Th>
					<Th>Since</Th>
					{showsHolders && <Th>Behind</Th>}
				</Tr>
			</Thead>
			<Tbody>
				{locks.map(({ resource, name: lock, mode, since, holders }) => (
					<Tr key={`${resource.type} ${resource.id} ${lock}`}>
						<Td dataLabel="Resource" modifier="breakWord">
							{resource.type} <code>{resource.id}</code>
							{resource.title && resource.title !== resource.id && ` ${resource.title}`}
						</Td>
						<Td dataLabel="Lock">{lock === '*' ? 'all operations' : lock}</Td>
						<Td dataLabel="Mode">{mode}</Td>
						<Td dataLabel="Since">
							<Moment at={since} />
						</Td>
						{showsHolders && (
							<Td dataLabel="Behind">
								{holders.length > 0 ? <TaskLinks tasks={holders} /> : isPaused ? 'nobody any more: resume the task' : 'nobody'}
							</Td>
						)}
					</Tr>
				))}
			</Tbody>
		</Table>
	)
}
