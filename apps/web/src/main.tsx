import '@patternfly/react-core/dist/styles/base.css'
import './taskyard.css'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { BrowserRouter } from 'react-router'
import { LiveContext } from './live/LiveContext.ts'
import { createLive } from './live/live.ts'
import { App } from './shell/App.tsx'
import { preloadAllPages } from './shell/pages.ts'
import { Toasts } from './shell/toasts.tsx'
import { createTaskStores, TaskStoresContext } from './tasks/taskStores.ts'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element with the id "root" to put the page into.')

const live = createLive(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`)
const stores = createTaskStores(live)
// The socket brings what changes: a snapshot is asked for once, and again only when somebody says so.
const queries = new QueryClient({
	defaultOptions: {
		queries: { staleTime: Number.POSITIVE_INFINITY, refetchOnReconnect: false, retry: 1, networkMode: 'always' },
		mutations: { networkMode: 'always' },
	},
})

createRoot(root).render(
	<StrictMode>
		<LiveContext value={live}>
			<TaskStoresContext value={stores}>
				<QueryClientProvider client={queries}>
					<BrowserRouter>
						<Toasts>
							<App />
						</Toasts>
					</BrowserRouter>
				</QueryClientProvider>
			</TaskStoresContext>
		</LiveContext>
	</StrictMode>,
)

if ('requestIdleCallback' in window) requestIdleCallback(preloadAllPages)
else setTimeout(preloadAllPages, 500)
