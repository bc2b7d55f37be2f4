import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from '@patternfly/react-core'
import { ExclamationCircleIcon } from '@patternfly/react-icons'
import { RequestError } from '../graphql/request.ts'

/** What stands in the place of data that could not be loaded. */
export function ErrorState({ what, error, onRetry }: { readonly what: string; readonly error: Error; readonly onRetry: () => void }) {
	const requestId = error instanceof RequestError ? error.requestId : null
	const details = [location.href, error.message, requestId ? `Request id ${requestId}` : ''].filter(Boolean).join('\n')
	return (
		<EmptyState headingLevel="h2" status="danger" icon={ExclamationCircleIcon} titleText={`${what} could not be loaded`}>
			<EmptyStateBody>
				{error.message}
				{requestId && <div>Request id: {requestId}</div>}
			</EmptyStateBody>
			<EmptyStateFooter>
				<EmptyStateActions>
					<Button onClick={onRetry}>Retry</Button>
					<Button variant="link" onClick={() => void navigator.clipboard.writeText(details)}>
						Copy details
					</Button>
				</EmptyStateActions>
			</EmptyStateFooter>
		</EmptyState>
	)
}
