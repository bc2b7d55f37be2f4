/** Makes a one-time token by which work elsewhere answers a step. */

import { randomBytes } from 'node:crypto'
import type { Callback } from '@taskyard/sdk/definition'
import { insertCallback } from '@taskyard/store/callbacks/callbacks'
import type { Pool } from '@taskyard/store/connection'
import { repeatWhile } from '../repetition.ts'
import type { Running } from './attemptContext.ts'

/** @param publicUrl where the server is reached from outside */
export async function makeCallback(
	pool: Pool,
	{ task, step, attempt }: Running,
	expires: number | null,
	publicUrl: string,
	worthRepeating: () => boolean,
): Promise<Callback> {
	const token = randomBytes(32).toString('base64url')
	await repeatWhile(worthRepeating, () => insertCallback(pool, token, { task, step, attempt }, expires))
	return { url: `${publicUrl}/api/callbacks/${token}`, token }
}
