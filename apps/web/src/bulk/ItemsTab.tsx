import { EmptyState, EmptyStateBody } from '@patternfly/react-core'
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table'
import { useSearchParams } from 'react-router'
import type { BulkOutcome } from '../graphql/generated/graphql.ts'
import { ErrorState } from '../shell/ErrorState.tsx'
import { KeysetPaging } from '../shell/KeysetPaging.tsx'
import { Loading } from '../shell/Loading.tsx'
import { HrefLink } from '../shell/PageLink.tsx'
import type { TaskDetail } from '../tasks/taskStores.ts'
import { Moment } from '../time/Moment.tsx'
import { AgainButton } from './AgainButton.tsx'
import { type BulkItem, useBulkCounts, useBulkItems } from './bulk.ts'
import { outcomeFrom, outcomeNames } from './bulkWords.ts'
import { OutcomeLabel, OutcomeLinks } from './OutcomeLabel.tsx'

/** What has become of each task that a bulk was to act on. */
export function ItemsTab({ task }: { readonly task: TaskDetail }) {
	const [parameters] = useSearchParams()
	const outcome = outcomeFrom(parameters.get('outcome'))
	const { data: counts } = useBulkCounts(task)
	const after = parameters.get('after')
	return (
		<div className="ty-stack">
			{counts && (
				<div className="ty-bar-above">
					<OutcomeLinks task={task.id} counts={counts} shown={outcome} />
					<AgainButton task={task} counts={counts} />
				</div>
			)}
			<Items key={`${outcome} ${after}`} task={task} outcome={outcome} after={after} />
		</div>
	)
}

interface ItemsProps {
	readonly task: TaskDetail
	readonly outcome: BulkOutcome | null
	readonly after: string | null
}

function Items({ task, outcome, after }: ItemsProps) {
	const place = after === null || !/^\d{1,9}$/.test(after) ? null : Number(after)
	const { data, error, refetch } = useBulkItems(task, outcome, place)
	if (!data)
		return error || data === null ? (
			<ErrorState what="The items" error={error ?? new Error('The bulk is not there any more.')} onRetry={() => void refetch()} />
		) : (
			<Loading what="the items" lines={6} />
		)
	if (data.items.length === 0)
		return (
			<EmptyState headingLevel="h2" variant="sm" titleText={outcome ? `${outcomeNames[outcome]}: none` : 'There are no items'}>
				<EmptyStateBody>{outcome ? 'No task has come to this.' : 'It was to act on no task, or they are on another page.'}</EmptyStateBody>
			</EmptyState>
		)
	return (
		<>
			<ItemTable items={data.items} />
			<KeysetPaging what="items" next={data.next == null ? null : String(data.next)} />
		</>
	)
}

const columns = { place: 'Number', task: 'Task', outcome: 'Outcome', reason: 'Reason', at: 'When' }

function ItemTable({ items }: { readonly items: readonly BulkItem[] }) {
	return (
		<Table aria-label="Items" variant="compact" gridBreakPoint="grid-md" className="ty-tasks">
			<Thead>
				<Tr>
					<Th modifier="fitContent">{columns.place}</Th>
					<Th className="ty-wide">{columns.task}</Th>
					<Th modifier="fitContent">{columns.outcome}</Th>
					<Th>{columns.reason}</Th>
					<Th modifier="fitContent">{columns.at}</Th>
				</Tr>
			</Thead>
			<Tbody>
				{items.map(({ place, task, subject, outcome, reason, made, at }) => (
					<Tr key={place} data-task={task}>
						<Td dataLabel={columns.place} className="ty-figures">
							{place + 1}
						</Td>
						<Td dataLabel={columns.task} className="ty-wide">
							{subject ? (
								<HrefLink href={`/tasks/${task}`}>{subject.name}</HrefLink>
							) : (
								<span className="ty-quiet">{task}, which is gone</span>
							)}
							{made && (
								<div className="ty-remark">
									run again as <HrefLink href={`/tasks/${made}`}>a new task</HrefLink>
								</div>
							)}
						</Td>
						<Td dataLabel={columns.outcome}>
							<OutcomeLabel outcome={outcome} />
						</Td>
						<Td dataLabel={columns.reason} modifier="breakWord">
							{reason ?? '–'}
						</Td>
						<Td dataLabel={columns.at} modifier="nowrap">
							<Moment at={at} />
						</Td>
					</Tr>
				))}
			</Tbody>
		</Table>
	)
}
