import { Button } from '@patternfly/react-core'
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table'
import { ErrorState } from '../shell/ErrorState.tsx'
import { Loading } from '../shell/Loading.tsx'
import { Duration } from '../time/Duration.tsx'
import { Moment } from '../time/Moment.tsx'
import { describeEntry, useTaskHistory } from './history.ts'
import type { TaskDetail } from './taskStores.ts'

/** What changed, when, by whom and why. */
export function HistoryTab({ task }: { readonly task: TaskDetail }) {
	const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useTaskHistory(task)
	if (!data) return error ? <ErrorState what="The history" error={error} onRetry={() => void refetch()} /> : <Loading what="the history" />
	const entries = data.pages.flatMap((page) => page?.entries ?? [])
	return (
		<div className="ty-stack">
			<Table aria-label="History" variant="compact" gridBreakPoint="grid-md">
				<Thead>
					<Tr>
						<Th modifier="fitContent">When</Th>
						<Th>What</Th>
						<Th modifier="fitContent">Who</Th>
						<Th>Why</Th>
						<Th modifier="fitContent">Took</Th>
						<Th>Worker</Th>
					</Tr>
				</Thead>
				<Tbody>
					{entries.map((entry) => (
						<Tr key={entry.id}>
							<Td dataLabel="When" modifier="nowrap">
								<Moment at={entry.at} />
							</Td>
							<Td dataLabel="What">{describeEntry(entry)}</Td>
							<Td dataLabel="Who">{entry.who?.name ?? 'Taskyard'}</Td>
							<Td dataLabel="Why" modifier="breakWord">
								{entry.why ?? '–'}
							</Td>
							<Td dataLabel="Took">{entry.startedAt ? <Duration startedAt={entry.startedAt} endedAt={entry.at} /> : '–'}</Td>
							<Td dataLabel="Worker">{entry.worker ?? '–'}</Td>
						</Tr>
					))}
				</Tbody>
			</Table>
			{hasNextPage && (
				<Button variant="secondary" onClick={() => void fetchNextPage()} isLoading={isFetchingNextPage} isDisabled={isFetchingNextPage}>
					Show more
				</Button>
			)}
		</div>
	)
}
