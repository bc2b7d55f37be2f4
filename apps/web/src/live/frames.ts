/**
 * Applies what arrives once per painted frame, in order: a burst of messages costs one rendering. A hidden page
 * paints nothing, so there it is applied at once and nothing piles up.
 */
export function createFrameQueue(
	requestFrame: (apply: () => void) => unknown = requestAnimationFrame,
	hidden: () => boolean = () => document.hidden,
): (change: () => void) => void {
	let waiting: (() => void)[] = []
	const flush = () => {
		const changes = waiting
		waiting = []
		for (const change of changes) change()
	}
	return (change) => {
		waiting.push(change)
		if (hidden()) flush()
		else if (waiting.length === 1) requestFrame(flush)
	}
}
