/**
 * What the log of a worker must not show: the secrets of the attempts that run in this process, and of the last ones that
 * have ended, for author code may fail after its end.
 */

import { Secrets } from '@taskyard/model/sensitive/secrets'

const mostRemembered = 1_000
const remembered = new Set<Secrets>()
/** Of attempts that began earlier: known as long as their attempt goes on. */
const earlier = new Set<WeakRef<Secrets>>()
const ended = new FinalizationRegistry<WeakRef<Secrets>>((reference) => earlier.delete(reference))

export function rememberSecrets(secrets: Secrets): void {
	remembered.add(secrets)
	if (remembered.size <= mostRemembered) return
	const [oldest] = remembered
	if (!oldest) return
	remembered.delete(oldest)
	const reference = new WeakRef(oldest)
	earlier.add(reference)
	ended.register(oldest, reference)
}

/** A line of the log, which is a JSON text, with ••• in place of each secret; numbers that the log itself writes stay. */
export function redactLogLine(line: string): string {
	// Together, for one may contain another.
	let found: Secrets | null = null
	for (const secrets of [...remembered, ...[...earlier].map((reference) => reference.deref())]) {
		if (!secrets?.isIn(line)) continue
		found ??= new Secrets()
		found.addAll(secrets)
	}
	return found ? `${JSON.stringify(redactTexts(JSON.parse(line), found))}\n` : line
}

function redactTexts(value: unknown, secrets: Secrets): unknown {
	if (typeof value === 'string') return secrets.redact(value)
	if (Array.isArray(value)) return value.map((item) => redactTexts(item, secrets))
	if (typeof value !== 'object' || value === null) return value
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactTexts(item, secrets)]))
}
