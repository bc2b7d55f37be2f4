import { Label } from '@patternfly/react-core'
import { DisconnectedIcon, InProgressIcon, SyncAltIcon } from '@patternfly/react-icons'
import type { Connection } from '../live/connection.ts'
import { useLive } from '../live/LiveContext.ts'
import { useSource } from '../live/source.ts'
import { formatClockTime } from '../time/duration.ts'

/** What the page says about its own freshness. */
export function connectionText(connection: Connection): string {
	switch (connection.kind) {
		case 'connecting':
			return 'Connecting…'
		case 'live':
			return 'Live'
		case 'reconnecting':
			return `Reconnecting… data from ${formatClockTime(connection.since)}`
		case 'offline':
			return `Offline since ${formatClockTime(connection.since)}`
	}
}

/** Whether what is on the screen is what is so. Announced when the state changes, and only then. */
export function LiveChip() {
	const connection = useSource(useLive().connection)
	return (
		<span role="status" data-connection={connection.kind}>
			{connection.kind === 'live' ? (
				<Label variant="outline" status="success" icon={<span className="ty-live-dot" />}>
					{connectionText(connection)}
				</Label>
			) : connection.kind === 'offline' ? (
				<Label variant="outline" status="danger" icon={<DisconnectedIcon />}>
					{connectionText(connection)}
				</Label>
			) : (
				<Label variant="outline" status="warning" icon={connection.kind === 'connecting' ? <InProgressIcon /> : <SyncAltIcon />}>
					{connectionText(connection)}
				</Label>
			)}
		</span>
	)
}
