import {
	Button,
	Dropdown,
	DropdownItem,
	DropdownList,
	MenuToggle,
	MenuToggleCheckbox,
	OverflowMenu,
	OverflowMenuContent,
	OverflowMenuControl,
	OverflowMenuDropdownItem,
	OverflowMenuGroup,
	OverflowMenuItem,
	Toolbar,
	ToolbarContent,
	ToolbarItem,
} from '@patternfly/react-core'
import { EllipsisVIcon } from '@patternfly/react-icons'
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
	return (
		<Toolbar id="selection" isSticky className="ty-selection" aria-label="What is done with the tasks that are selected">
			<ToolbarContent>
				<ToolbarItem>
					<BulkSelect shown={shown} selection={selection} />
				</ToolbarItem>
				{selection.ids.length > 0 && (
					<ToolbarItem>
						<Offers isOffline={offline !== null} onAsk={setAsked} />
					</ToolbarItem>
				)}
			</ToolbarContent>
			{asked && selection.ids.length > 0 && (
				<BulkDialog action={asked} ids={selection.ids} onDone={selection.clear} onClose={() => setAsked(null)} />
			)}
		</Toolbar>
	)
}

const offered = ['resume', 'cancel', 'rerun', 'delete'] as const

interface OffersProps {
	readonly isOffline: boolean
	readonly onAsk: (action: OfferedAction) => void
}

/** Buttons, and on a small screen a menu. */
function Offers({ isOffline, onAsk }: OffersProps) {
	const [isOpen, setIsOpen] = useState(false)
	return (
		<OverflowMenu breakpoint="md">
			<OverflowMenuContent>
				<OverflowMenuGroup groupType="button">
					{offered.map((action) => (
						<OverflowMenuItem key={action}>
							<Button variant="secondary" isDanger={action === 'delete'} isAriaDisabled={isOffline} onClick={() => onAsk(action)}>
								{offeredActions[action].offer}
							</Button>
						</OverflowMenuItem>
					))}
				</OverflowMenuGroup>
			</OverflowMenuContent>
			<OverflowMenuControl>
				<Dropdown
					isOpen={isOpen}
					onOpenChange={setIsOpen}
					toggle={(toggle) => (
						<MenuToggle
							ref={toggle}
							variant="plain"
							aria-label="Actions on what is selected"
							isExpanded={isOpen}
							onClick={() => setIsOpen(!isOpen)}
						>
							<EllipsisVIcon />
						</MenuToggle>
					)}
				>
					<DropdownList>
						{offered.map((action) => (
							<OverflowMenuDropdownItem
								key={action}
								isShared
								isDanger={action === 'delete'}
								isAriaDisabled={isOffline}
								onClick={() => {
									setIsOpen(false)
									onAsk(action)
								}}
							>
								{offeredActions[action].offer}
							</OverflowMenuDropdownItem>
						))}
					</DropdownList>
				</Dropdown>
			</OverflowMenuControl>
		</OverflowMenu>
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
