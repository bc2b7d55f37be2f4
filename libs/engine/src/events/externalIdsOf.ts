import type { ExternalId } from '@taskyard/store/externalIds/externalIds'
import type { Write } from '@taskyard/store/tasks/applyDecisions'

/** What the work of steps is called elsewhere, where a decision says so for the first time. */
export function externalIdsOf({ before, changed: { task, steps } }: Write): ExternalId[] {
	const ids: ExternalId[] = []
	for (const step of steps) {
		const suspension = task.steps[step]?.suspension
		if (!suspension || suspension.externalId === null) continue
		const known = before.steps[step]?.suspension
		const { externalId: value, externalUrl: url = null } = suspension
		if (known?.externalId !== value || (known.externalUrl ?? null) !== url) ids.push({ task: task.id, step, value, url })
	}
	return ids
}
