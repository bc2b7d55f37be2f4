/** Commands in words, for the story of a sequence that failed. */

import type { Command } from './reference/commands.ts'
import type { Shape, StepShape, Tree } from './reference/shapes.ts'

export function tell(command: Command): string {
	if (command.kind !== 'start') {
		const { kind, ...rest } = command
		return `${kind} ${JSON.stringify(rest)}`
	}
	const { shape, opens, expires, edges } = command.order
	const when = [
		...(opens === null ? [] : [`opens at hour ${opens}`]),
		...(expires === null ? [] : [`expires at hour ${expires}`]),
		...edges.map(({ on, policy }) => `after task ${on} (${policy})`),
	]
	return ['start', ...when, tellShape(shape)].join(', ')
}

function tellShape({ tree, claims, planning, planHeld, planTries, planRescue, cancellable, confirmation }: Shape): string {
	const claimed = claims.map(
		({ resource, operation, shared, waits }) => `${shared ? 'shares' : 'locks'} ${resource} ${operation}${waits ? ', waits' : ''}`,
	)
	const planned = `plan ${planHeld ? 'held ' : ''}${planning.join(', ')}${planTries > 1 ? ` (${planTries} tries)` : ''}, then ${planRescue}`
	return [
		...(cancellable ? [] : ['not cancellable']),
		...(confirmation ? ['to be confirmed'] : []),
		...(planHeld || planning.some((ending) => ending !== 'well') ? [planned] : []),
		...claimed,
		tellTree(tree),
	].join('; ')
}

function tellTree(tree: Tree): string {
	return 'parts' in tree ? `${tree.order}[${tree.parts.map(tellTree).join(' | ')}]` : tellStep(tree)
}

function tellStep({
	held,
	deaf,
	booked,
	waitsFor,
	limited,
	stoppable,
	run,
	finalize,
	revert,
	tries,
	rescue,
	onLost,
	needs,
}: StepShape): string {
	return [
		held ? 'held' : 'at once',
		...(deaf ? ['deaf'] : []),
		...(booked ? ['booked'] : []),
		...(waitsFor > 0 ? [`waits for ${waitsFor}`] : []),
		...(limited ? ['limited'] : []),
		...(stoppable ? ['stoppable'] : []),
		run.join(','),
		...(finalize ? [`finalize ${finalize.join(',')}`] : []),
		...(revert ? [`revert ${revert.join(',')}`] : []),
		...(tries > 1 ? [`${tries} tries`] : []),
		...(rescue === 'pause' ? [] : [`rescue ${rescue}`]),
		...(onLost === 'retry' ? [] : ['lost is rescued']),
		...(needs === null ? [] : [`needs ${needs}`]),
	].join(' ')
}
