import { Dropdown, DropdownGroup, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core'
import { CogIcon } from '@patternfly/react-icons'
import { useState } from 'react'
import { useSource } from '../live/source.ts'
import { chooseTheme, type ThemeChoice, themeChoice, themeChoices } from './theme.ts'

const themeNames: Record<ThemeChoice, string> = { system: 'As the system', light: 'Light', dark: 'Dark' }

/** What a viewer can set for this browser. */
export default function SettingsMenu() {
	const [isOpen, setOpen] = useState(false)
	const chosen = useSource(themeChoice)
	return (
		<Dropdown
			isOpen={isOpen}
			onOpenChange={setOpen}
			onSelect={(_event, value) => {
				const choice = themeChoices.find((name) => name === value)
				if (choice) chooseTheme(choice)
				setOpen(false)
			}}
			popperProps={{ position: 'right' }}
			toggle={(ref) => (
				<MenuToggle
					ref={ref}
					variant="plain"
					isExpanded={isOpen}
					onClick={() => setOpen(!isOpen)}
					aria-label="Settings"
					icon={<CogIcon />}
				/>
			)}
		>
			<DropdownGroup label="Theme">
				<DropdownList>
					{themeChoices.map((choice) => (
						<DropdownItem key={choice} value={choice} isSelected={choice === chosen}>
							{themeNames[choice]}
						</DropdownItem>
					))}
				</DropdownList>
			</DropdownGroup>
		</Dropdown>
	)
}
