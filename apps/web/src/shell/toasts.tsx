import { Alert, AlertActionCloseButton, AlertActionLink, AlertGroup } from '@patternfly/react-core'
import { createContext, type ReactNode, use, useCallback, useMemo, useRef, useState } from 'react'
import { HrefLink } from './PageLink.tsx'

interface Toast {
	readonly key: number
	readonly variant: 'success' | 'info' | 'danger'
	readonly title: string
	readonly text: string | null
	/** Where there is more to see. */
	readonly link?: { readonly text: string; readonly href: string }
}

/** Tells the person what came of an action. A success goes by itself, all else stays until it is closed. */
export type ShowToast = (toast: Omit<Toast, 'key'>) => void

const ToastContext = createContext<ShowToast | null>(null)

const successStays = 8000
const atMost = 3

export function useToast(): ShowToast {
	const show = use(ToastContext)
	if (!show) throw new Error('useToast: there is no Toasts above this component. Render it within <Toasts>.')
	return show
}

export function Toasts({ children }: { readonly children: ReactNode }) {
	const [toasts, setToasts] = useState<readonly Toast[]>([])
	const nextKey = useRef(0)
	const close = useCallback((key: number) => setToasts((shown) => shown.filter((toast) => toast.key !== key)), [])
	const show = useCallback<ShowToast>((toast) => {
		nextKey.current += 1
		const key = nextKey.current
		setToasts((shown) => [...shown, { ...toast, key }].slice(-atMost))
	}, [])
	const alerts = useMemo(
		() =>
			toasts.map(({ key, variant, title, text, link }) => (
				<Alert
					key={key}
					variant={variant}
					title={title}
					timeout={variant === 'success' ? successStays : false}
					onTimeout={() => close(key)}
					actionClose={<AlertActionCloseButton title={title} onClose={() => close(key)} />}
					{...(link && {
						actionLinks: (
							<AlertActionLink component={HrefLink} href={link.href} onClick={() => close(key)}>
								{link.text}
							</AlertActionLink>
						),
					})}
				>
					{text}
				</Alert>
			)),
		[toasts, close],
	)
	return (
		<ToastContext value={show}>
			{children}
			<AlertGroup isToast isLiveRegion aria-label="Messages">
				{alerts}
			</AlertGroup>
		</ToastContext>
	)
}
