/** The lines of duplicate keys among the tasks of one run in memory. */

import { admitDuplicate, type DuplicateAdmission } from '@taskyard/model/duplicates'
import type { LockClaim } from '@taskyard/model/plan'

/** What stands in a line. */
export interface InLine {
	/** Its parent, the parent of that one, and so on: they never stand in each other's way. */
	readonly ancestors: ReadonlySet<InLine>
	/** Told when those before it have left. */
	goOn(): void
}

export class MemoryDuplicates<One extends InLine & { readonly id: string }> {
	readonly #lines = new Map<string, One[]>()

	/** Decides whether a task is made, before it stands there. The discarded one gets the task that counts. */
	admit(
		claim: LockClaim,
		ancestors: ReadonlySet<InLine>,
	): Exclude<DuplicateAdmission, { kind: 'discarded' }> | { kind: 'discarded'; task: One } {
		const before = this.#line(claim).filter((other) => !ancestors.has(other))
		const admission = admitDuplicate(
			claim,
			before.map(({ id }) => id),
		)
		if (admission.kind !== 'discarded') return admission
		return { kind: 'discarded', task: before.find(({ id }) => id === admission.task) as One }
	}

	/** A task that stands there already keeps its place. */
	join(claim: LockClaim, one: One): void {
		const line = this.#line(claim)
		if (!line.includes(one)) line.push(one)
	}

	isTurnOf(claim: LockClaim, one: One): boolean {
		const line = this.#line(claim)
		return line.slice(0, line.indexOf(one)).every((other) => one.ancestors.has(other) || other.ancestors.has(one))
	}

	leave(claim: LockClaim, one: One): void {
		const line = this.#line(claim)
		const place = line.indexOf(one)
		if (place === -1) return
		line.splice(place, 1)
		for (const other of [...line]) other.goOn()
	}

	#line({ resource }: LockClaim): One[] {
		const line = this.#lines.get(resource.id) ?? []
		this.#lines.set(resource.id, line)
		return line
	}
}
