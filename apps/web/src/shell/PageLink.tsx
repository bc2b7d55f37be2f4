import type { ComponentProps } from 'react'
import { Link } from 'react-router'
import { preloadPage } from './pages.ts'

/** A link that fetches the code of its page when somebody means to follow it. */
export function PageLink({ to, ...props }: Omit<ComponentProps<typeof Link>, 'to'> & { readonly to: string }) {
	const preload = () => preloadPage(to)
	return <Link to={to} onPointerEnter={preload} onFocus={preload} {...props} />
}

/** The same for PatternFly's components, which call the target `href`. */
export function HrefLink({ href, ...props }: Omit<ComponentProps<typeof Link>, 'to'> & { readonly href: string }) {
	return <PageLink to={href} {...props} />
}
