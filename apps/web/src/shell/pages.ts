import { type ComponentType, lazy } from 'react'

interface PageModule {
	readonly default: ComponentType
}

interface PageCode {
	readonly Page: ComponentType
	readonly matches: (path: string) => boolean
	readonly load: () => Promise<PageModule>
}

function page(matches: PageCode['matches'], load: PageCode['load']): PageCode {
	return { Page: lazy(load), matches, load }
}

/** The code of each page, fetched when somebody is about to open it, and when the browser is idle. */
export const pages = {
	taskList: page(
		(path) => path === '/tasks' || path.startsWith('/tasks?'),
		() => import('../tasks/TaskListPage.tsx'),
	),
	task: page(
		(path) => path.startsWith('/tasks/'),
		() => import('../tasks/TaskPage.tsx'),
	),
	taskTypes: page(
		(path) => path === '/task-types',
		() => import('../taskTypes/TaskTypesPage.tsx'),
	),
	startTask: page(
		(path) => path.endsWith('/start'),
		() => import('../taskTypes/StartTaskPage.tsx'),
	),
} satisfies Record<string, PageCode>

/** Fetches the code behind a path. A failure is met when the page is opened, and told there. */
export function preloadPage(path: string) {
	for (const { matches, load } of Object.values(pages)) if (matches(path)) load().catch(() => {})
}

export function preloadAllPages() {
	for (const { load } of Object.values(pages)) load().catch(() => {})
}
