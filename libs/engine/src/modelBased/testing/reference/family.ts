/**
 * A task and the sub-tasks that one of its steps has started, at rest: what the domain's *Sub-tasks* say of it. A sub-task
 * ends well, fails, or pauses until somebody resumes it, and ends well then.
 */

export type Fate = 'success' | 'fail' | 'pause'
export type Standing = 'paused' | 'success' | 'warning' | 'error' | 'cancelled'

export interface FamilyShape {
	readonly fates: readonly Fate[]
	readonly failWhen: 'any' | 'all'
	readonly leaveRunning: boolean
}

export interface Family {
	readonly members: readonly Standing[]
	/** State, result and reason of the parent. */
	readonly parent: string
	/** A person had to do something about the parent. */
	readonly touched: boolean
}

export type FamilyCommand =
	| { readonly kind: 'cancelParent' | 'resumeParent' }
	| { readonly kind: 'cancelMember' | 'resumeMember' | 'unlockMember'; readonly member: number }

const attention = 'paused/error sub_tasks_paused'
const failed = 'paused/error failed'

/** Every way in which all of them can come to rest. */
export function begun(shape: FamilyShape): Family[] {
	const own = shape.fates.map((fate): Standing => (fate === 'fail' ? 'error' : fate === 'pause' ? 'paused' : 'success'))
	return settled(shape, own, false)
}

/** Every way in which they come to rest after a command; none where the domain does not say what it means. */
export function after(shape: FamilyShape, family: Family, command: FamilyCommand): Family[] {
	const { members, parent, touched } = family
	if (!('member' in command)) {
		if (command.kind === 'cancelParent')
			return parent.startsWith('stopped') ? [] : [{ members: withoutOpen(members), parent: 'stopped/cancelled cancelled', touched }]
		const again = members.map((member) => (member === 'paused' ? 'warning' : member))
		return parent === attention ? settled(shape, again, true) : []
	}
	// Only what is paused is acted on, and its parent needs attention until somebody looks at it.
	if (members[command.member] !== 'paused') return []
	const ends = { cancelMember: 'cancelled', resumeMember: 'warning', unlockMember: 'error' } as const
	return [{ ...family, members: members.with(command.member, ends[command.kind]) }]
}

/** @param members what becomes of each if nobody ends it before */
function settled(shape: FamilyShape, members: readonly Standing[], touched: boolean): Family[] {
	const bad = members.filter((member) => member === 'error' || member === 'cancelled').length
	const tooMany = shape.failWhen === 'any' ? bad > 0 : bad === members.length
	const early = tooMany && !shape.leaveRunning
	// Whoever has failed is first; which of the others end by themselves before they hear of it is a matter of luck.
	if (early) return luck(members).map((some) => ({ members: withoutOpen(some), parent: failed, touched }))
	if (members.includes('paused')) return [{ members, parent: attention, touched }]
	if (tooMany) return [{ members, parent: failed, touched }]
	return [{ members, parent: `stopped/${touched ? 'warning' : 'success'}`, touched }]
}

const withoutOpen = (members: readonly Standing[]): Standing[] => members.map((member) => (member === 'paused' ? 'cancelled' : member))

/** Some of them are cancelled, and one at least has failed. */
function luck(members: readonly Standing[]): Standing[][] {
	let ways: Standing[][] = [[]]
	for (const member of members)
		ways = ways.flatMap((way) =>
			member === 'cancelled'
				? [[...way, member]]
				: [
						[...way, member],
						[...way, 'cancelled' as const],
					],
		)
	const hasFailed = (way: readonly Standing[]): boolean =>
		way.some((member, index) => member === 'error' || (member === 'cancelled' && members[index] === 'cancelled'))
	return ways.filter(hasFailed)
}
