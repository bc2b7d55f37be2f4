import { EmptyState, EmptyStateBody, Label, PageSection, Title } from '@patternfly/react-core'
import { CubesIcon } from '@patternfly/react-icons'
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table'
import { ErrorState } from '../shell/ErrorState.tsx'
import { Loading } from '../shell/Loading.tsx'
import { HrefLink } from '../shell/PageLink.tsx'
import { Moment } from '../time/Moment.tsx'
import { startAddress, type TaskTypeSummary, useTaskTypes } from './taskTypes.ts'

/** What can be started here. */
export default function TaskTypesPage() {
	const { data, error, refetch } = useTaskTypes()
	return (
		<>
			<title>Task types · Taskyard</title>
			<PageSection>
				<Title headingLevel="h1">Task types</Title>
			</PageSection>
			<PageSection isFilled aria-label="List of task types">
				{data ? (
					data.length > 0 ? (
						<TaskTypeTable types={data} />
					) : (
						<NoTaskTypes />
					)
				) : error ? (
					<ErrorState what="The task types" error={error} onRetry={() => void refetch()} />
				) : (
					<Loading what="the task types" />
				)}
			</PageSection>
		</>
	)
}

function TaskTypeTable({ types }: { readonly types: readonly TaskTypeSummary[] }) {
	return (
		<Table aria-label="Task types" variant="compact" gridBreakPoint="grid-md" className="ty-tasks">
			<Thead>
				<Tr>
					<Th className="ty-wide">Task type</Th>
					<Th>Name of its tasks</Th>
					<Th>Queue</Th>
					<Th>Offered</Th>
					<Th screenReaderText="Action" />
				</Tr>
			</Thead>
			<Tbody>
				{types.map(({ label, description, name, queue, offered, offeredAt }) => (
					<Tr key={label}>
						<Td className="ty-wide ty-card-title">
							<strong>{label}</strong>
							{description && <div className="ty-remark">{description}</div>}
						</Td>
						<Td dataLabel="Name of its tasks" modifier="breakWord">
							{name}
						</Td>
						<Td dataLabel="Queue">{queue}</Td>
						<Td dataLabel="Offered">
							{offered ? (
								<Label variant="outline" isCompact status="success">
									by a worker
								</Label>
							) : (
								<Label variant="outline" isCompact status="warning">
									by no worker, last <Moment at={offeredAt} />
								</Label>
							)}
						</Td>
						<Td dataLabel="Action" modifier="nowrap">
							<HrefLink href={startAddress(label)} aria-label={`Start a task of the type ${label}`}>
								Start
							</HrefLink>
						</Td>
					</Tr>
				))}
			</Tbody>
		</Table>
	)
}

function NoTaskTypes() {
	return (
		<EmptyState headingLevel="h2" icon={CubesIcon} titleText="No task types yet">
			<EmptyStateBody>Workers register what they can run when they start. Start one, then look again.</EmptyStateBody>
		</EmptyState>
	)
}
