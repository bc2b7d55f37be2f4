import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from '@patternfly/react-core'
import { SearchIcon } from '@patternfly/react-icons'
import { HrefLink } from './PageLink.tsx'

/** What an address that leads nowhere shows. */
export function NotFoundPage({ title = 'There is no such page', text = 'Check the address, or go on from the list of tasks.' }) {
	return (
		<>
			<title>Not found · Taskyard</title>
			<EmptyState headingLevel="h1" icon={SearchIcon} titleText={title}>
				<EmptyStateBody>{text}</EmptyStateBody>
				<EmptyStateFooter>
					<EmptyStateActions>
						<Button component={HrefLink} href="/tasks">
							Tasks
						</Button>
					</EmptyStateActions>
				</EmptyStateFooter>
			</EmptyState>
		</>
	)
}
