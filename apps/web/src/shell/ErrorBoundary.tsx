import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from '@patternfly/react-core'
import { ExclamationCircleIcon } from '@patternfly/react-icons'
import { Component, type ErrorInfo, type ReactNode } from 'react'

interface Props {
	readonly children: ReactNode
	/** When it changes, what failed is tried again. */
	readonly place: string
}

interface State {
	readonly error: Error | null
	readonly place: string
}

/** Keeps a fault of one page from taking the shell with it. */
export class ErrorBoundary extends Component<Props, State> {
	override state: State = { error: null, place: this.props.place }

	static getDerivedStateFromError(error: unknown): Partial<State> {
		return { error: error instanceof Error ? error : new Error(String(error)) }
	}

	static getDerivedStateFromProps({ place }: Props, state: State): Partial<State> | null {
		return place === state.place ? null : { error: null, place }
	}

	override componentDidCatch(error: unknown, info: ErrorInfo) {
		console.error('A page failed:', error, info.componentStack)
	}

	override render() {
		const { error } = this.state
		if (!error) return this.props.children
		const codeIsGone = /dynamically imported module|Importing a module script failed/.test(error.message)
		return (
			<EmptyState
				headingLevel="h1"
				status="danger"
				icon={ExclamationCircleIcon}
				titleText={codeIsGone ? 'A new version of this page is there' : 'This page failed'}
			>
				<EmptyStateBody>
					{codeIsGone
						? 'Reload to get it.'
						: `${error.message} The tasks themselves are not affected. Try again; if it stays, reload the page.`}
				</EmptyStateBody>
				<EmptyStateFooter>
					<EmptyStateActions>
						{codeIsGone ? (
							<Button onClick={() => location.reload()}>Reload</Button>
						) : (
							<Button onClick={() => this.setState({ error: null })}>Try again</Button>
						)}
						<Button variant="link" onClick={() => void navigator.clipboard.writeText(`${location.href}\n${error.stack ?? error.message}`)}>
							Copy details
						</Button>
					</EmptyStateActions>
				</EmptyStateFooter>
			</EmptyState>
		)
	}
}
