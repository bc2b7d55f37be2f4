import {
	Button,
	Label,
	Masthead,
	MastheadBrand,
	MastheadContent,
	MastheadLogo,
	MastheadMain,
	MastheadToggle,
	Nav,
	NavGroup,
	NavItem,
	Page,
	PageSidebar,
	PageSidebarBody,
	PageToggleButton,
	SkipToContent,
} from '@patternfly/react-core'
import { CogIcon } from '@patternfly/react-icons'
import { lazy, type ReactNode, Suspense, useEffect, useRef } from 'react'
import { useLocation, useNavigationType } from 'react-router'
import { LiveChip } from './LiveChip.tsx'
import { OfflineBanner } from './OfflineBanner.tsx'
import { HrefLink } from './PageLink.tsx'

const mainId = 'main'

/** Nobody opens a menu in the first moment: its code comes after the page. */
const SettingsMenu = lazy(() => import('./SettingsMenu.tsx'))

/** The pages that exist, by what a person wants of them. */
const navigation = [
	{ title: 'Monitor', items: [{ name: 'Tasks', path: '/tasks' }] },
	{ title: 'Plan', items: [{ name: 'Task types', path: '/task-types' }] },
]

/** A page keeps its identity while the person moves between its tabs. */
function pageKey(path: string): string {
	const [, area = '', id = ''] = path.split('/')
	return `${area}/${id}`
}

/** What stands around every page: masthead, navigation, and where the keyboard goes when the page changes. */
export function Shell({ children }: { readonly children: ReactNode }) {
	const { pathname } = useLocation()
	useFocusOnNewPage(pageKey(pathname))
	return (
		<Page
			isManagedSidebar
			isContentFilled
			mainContainerId={mainId}
			skipToContent={
				<SkipToContent
					href={`#${mainId}`}
					onClick={(event) => {
						event.preventDefault()
						document.getElementById(mainId)?.focus()
					}}
				>
					Skip to content
				</SkipToContent>
			}
			masthead={<Head />}
			sidebar={
				<PageSidebar>
					<PageSidebarBody>
						<Nav aria-label="Pages">
							{navigation.map(({ title, items }) => (
								<NavGroup key={title} title={title}>
									{items.map(({ name, path }) => (
										<NavItem key={path} to={path} component={HrefLink} isActive={pathname === path || pathname.startsWith(`${path}/`)}>
											{name}
										</NavItem>
									))}
								</NavGroup>
							))}
						</Nav>
					</PageSidebarBody>
				</PageSidebar>
			}
		>
			<OfflineBanner />
			{children}
		</Page>
	)
}

function Head() {
	return (
		<Masthead display={{ default: 'inline' }}>
			<MastheadMain>
				<MastheadToggle>
					<PageToggleButton isHamburgerButton aria-label="Navigation" />
				</MastheadToggle>
				<MastheadBrand>
					<MastheadLogo component={HrefLink} href="/tasks" className="ty-brand" aria-label="Taskyard">
						<img src="/taskyard.svg" alt="" width="28" height="28" />
						<span className="ty-brand-name">Taskyard</span>
					</MastheadLogo>
				</MastheadBrand>
			</MastheadMain>
			<MastheadContent>
				<div className="ty-masthead">
					<Label variant="outline" isCompact className="ty-environment">
						{location.host}
					</Label>
					<span className="ty-masthead-end">
						<LiveChip />
						<Suspense fallback={<Button variant="plain" icon={<CogIcon />} aria-label="Settings" isDisabled />}>
							<SettingsMenu />
						</Suspense>
					</span>
				</div>
			</MastheadContent>
		</Masthead>
	)
}

/** A redirect is no step of the person, so it leaves the keyboard where it is. */
function useFocusOnNewPage(key: string) {
	const isRedirect = useNavigationType() === 'REPLACE'
	const shown = useRef(key)
	useEffect(() => {
		if (shown.current === key) return
		shown.current = key
		if (isRedirect) return
		const main = document.getElementById(mainId)
		main?.focus({ preventScroll: true })
		main?.scrollTo({ top: 0 })
	}, [key, isRedirect])
}
