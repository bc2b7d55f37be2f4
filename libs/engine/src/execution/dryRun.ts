/** An attempt of kind *plan* for a task that does not exist: what it would do is answered, and nothing else is stored. */

import type { TaskDefinition } from '@taskyard/sdk/definition'
import { parseJson, stringifyJson } from '@taskyard/model/json'
import { maskSealed } from '@taskyard/model/sensitive/sealed'
import { renderTemplate } from '@taskyard/model/template'
import type { Pool } from '@taskyard/store/connection'
import type { Keyring } from '@taskyard/store/sensitive/keyring'
import type { DryRunPlanned } from '../commands/types.ts'
import { repeatWhile } from '../repetition.ts'
import { Confidant } from '../sensitive/confidant.ts'
import { sealPlan } from '../sensitive/sealPlan.ts'
import { changeChannel } from '../wakeUp.ts'

interface Options {
	readonly pool: Pool
	readonly definitions: ReadonlyMap<string, TaskDefinition>
	readonly keyring: Keyring
	readonly worthRepeating: () => boolean
}

/**
 * Answers a dry run that somebody waits for. One of a type that this process does not have is left to those that have
 * it; one that is answered already stays as it is.
 */
export async function answerDryRun({ pool, definitions, keyring, worthRepeating }: Options, id: string): Promise<void> {
	const { rows } = await repeatWhile(worthRepeating, () =>
		pool.query<{ label: string; input: string }>('select label, input::text from dry_run where id = $1 and answered_at is null', [id]),
	)
	const definition = rows[0] && definitions.get(rows[0].label)
	if (!rows[0] || !definition) return
	const answer = maskSealed(stringifyJson(await planned(new Confidant(keyring), definition, rows[0].input)))
	await repeatWhile(worthRepeating, () =>
		pool.query('update dry_run set answer = $2, answered_at = clock_timestamp() where id = $1 and answered_at is null', [id, answer]),
	)
	// In a transaction of its own, as all wake-ups.
	await pool.query(`select pg_notify('${changeChannel}', '')`).catch(() => undefined)
}

/** As it is kept: JSON text of one of the two. */
async function planned(
	confidant: Confidant,
	definition: TaskDefinition,
	input: string,
): Promise<DryRunPlanned | { readonly failure: object }> {
	try {
		const { plan, name, locks = plan.locks } = sealPlan(confidant, definition, await definition.plan(confidant.openText(input)))
		return { planned: { name: name ?? renderTemplate(definition.data.name, parseJson(input)), plan: { ...plan, locks }, locks } }
	} catch (thrown) {
		return { failure: { ...confidant.errorOf(thrown).error, reason: 'planning_failed' } }
	}
}
