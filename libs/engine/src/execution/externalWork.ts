/** What an attempt is given to keep its work at another service by. */

import { stringifyJson } from '@taskyard/model/json'
import type { CancelRequest, ExternalUnit, ExternalWork } from '@taskyard/sdk/definition'
import { wrongUrl } from '@taskyard/sdk/callableUrl'
import { abortReason, Failure } from '@taskyard/sdk/failure'
import type { Pool } from '@taskyard/store/connection'
import { beginUnit, currentUnit, endUnit, keepUnit, type StoredUnit } from '@taskyard/store/externalWork/externalWork'
import { repeatWhile } from '../repetition.ts'
import { abort, type Running } from './attemptContext.ts'

export function externalWorkOf(pool: Pool, running: Running, worthRepeating: () => boolean): ExternalWork {
	const { task, step, attempt, confidant } = running
	const prefix = `${task}-${step}-`
	const unitOf = ({ n, address }: StoredUnit): ExternalUnit => ({ key: `${prefix}${n}`, address })
	const numberOf = (key: string): number => {
		const n = key.startsWith(prefix) ? Number(key.slice(prefix.length)) : Number.NaN
		if (Number.isInteger(n)) return n
		throw wrong('key', 'the key of a unit that this step has begun', key)
	}
	const stored = <Result>(work: () => Promise<Result>): Promise<Result> => repeatWhile(worthRepeating, work)
	return {
		async current() {
			const unit = await stored(() => currentUnit(pool, running))
			return unit && unitOf(unit)
		},
		async begin(url) {
			check('url', url)
			const unit = await stored(() => beginUnit(pool, running, attempt, url))
			if (unit) return unitOf(unit)
			abort(running, 'not_mine')
			throw abortReason('not_mine')
		},
		async keep(key, { address, cancel }) {
			if (address !== undefined) check('address', address)
			if (cancel) check('cancel.url', cancel.url)
			const request = cancel ? confidant.seal(stringifyJson(cancel satisfies CancelRequest, 'cancel')) : null
			const unit = await stored(() => keepUnit(pool, running, numberOf(key), address ?? null, request))
			if (!unit) throw wrong('key', 'the key of a unit that this step has begun', key)
			return unitOf(unit)
		},
		over: (key) => stored(() => endUnit(pool, running, numberOf(key))),
	}
}

function check(field: string, url: string): void {
	const fault = wrongUrl(url)
	if (fault) throw wrong(field, 'an address that may be called', `${url}, which ${fault}`)
}

function wrong(field: string, expected: string, found: string): Failure {
	return new Failure(`externalWork, ${field}: expected ${expected}, found ${found}`, { code: 'invalid_external_work', retryable: false })
}
