import { Button } from '@patternfly/react-core'
import { AngleLeftIcon, AngleRightIcon } from '@patternfly/react-icons'
import { useLocation, useNavigate, useSearchParams } from 'react-router'

interface KeysetPagingProps {
	/** What there are pages of. */
	readonly what: string
	/** What the next page comes after; null at the end. */
	readonly next: string | null
}

/** Leads to the next page of what this address shows. Back goes the way one came; an address from somewhere else leads to the first page. */
export function KeysetPaging({ what, next }: KeysetPagingProps) {
	const navigate = useNavigate()
	const [parameters] = useSearchParams()
	const { state, pathname } = useLocation()
	const isFirst = !parameters.has('after')
	const cameFromBefore = (state as { readonly fromBefore?: boolean } | null)?.fromBefore === true
	if (isFirst && next === null) return null
	const at = (after: string | null) => {
		const changed = new URLSearchParams(parameters)
		if (after === null) changed.delete('after')
		else changed.set('after', after)
		return `${pathname}?${changed}`
	}
	return (
		<nav aria-label={`Pages of ${what}`} className="ty-paging">
			{!isFirst && (
				<Button variant="link" icon={<AngleLeftIcon />} onClick={() => void (cameFromBefore ? navigate(-1) : navigate(at(null)))}>
					{cameFromBefore ? 'Previous' : 'First'}
				</Button>
			)}
			{next !== null && (
				<Button
					variant="link"
					icon={<AngleRightIcon />}
					iconPosition="end"
					onClick={() => void navigate(at(next), { state: { fromBefore: true } })}
				>
					Next
				</Button>
			)}
		</nav>
	)
}
