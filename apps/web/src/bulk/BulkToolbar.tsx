import {
	Button,
	Dropdown,
	DropdownItem,
	DropdownList,
	MenuToggle,
	MenuToggleCheckbox,
	Toolbar,
	ToolbarContent,
	ToolbarGroup,
	ToolbarItem,
} from '@patternfly/react-core'
import { useState } from 'react'
import { useOfflineReason } from '../shell/OfflineBanner.tsx'
import type { Selection } from '../tasks/selection.ts'
import { BulkDialog } from './BulkDialog.tsx'
import { type OfferedAction, offeredActions } from './bulkWords.ts'

interface BulkToolbarProps {
	readonly shown: readonly string[]
	readonly selection: Selection
}

/** Chooses the rows of a page, and acts on those that are chosen. It has its place always, so that no row moves when it is used. */
export function BulkToolbar({ shown, selection }: BulkToolbarProps) {
	const [asked, setAsked] = useState<OfferedAction | null>(null)
	const offline = useOfflineReason()
	const offer = (action: OfferedAction) => (
		<ToolbarItem key={action}>
			<Button variant="secondary" isDanger={action === 'delete'} isAriaDisabled={offline !== null} onClick={() => setAsked(action)}>
				{offeredActions[action].offer}
			</Button>
		</ToolbarItem>
	)
	return (
		<Toolbar id="selection" className="ty-selection" aria-label="What is done with the tasks that are selected">
			<ToolbarContent>
				<ToolbarItem>
					<BulkSelect shown={shown} selection={selection} />
				</ToolbarItem>
				{selection.ids.length > 0 && (
					<ToolbarGroup variant="action-group">{(['resume', 'cancel', 'rerun', 'delete'] as const).map(offer)}</ToolbarGroup>
				)}
			</ToolbarContent>
			{asked && selection.ids.length > 0 && (
				<BulkDialog action={asked} ids={selection.ids} onDone={selection.clear} onClose={() => setAsked(null)} />
			)}
		</Toolbar>
	)
}

function BulkSelect({ shown, selection: { ids, chooseAll, clear } }: BulkToolbarProps) {
	const [isOpen, setIsOpen] = useState(false)
	const isAll = ids.length === shown.length
	const done = (change: () => void) => () => {
		setIsOpen(false)
		change()
	}
	return (
		<Dropdown
			isOpen={isOpen}
			onOpenChange={setIsOpen}
			toggle={(toggle) => (
				<MenuToggle
					ref={toggle}
					isExpanded={isOpen}
					aria-label="Select"
					onClick={() => setIsOpen(!isOpen)}
					splitButtonItems={[
						<MenuToggleCheckbox
							key="all"
							id="select-page"
							aria-label={isAll ? 'Select none' : 'Select all on this page'}
							isChecked={isAll ? true : ids.length > 0 ? null : false}
							onChange={() => (isAll ? clear() : chooseAll())}
						>
							{ids.length > 0 ? `${ids.length} selected` : ''}
						</MenuToggleCheckbox>,
					]}
				/>
			)}
		>
			<DropdownList>
				<DropdownItem onClick={done(clear)}>Select none (0)</DropdownItem>
				<DropdownItem onClick={done(chooseAll)}>Select page ({shown.length})</DropdownItem>
			</DropdownList>
		</Dropdown>
	)
}
