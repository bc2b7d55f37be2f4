/** Everything that is served below `/api`. */

import { operationRoutes } from './operationRoutes.ts'
import type { Route } from './route.ts'
import { taskRoutes } from './taskRoutes.ts'

export const routes: readonly Route[] = [...taskRoutes, ...operationRoutes]
