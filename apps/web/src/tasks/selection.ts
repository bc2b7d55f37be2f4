import { useCallback, useMemo, useState } from 'react'

/** Which of the rows that are shown a person has chosen. */
export interface Selection {
	/** In the order of the rows. One that is no longer shown is not among them: nothing is done to what nobody sees. */
	readonly ids: readonly string[]
	readonly has: (id: string) => boolean
	readonly choose: (id: string, isChosen: boolean) => void
	readonly chooseAll: () => void
	readonly clear: () => void
}

export function useSelection(shown: readonly string[]): Selection {
	const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
	const ids = useMemo(() => shown.filter((id) => chosen.has(id)), [shown, chosen])
	return {
		ids,
		has: (id) => chosen.has(id),
		choose: useCallback((id: string, isChosen: boolean) => {
			setChosen((before) => {
				const after = new Set(before)
				if (isChosen) after.add(id)
				else after.delete(id)
				return after
			})
		}, []),
		chooseAll: () => setChosen(new Set(shown)),
		clear: useCallback(() => setChosen(new Set()), []),
	}
}
