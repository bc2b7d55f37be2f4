/**
 * What one attempt is told in confidence. It opens what the attempt is given, and keeps it out of all that the attempt
 * leaves: what is stored for steps to come is sealed again, and what people read shows •••.
 */

import { parseJson, stringifyJson } from '@taskyard/model/json'
import type { Place } from '@taskyard/model/sensitive/marks'
import { mayHoldSealed, replaceSealed } from '@taskyard/model/sensitive/sealed'
import { sealText } from '@taskyard/model/sensitive/sealText'
import { Secrets } from '@taskyard/model/sensitive/secrets'
import { Failure, stepErrorOf } from '@taskyard/sdk/failure'
import { type Keyring, SealFault } from '@taskyard/store/sensitive/keyring'
import { open, seal } from '@taskyard/store/sensitive/seals'
import { rememberSecrets } from './redactLog.ts'

const nowhere: readonly Place[] = []

export class Confidant {
	readonly #keyring: Keyring
	/** Null as long as there is nothing to keep: then texts go by without a look. */
	#secrets: Secrets | null = null

	constructor(keyring: Keyring) {
		this.#keyring = keyring
	}

	get secrets(): Secrets | null {
		return this.#secrets
	}

	/** Takes in what was learned otherwise than by opening it. */
	keep(values: readonly unknown[]): void {
		if (values.length === 0) return
		if (!this.#secrets) {
			this.#secrets = new Secrets()
			rememberSecrets(this.#secrets)
		}
		for (const value of values) this.#secrets.add(value)
	}

	/**
	 * The value with what is sealed in it opened.
	 *
	 * @throws Failure naming the key that is missing
	 */
	open(value: unknown): unknown {
		return replaceSealed(value, (sealed) =>
			withKeys(() => {
				const opened = open(this.#keyring, sealed)
				this.keep([opened.value, opened.known])
				return opened.value
			}),
		)
	}

	/** The value of a JSON text, opened. */
	openText(json: string): unknown {
		const value = parseJson(json)
		return mayHoldSealed(json) ? this.open(value) : value
	}

	/**
	 * A JSON text with all sealed that is sensitive: by its place, or because it contains what was told.
	 *
	 * @param references whether it may refer to outputs, as inputs in a plan do
	 */
	seal(json: string, places: readonly Place[] = nowhere, references = false): string {
		if (places.length === 0 && !this.#secrets) return json
		return withKeys(() =>
			sealText(json, { places, secrets: this.#secrets, references, seal: (part, known) => seal(this.#keyring, part, known) }),
		)
	}

	/** As `seal`, for a value of a plan. */
	sealValue(value: unknown, places: readonly Place[]): unknown {
		if (value === undefined || (places.length === 0 && !this.#secrets)) return value
		const json = stringifyJson(value)
		const sealed = this.seal(json, places, true)
		return sealed === json ? value : parseJson(sealed)
	}

	/** Asked before code runs whose output is to be sealed: it should not have run in vain. */
	needKey(): void {
		withKeys(() => this.#keyring.current())
	}

	redact(text: string): string {
		return this.#secrets?.redact(text) ?? text
	}

	/** What is stored of anything that was thrown. */
	errorOf(thrown: unknown): ReturnType<typeof stepErrorOf> {
		const { error, retryable } = stepErrorOf(thrown)
		return this.#secrets ? { error: { ...this.#secrets.redactValue(error), reason: error.reason }, retryable } : { error, retryable }
	}

	redactValue<Value>(value: Value): Value {
		return this.#secrets?.redactValue(value) ?? value
	}
}

/** Names what is missing as the failure of the step: another try makes no sense before a person has added the key. */
function withKeys<Result>(work: () => Result): Result {
	try {
		return work()
	} catch (error) {
		if (!(error instanceof SealFault)) throw error
		throw new Failure(error.message, { code: error.code, retryable: false, cause: error })
	}
}
