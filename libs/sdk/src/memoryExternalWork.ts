/** Work at other services that steps in memory have started. */

import type { CancelRequest, ExternalWork } from './definition.ts'

export interface MemoryUnit {
	readonly step: number
	readonly key: string
	readonly url: string
	address: string | null
	cancel: CancelRequest | null
	over: boolean
}

export function externalWorkOf(task: string, step: number, units: MemoryUnit[]): ExternalWork {
	const open = (): MemoryUnit | null => units.findLast((unit) => unit.step === step && !unit.over) ?? null
	const known = (key: string): MemoryUnit => {
		const unit = units.find((one) => one.key === key)
		if (!unit) throw new Error(`No work was begun with the key ${key}; call begin first.`)
		return unit
	}
	return {
		current: async () => open(),
		begin: async (url) => {
			const unit = open() ?? {
				step,
				key: `${task}-${step}-${units.filter((one) => one.step === step).length + 1}`,
				url,
				address: null,
				cancel: null,
				over: false,
			}
			if (!units.includes(unit)) units.push(unit)
			return { key: unit.key, address: unit.address }
		},
		keep: async (key, { address, cancel }) => {
			const unit = known(key)
			if (unit.address === null) {
				unit.cancel = cancel ?? unit.cancel
				unit.address = address ?? null
			}
			return { key, address: unit.address }
		},
		over: async (key) => {
			known(key).over = true
		},
	}
}
