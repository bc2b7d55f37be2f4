import { useSyncExternalStore } from 'react'
import { useLive } from '../live/LiveContext.ts'
import { formatAbsolute, formatRelative } from './duration.ts'

/** A moment relative to now, with the absolute time and zone on hover. */
export function Moment({ at, absolute = false }: { readonly at: string | null; readonly absolute?: boolean }) {
	const { clock } = useLive()
	const relative = useSyncExternalStore(clock.subscribe, () => (at ? formatRelative(Date.parse(at), clock.get()) : '–'))
	if (!at) return <>–</>
	const full = formatAbsolute(Date.parse(at))
	return (
		<time dateTime={at} title={full}>
			{absolute ? `${relative} · ${full}` : relative}
		</time>
	)
}
