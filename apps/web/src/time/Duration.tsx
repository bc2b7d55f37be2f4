import { useCallback, useSyncExternalStore } from 'react'
import { useLive } from '../live/LiveContext.ts'
import { formatDuration } from './duration.ts'

export interface DurationProps {
	readonly startedAt: string | null
	readonly endedAt: string | null
}

/** How long something took, or takes: ticks only while it runs and the page is live. */
export function Duration({ startedAt, endedAt }: DurationProps) {
	const { clock } = useLive()
	const subscribe = useCallback(
		(listener: () => void) => (startedAt && !endedAt ? clock.subscribe(listener) : () => {}),
		[clock, startedAt, endedAt],
	)
	const text = useSyncExternalStore(subscribe, () => {
		if (!startedAt) return '–'
		return formatDuration((endedAt ? Date.parse(endedAt) : clock.get()) - Date.parse(startedAt))
	})
	return <span className="ty-figures">{text}</span>
}
