import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { type LogRing, plainText } from './logRing.ts'

interface LogLinesProps {
	readonly log: LogRing
	readonly follows: boolean
	/** Scrolling up stops following, reaching the end begins it again. */
	readonly onFollow: (follows: boolean) => void
}

const lineHeight = 20
/** How far from the end still counts as the end. */
const nearEnd = 2 * lineHeight

/** Numbered lines, of which only those on the screen exist in the document. */
export function LogLines({ log: { lines }, follows, onFollow }: LogLinesProps) {
	const scroller = useRef<HTMLDivElement>(null)
	const virtual = useVirtualizer({
		count: lines.length,
		getScrollElement: () => scroller.current,
		estimateSize: () => lineHeight,
		getItemKey: (index) => lines[index]?.number ?? index,
		overscan: 20,
	})
	const last = lines.at(-1)?.number
	useEffect(() => {
		if (follows && last !== undefined) virtual.scrollToIndex(lines.length - 1, { align: 'end' })
	}, [follows, last, lines.length, virtual])
	const noteIntent = () => {
		const element = scroller.current
		if (!element) return
		const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight <= nearEnd
		if (isAtEnd !== follows) onFollow(isAtEnd)
	}
	const first = lines[0]?.number ?? 1
	return (
		<>
			{first > 1 && <p className="ty-quiet">Lines 1 to {first - 1} are stored, and not shown here.</p>}
			<div
				ref={scroller}
				className="ty-log"
				role="log"
				aria-label="Log"
				aria-live="off"
				tabIndex={0}
				onWheel={() => requestAnimationFrame(noteIntent)}
				onTouchMove={() => requestAnimationFrame(noteIntent)}
				onKeyUp={noteIntent}
				onPointerUp={noteIntent}
			>
				<div className="ty-log-size" style={{ blockSize: virtual.getTotalSize() }}>
					{virtual.getVirtualItems().map(({ index, key, start }) => {
						const line = lines[index]
						if (!line) return null
						const isNewAttempt = index > 0 && lines[index - 1]?.attempt !== line.attempt
						return (
							<div
								key={key}
								ref={virtual.measureElement}
								data-index={index}
								className={`ty-line ty-${line.stream}${isNewAttempt ? ' ty-attempt' : ''}`}
								style={{ transform: `translateY(${start}px)` }}
							>
								<span className="ty-number">{line.number}</span>
								{line.stream !== 'stdout' && <span className="ty-stream">{line.stream === 'stderr' ? 'err' : 'log'}</span>}
								<span className="ty-text">{plainText(line.text)}</span>
							</div>
						)
					})}
				</div>
			</div>
		</>
	)
}
