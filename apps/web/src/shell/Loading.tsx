import { Skeleton } from '@patternfly/react-core'
import { useEffect, useState } from 'react'

const appearsAfter = 150
const slowAfter = 3000

/** Lines in the shape of what is coming. Nothing for the first moment: most answers are faster than a flicker. */
export function Loading({ what, lines = 6 }: { readonly what: string; readonly lines?: number }) {
	const [phase, setPhase] = useState<'quick' | 'waiting' | 'slow'>('quick')
	useEffect(() => {
		const waiting = setTimeout(() => setPhase('waiting'), appearsAfter)
		const slow = setTimeout(() => setPhase('slow'), slowAfter)
		return () => {
			clearTimeout(waiting)
			clearTimeout(slow)
		}
	}, [])
	if (phase === 'quick') return null
	return (
		<div className="ty-loading" role="status">
			<span className="pf-v6-screen-reader">Loading {what}</span>
			{Array.from({ length: lines }, (_, line) => (
				<Skeleton key={line} height="2rem" />
			))}
			{phase === 'slow' && <p>Still loading {what}: the server takes its time.</p>}
		</div>
	)
}
