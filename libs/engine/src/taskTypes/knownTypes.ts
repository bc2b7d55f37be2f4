/** The task types as one process needs them again and again: looked up once a second at most, with their compiled checks. */

import type { TaskTypeData } from '@taskyard/sdk/definition'
import type { Pool } from '@taskyard/store/connection'
import { checkAgainst, type InputCheck } from './checkInput.ts'
import { findTaskType } from './registry.ts'

/** How long an answer of the database is believed, in milliseconds. A worker may register a new version at any time. */
const believedFor = 1000

export interface KnownType {
	readonly data: TaskTypeData
	readonly check: InputCheck
}

export interface KnownTypes {
	find(label: string): Promise<KnownType | null>
}

export function openKnownTypes(pool: Pool): KnownTypes {
	const known = new Map<string, { type: KnownType; until: number }>()
	const underWay = new Map<string, Promise<KnownType | null>>()

	async function load(label: string): Promise<KnownType | null> {
		const data = await findTaskType(pool, label)
		if (!data) {
			known.delete(label)
			return null
		}
		const before = known.get(label)?.type
		const same = before && JSON.stringify(before.data) === JSON.stringify(data)
		const type = same ? before : { data, check: checkAgainst(data.inputSchema) }
		known.set(label, { type, until: performance.now() + believedFor })
		return type
	}

	return {
		async find(label) {
			const found = known.get(label)
			if (found && found.until > performance.now()) return found.type
			let loading = underWay.get(label)
			if (!loading) {
				loading = load(label).finally(() => underWay.delete(label))
				underWay.set(label, loading)
			}
			return loading
		},
	}
}
