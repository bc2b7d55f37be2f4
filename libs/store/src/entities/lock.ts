import { defineEntity, p } from '@mikro-orm/core'
import { lockModeCode } from '../tasks/codes.ts'
import { count, instant, label, word } from './columns.ts'

/** Something tasks refer to. */
export const ResourceEntity = defineEntity({
	name: 'Resource',
	tableName: 'resource',
	properties: {
		id: count().primary(),
		type: label(),
		key: label(),
		title: p.text().nullable(),
	},
})

/** A claim of a task on a resource, granted or in the line. */
export const LockEntity = defineEntity({
	name: 'Lock',
	tableName: 'lock',
	properties: {
		resourceId: count().primary(),
		taskId: p.uuid().primary(),
		name: p.text().primary(),
		mode: word(lockModeCode),
		/** Whose claims never conflict with this one. */
		ancestors: p.array().columnType('uuid[]'),
		granted: p.boolean(),
		place: count(),
		at: instant(),
	},
})

/** A reference from a task to a resource. */
export const LinkEntity = defineEntity({
	name: 'Link',
	tableName: 'link',
	properties: {
		taskId: p.uuid().primary(),
		resourceId: count().primary(),
	},
})
