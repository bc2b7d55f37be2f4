/** Everything that is served below `/api`. */

import { bulkRoutes } from './bulkRoutes.ts'
import { eventRoutes } from './eventRoutes.ts'
import { operationRoutes } from './operationRoutes.ts'
import { recordedTaskRoutes } from './recordedTaskRoutes.ts'
import type { Route } from './route.ts'
import { taskRoutes } from './taskRoutes.ts'

export const routes: readonly Route[] = [...taskRoutes, ...operationRoutes, ...eventRoutes, ...recordedTaskRoutes, ...bulkRoutes]
