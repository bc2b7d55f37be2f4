/**
 * The reaper: what tasks have left running at other services is cancelled there once the task has stopped, again and
 * again until the service answers. What is found is said in the log of the step that started it.
 */

import { parseJson, stringifyJson } from '@taskyard/model/json'
import { wrongUrl } from '@taskyard/sdk/callableUrl'
import type { CancelRequest } from '@taskyard/sdk/definition'
import { reportFromElsewhere } from '@taskyard/store/callbacks/reportFromElsewhere'
import { inTransaction, type Pool } from '@taskyard/store/connection'
import { endUnit } from '@taskyard/store/externalWork/externalWork'
import { type LeftBehind, putOffUnit, takeLeftBehind } from '@taskyard/store/externalWork/takeLeftBehind'
import type { IdSource } from '@taskyard/store/ids'
import type { Keyring } from '@taskyard/store/sensitive/keyring'
import { longestCall } from '../commands/callbackUrl.ts'
import { Confidant } from '../sensitive/confidant.ts'

export interface ReaperOptions {
	readonly pool: Pool
	readonly clock: IdSource
	readonly log: (level: 'info' | 'warning', message: string) => void
	/** Opens what is sealed of a request; without it such a request waits for a worker that has it. */
	readonly keyring?: Keyring
}

/** Requests that are sent at once. */
const most = 20
/** How often stopped tasks are looked through, in milliseconds. */
const every = 2_000
const longestPause = 5 * 60_000
/** So long an attempt that was cut off may still learn the address: 1 + 2 + … + 128 s. */
const triesWithoutAddress = 9

/** Answers a function that cancels all that is due, and does not wait for services that are slow. */
export function openReaper(options: ReaperOptions): () => Promise<void> {
	let lookedAt = Number.NEGATIVE_INFINITY
	return async () => {
		if (performance.now() - lookedAt < every) return
		lookedAt = performance.now()
		for (const unit of await takeLeftBehind(options.pool, most, longestCall * 2))
			void reap(options, unit).catch((error: Error) =>
				options.log('warning', `Work left behind elsewhere is looked at again: ${error.message}`),
			)
	}
}

async function reap(options: ReaperOptions, unit: LeftBehind): Promise<void> {
	if (unit.ended) return endUnit(options.pool, unit, unit.n)
	const name = `The work that was started at ${unit.url} with the key ${unit.task}-${unit.step}-${unit.n}`
	if (unit.cancel === null) {
		if (unit.tries < triesWithoutAddress) return putOffUnit(options.pool, unit, pauseAfter(unit))
		await report(options, unit, `${name} may still run: the service has never said where it is. Look for it there.`)
		return endUnit(options.pool, unit, unit.n)
	}
	try {
		const said = await cancelThere(parseOpened(unit.cancel, options))
		await report(options, unit, `${name} was left behind by this task; it is cancelled there: ${said}.`)
	} catch (error) {
		if (unit.tries === 1)
			await report(
				options,
				unit,
				`${name} was left behind by this task and could not be cancelled: ${(error as Error).message} It is tried again until the service answers.`,
			)
		return putOffUnit(options.pool, unit, pauseAfter(unit))
	}
	await endUnit(options.pool, unit, unit.n)
}

const pauseAfter = ({ tries }: LeftBehind): number => Math.min(longestPause, 1_000 * 2 ** (tries - 1))

function parseOpened(json: string, { keyring }: ReaperOptions): CancelRequest {
	return (keyring ? new Confidant(keyring).openText(json) : parseJson(json)) as CancelRequest
}

/** Answers what the service said. Any answer but that nothing is left to cancel is an error. */
async function cancelThere({ method, url, headers, body }: CancelRequest): Promise<string> {
	const wrong = wrongUrl(url)
	if (wrong) throw new Error(`The address ${wrong}.`)
	const response = await fetch(url, {
		method,
		headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
		...(body !== undefined && { body: stringifyJson(body) }),
		redirect: 'manual',
		signal: AbortSignal.timeout(longestCall),
	}).catch((error: Error) => {
		const { cause = error } = error
		throw new Error(`It does not answer (${cause instanceof Error ? cause.message || cause.name : String(cause)}).`, { cause: error })
	})
	await response.body?.cancel()
	if (response.ok) return `the service answered with ${response.status}`
	if ([404, 409, 410].includes(response.status)) return `the service answered with ${response.status}, so nothing of it is left`
	throw new Error(`The service answered with ${response.status}.`)
}

async function report({ pool, clock, log }: ReaperOptions, { task, step, reportable }: LeftBehind, line: string): Promise<void> {
	if (!reportable) return log('info', line)
	await inTransaction(pool, async (client) => {
		await client.query('select from task where id = $1 for update', [task])
		await reportFromElsewhere(client, { task, step, attempt: 0, progress: null, lines: [line], at: clock.now() })
	})
}
