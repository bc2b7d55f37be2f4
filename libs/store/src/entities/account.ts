import { defineEntity, p } from '@mikro-orm/core'
import { instant, jsonText } from './columns.ts'

/** Who started a task. */
export const UserEntity = defineEntity({
	name: 'User',
	tableName: 'user',
	properties: {
		id: p.integer().primary(),
		login: p.text().unique(),
		name: p.text(),
		createdAt: instant(),
	},
})

/** A setting of the whole installation. */
export const SettingEntity = defineEntity({
	name: 'Setting',
	tableName: 'setting',
	properties: {
		key: p.text().primary(),
		value: jsonText(),
		changedAt: instant(),
		changedBy: p.integer().nullable(),
	},
})
