import { Alert } from '@patternfly/react-core'
import { useLive } from '../live/LiveContext.ts'
import { useSource } from '../live/source.ts'
import { formatClockTime } from '../time/duration.ts'

/** Says what the page shows while the server is out of reach. Nothing else changes: data never goes blank. */
export function OfflineBanner() {
	const connection = useSource(useLive().connection)
	if (connection.kind !== 'offline') return null
	const since = formatClockTime(connection.since)
	return (
		<Alert
			component="h2"
			variant="warning"
			isInline
			isPlain
			className="ty-offline"
			title={`Offline since ${since}. Showing data from then.`}
		>
			The page connects again by itself. Actions wait until it has.
		</Alert>
	)
}

/** The sentence why an action cannot be asked for now, or null. */
export function useOfflineReason(): string | null {
	const offline = useSource(useLive().connection, ({ kind }) => kind === 'offline')
	return offline ? 'The server cannot be reached. Wait until the page is live again.' : null
}
