import { type Code, codeOf } from '../tasks/codes.ts'

/** What has become of an item of a bulk. `failed`: an error that is no answer of a command. */
export const storedOutcomes = ['done', 'refused', 'failed'] as const
export type StoredOutcome = (typeof storedOutcomes)[number]

export const storedOutcomeCode: Code<StoredOutcome> = codeOf(storedOutcomes, 'outcome of an item')
