/** Looks at a database that may be in use, and says what is wrong with it. Reads only. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Queryable } from '../connection.ts'
import { type Check, checks } from './checks.ts'

/** A rule that does not hold. */
export interface Finding {
	readonly holds: string
	/** What is wrong, a line each, with the ids. */
	readonly faults: readonly string[]
	/** How many there are; `faults` are the first of them. */
	readonly count: number
}

export interface Examination {
	/** Of the rules that were looked at. */
	readonly rules: readonly string[]
	readonly findings: readonly Finding[]
}

/** Faults of one rule that are told. */
const mostTold = 20
/** Lines that are compared between two looks. */
const mostCompared = 10_000

/**
 * What is wrong must be so twice: a job outlives its task by a moment, and that is no fault.
 *
 * @param pause between the two looks at a rule that does not hold, in milliseconds
 */
export async function examine(client: Queryable, pause = 2_000): Promise<Examination> {
	const suspected: { readonly check: Check; readonly faults: readonly string[] }[] = []
	for (const check of checks) {
		const faults = await look(client, check)
		if (faults.length > 0) suspected.push({ check, faults })
	}
	const findings: Finding[] = []
	if (suspected.length > 0) await delay(pause)
	for (const { check, faults } of suspected) {
		const again = new Set(await look(client, check))
		const left = faults.filter((fault) => again.has(fault))
		if (left.length > 0) findings.push({ holds: check.holds, faults: left.slice(0, mostTold), count: left.length })
	}
	return { rules: checks.map((check) => check.holds), findings }
}

async function look(client: Queryable, { text }: Check): Promise<string[]> {
	const { rows } = await client.query<{ what: string }>(`select what from (${text}) found order by what limit ${mostCompared}`)
	return rows.map((row) => row.what)
}
