import { Label, LabelGroup, type LabelProps } from '@patternfly/react-core'
import { BanIcon, CheckCircleIcon, ExclamationCircleIcon, ListIcon, MinusCircleIcon, PendingIcon } from '@patternfly/react-icons'
import type { ComponentType } from 'react'
import type { BulkOutcome } from '../graphql/generated/graphql.ts'
import { HrefLink } from '../shell/PageLink.tsx'
import { type BulkCounts, outcomeNames, presentOutcomes } from './bulkWords.ts'

interface Look {
	readonly icon: ComponentType
	readonly status?: NonNullable<LabelProps['status']>
	readonly color?: NonNullable<LabelProps['color']>
}

const looks: Record<BulkOutcome | 'all', Look> = {
	all: { color: 'grey', icon: ListIcon },
	done: { status: 'success', icon: CheckCircleIcon },
	refused: { status: 'warning', icon: BanIcon },
	failed: { status: 'danger', icon: ExclamationCircleIcon },
	open: { color: 'blue', icon: PendingIcon },
	not_done: { color: 'grey', icon: MinusCircleIcon },
}

/** What has become of an item; text and icon say it without the colour. */
export function OutcomeLabel({ outcome }: { readonly outcome: BulkOutcome }) {
	const { icon: Icon, ...look } = looks[outcome]
	return (
		<Label variant="outline" isCompact {...look} icon={<Icon />}>
			{outcomeNames[outcome]}
		</Label>
	)
}

interface OutcomeLinksProps {
	readonly task: string
	readonly counts: BulkCounts
	/** Those that the page shows; null for all. */
	readonly shown: BulkOutcome | null
}

const whole = new Intl.NumberFormat('en')

/** How many items have come to what; each number leads to those it counts. */
export function OutcomeLinks({ task, counts, shown }: OutcomeLinksProps) {
	const present = presentOutcomes(counts)
	const total = present.reduce((sum, [, count]) => sum + count, 0)
	const links: readonly (readonly [BulkOutcome | null, number])[] = [[null, total], ...present]
	return (
		<LabelGroup aria-label="Items by what has become of them" numLabels={links.length}>
			{links.map(([outcome, count]) => {
				const { icon: Icon, ...look } = looks[outcome ?? 'all']
				return (
					<Label
						key={outcome ?? 'all'}
						variant={outcome === shown ? 'filled' : 'outline'}
						isClickable
						{...look}
						icon={<Icon />}
						render={({ className, content, componentRef }) => (
							<HrefLink
								href={`/tasks/${task}/items${outcome ? `?outcome=${outcome}` : ''}`}
								className={className}
								ref={componentRef}
								{...(outcome === shown && { 'aria-current': 'true' as const })}
							>
								{content}
							</HrefLink>
						)}
					>
						{outcome ? outcomeNames[outcome] : 'All'} {whole.format(count)}
					</Label>
				)
			})}
		</LabelGroup>
	)
}
