import { useEffect, useState } from 'react'
import { TaskLogAppendedDocument } from '../graphql/generated/graphql.ts'
import { useLive } from '../live/LiveContext.ts'
import { appendChunks, emptyLog, type LogRing } from './logRing.ts'

/** Lines a page keeps of a log. */
export const logCapacity = 10_000

export interface LogView {
	readonly log: LogRing
	/** Whether the server has answered, be it with nothing. */
	readonly loaded: boolean
	readonly refusal: string | null
}

const nothing: LogView = { log: emptyLog, loaded: false, refusal: null }

/** The log of a step, and what is appended. After a break it goes on behind its last line. */
export function useLog(id: string, step: number): LogView {
	const live = useLive()
	const [view, setView] = useState(nothing)
	useEffect(() => {
		setView(nothing)
		return live.follow(TaskLogAppendedDocument, {
			variables: { id, step, afterLine: 0 },
			refused: (refusal) => setView((shown) => ({ ...shown, refusal })),
			resume: ({ taskLogAppended: { chunks } }) => {
				const last = chunks.at(-1)
				return last ? { afterLine: last.firstLine + last.lines.length - 1 } : {}
			},
			next: ({ taskLogAppended: { chunks } }) =>
				setView(({ log }) => ({ log: appendChunks(log, chunks, logCapacity), loaded: true, refusal: null })),
		})
	}, [id, step, live])
	return view
}
