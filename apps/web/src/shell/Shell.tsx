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
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useRef, useState } from 'react'
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
	const sidebar = useSidebar(pathname)
	return (
		<Page
			onPageResize={sidebar.onPageResize}
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
			masthead={<Head isSidebarOpen={sidebar.isOpen} onSidebarToggle={sidebar.toggle} />}
			sidebar={
				<PageSidebar isSidebarOpen={sidebar.isOpen}>
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

interface HeadProps {
	readonly isSidebarOpen: boolean
	readonly onSidebarToggle: () => void
}

function Head({ isSidebarOpen, onSidebarToggle }: HeadProps) {
	return (
		<Masthead display={{ default: 'inline' }}>
			<MastheadMain>
				<MastheadToggle>
					<PageToggleButton isHamburgerButton aria-label="Navigation" isSidebarOpen={isSidebarOpen} onSidebarToggle={onSidebarToggle} />
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

/** Beside the page where there is room. Over it on a small screen, and only until somebody goes on with a page. */
function useSidebar(pathname: string) {
	const [isNarrow, setNarrow] = useState(false)
	const [isWanted, setWanted] = useState(true)
	const [isOver, setOver] = useState(false)
	useEffect(() => setOver(false), [pathname])
	useEffect(() => {
		if (!isOver) return
		const close = () => setOver(false)
		const main = document.getElementById(mainId)
		main?.addEventListener('click', close)
		return () => main?.removeEventListener('click', close)
	}, [isOver])
	return {
		isOpen: isNarrow ? isOver : isWanted,
		toggle: () => (isNarrow ? setOver(!isOver) : setWanted(!isWanted)),
		onPageResize: useCallback((_event: unknown, { mobileView }: { readonly mobileView: boolean }) => setNarrow(mobileView), []),
	}
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
