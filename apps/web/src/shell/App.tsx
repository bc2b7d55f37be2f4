import { Suspense } from 'react'
import { Navigate, Route, Routes, useLocation, useParams } from 'react-router'
import { ErrorBoundary } from './ErrorBoundary.tsx'
import { Loading } from './Loading.tsx'
import { NotFoundPage } from './NotFoundPage.tsx'
import { pages } from './pages.ts'
import { Shell } from './Shell.tsx'

const { taskList, task, taskTypes, startTask } = pages

/** Every address and its page. */
export function App() {
	const { pathname } = useLocation()
	return (
		<Shell>
			<ErrorBoundary place={pathname}>
				<Suspense fallback={<Loading what="the page" />}>
					<Routes>
						<Route path="/" element={<Navigate to="/tasks" replace />} />
						<Route path="/tasks" element={<taskList.Page />} />
						<Route path="/tasks/:id/:tab?" element={<task.Page />} />
						<Route path="/task-types" element={<taskTypes.Page />} />
						<Route path="/task-types/:label" element={<ToStart />} />
						<Route path="/task-types/:label/start" element={<startTask.Page />} />
						<Route path="*" element={<NotFoundPage />} />
					</Routes>
				</Suspense>
			</ErrorBoundary>
		</Shell>
	)
}

function ToStart() {
	const { label = '' } = useParams()
	return <Navigate to={`/task-types/${encodeURIComponent(label)}/start`} replace />
}
