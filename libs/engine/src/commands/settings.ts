/** Settings: rows that say what is offered, who changed it last, and when. */

import type { Queryable } from '@taskyard/store/connection'
import { refuse } from './refuse.ts'
import { type ChangeSetting, type Refused, type Setting, type SettingKey, settingKeys } from './types.ts'

interface Row {
	key: SettingKey
	value: string
	changed_by: number | null
	changed_at: number
}

/** All settings, in their order; one without a row is off. */
export async function readSettings(client: Queryable): Promise<readonly Setting[]> {
	const { rows } = await client.query<Row>({
		name: 'taskyard:readSettings',
		text: 'select key, value::text, changed_by, changed_at from setting where key = any($1::text[])',
		values: [settingKeys],
	})
	return settingKeys.map((key) => {
		const row = rows.find((one) => one.key === key)
		return { key, value: row?.value === 'true', changedBy: row?.changed_by ?? null, changedAt: row?.changed_at ?? null }
	})
}

/** A change to what it is already changes nothing, also not who and when. */
export async function changeSetting(client: Queryable, { key, value, who }: ChangeSetting): Promise<{ setting: Setting } | Refused> {
	const known = settingKeys.find((one) => one === key)
	if (!known) return refuse('unknown_setting', `There is no setting "${key}". Known are ${settingKeys.join(', ')}.`)
	if (typeof value !== 'boolean') return refuse('invalid_setting', `The setting "${key}" is ${String(value)}; expected true or false.`)
	await client.query(
		`insert into setting (key, value, changed_by, changed_at) values ($1, $2::json, $3, clock_timestamp())
on conflict (key) do update set value = excluded.value, changed_by = excluded.changed_by, changed_at = excluded.changed_at
where setting.value::text <> excluded.value::text`,
		[key, String(value), who],
	)
	const setting = (await readSettings(client)).find((one) => one.key === known) as Setting
	return { setting }
}

export async function areDangerousActionsOn(client: Queryable): Promise<boolean> {
	return (await readSettings(client)).some((setting) => setting.key === 'dangerous_actions' && setting.value)
}
