/** The input of a task at the door: checked as it was given, and stored with its sensitive fields sealed. */

import { parseJson } from '@taskyard/model/json'
import { hasMarks, markedParts, placeIn } from '@taskyard/model/sensitive/marks'
import { mayHoldSealed, replaceSealed } from '@taskyard/model/sensitive/sealed'
import { sealText } from '@taskyard/model/sensitive/sealText'
import { Secrets } from '@taskyard/model/sensitive/secrets'
import { type Keyring, SealFault } from '@taskyard/store/sensitive/keyring'
import { open, seal } from '@taskyard/store/sensitive/seals'
import { refuse } from '../commands/refuse.ts'
import type { Fault, Refused } from '../commands/types.ts'
import type { KnownType } from '../taskTypes/knownTypes.ts'

export interface GivenInput {
	/** JSON text. */
	readonly input: string
	/** It comes from a stored task, and is sealed already. */
	readonly sealed?: boolean
	/** What the step that asks was told in confidence. */
	readonly secrets?: Secrets | null
}

/** What is wrong with an input. */
export function faultsOf(type: KnownType, { input, sealed = false }: GivenInput, value: unknown, keyring: Keyring): Fault[] {
	if (!sealed || !mayHoldSealed(input)) return type.check(value)
	try {
		return type.check(replaceSealed(value, (one) => open(keyring, one).value))
	} catch (error) {
		if (!(error instanceof SealFault)) throw error
		// It was checked when it was given, and is again by the worker that plans it and has the key.
		return []
	}
}

export interface KeptInput {
	/** JSON text to store. */
	readonly input: string
	/** The value as it is stored: names and keys are made of it. */
	readonly value: unknown
}

/** @param value of the input as it was given */
export function keepInput(type: KnownType, { input, secrets = null }: GivenInput, value: unknown, keyring: Keyring): KeptInput | Refused {
	const { inputSchema, label } = type.data
	const marked = hasMarks(inputSchema)
	if (!marked && !secrets) return { input, value }
	// What is sensitive in one field may stand in another as well.
	const all = new Secrets()
	if (marked) all.add(markedParts(value, inputSchema))
	if (secrets) all.addAll(secrets)
	try {
		const kept = sealText(input, {
			places: marked ? [placeIn(inputSchema)] : [],
			secrets: all,
			seal: (json, known) => seal(keyring, json, known),
		})
		return kept === input ? { input, value } : { input: kept, value: parseJson(kept) }
	} catch (error) {
		if (!(error instanceof SealFault)) throw error
		return refuse('no_encryption_key', `The sensitive fields of ${label} cannot be stored: ${error.message}`)
	}
}
