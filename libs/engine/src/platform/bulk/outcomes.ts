/** From what a command answers about an item to what is stored with it. */

import type { ItemOutcome, OpenItem } from '@taskyard/store/bulk/doItems'
import type { CommandAnswer, Refused } from '../../commands/types.ts'

export function outcomeOf({ place }: OpenItem, answer: CommandAnswer, made: string | null = null): ItemOutcome {
	if ('refusal' in answer) return refusedBy(place, answer)
	return { place, outcome: 'done', code: null, reason: null, made }
}

function refusedBy(place: number, { refusal }: Refused): ItemOutcome {
	return { place, outcome: 'refused', code: refusal.code, reason: refusal.message, made: null }
}

/** An error is no answer of a command, unless it carries one. */
export function outcomeOfError({ place }: OpenItem, error: unknown): ItemOutcome {
	if (error instanceof Error && 'refused' in error) return refusedBy(place, error.refused as Refused)
	return { place, outcome: 'failed', code: null, reason: error instanceof Error ? error.message : String(error), made: null }
}
