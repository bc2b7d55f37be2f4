import { createContext, use } from 'react'
import type { Live } from './live.ts'

/** The page's socket, for every component below. */
export const LiveContext = createContext<Live | null>(null)

export function useLive(): Live {
	const live = use(LiveContext)
	if (!live)
		throw new Error('useLive: there is no LiveContext above this component. Render it within <LiveContext value={createLive(url)}>.')
	return live
}
