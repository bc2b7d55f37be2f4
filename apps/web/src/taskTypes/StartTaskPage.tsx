import { Alert, Breadcrumb, BreadcrumbItem, PageSection, Title } from '@patternfly/react-core'
import { useParams } from 'react-router'
import { ErrorState } from '../shell/ErrorState.tsx'
import { Loading } from '../shell/Loading.tsx'
import { NotFoundPage } from '../shell/NotFoundPage.tsx'
import { HrefLink } from '../shell/PageLink.tsx'
import { Moment } from '../time/Moment.tsx'
import { StartForm } from './StartForm.tsx'
import { type TaskType, useTaskType } from './taskTypes.ts'

/** Where a person fills in what a task is to do, and starts it. */
export default function StartTaskPage() {
	const { label = '' } = useParams()
	const { data: type, error, refetch } = useTaskType(label)
	if (type) return <StartTask key={`${type.label} ${type.version}`} type={type} />
	if (type === null)
		return (
			<NotFoundPage
				title="There is no such task type"
				text={`No worker has ever offered “${label}”. Check the name, or start a worker that offers it.`}
			/>
		)
	return error ? <ErrorState what="The task type" error={error} onRetry={() => void refetch()} /> : <Loading what="the task type" />
}

function StartTask({ type }: { readonly type: TaskType }) {
	return (
		<>
			<title>{`Start ${type.label} · Taskyard`}</title>
			<PageSection className="ty-form-head">
				<Breadcrumb aria-label="Where this form is">
					<BreadcrumbItem
						render={({ className }) => (
							<HrefLink href="/task-types" className={className}>
								Task types
							</HrefLink>
						)}
					/>
					<BreadcrumbItem isActive>{type.label}</BreadcrumbItem>
				</Breadcrumb>
				<Title headingLevel="h1">Start {type.label}</Title>
				{type.description && <p className="ty-quiet">{type.description}</p>}
			</PageSection>
			<PageSection isFilled aria-label="Input">
				{!type.offered && (
					<Alert component="h2" isInline variant="warning" title="No worker offers this type now" className="ty-above-form">
						One last did <Moment at={type.offeredAt} />. A task that is started now waits until one does again.
					</Alert>
				)}
				<StartForm type={type} />
			</PageSection>
		</>
	)
}
