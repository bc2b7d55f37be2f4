/** vitest's global setup: one PostgreSQL per run, with a template database that has everything in it. */

import type { TestProject } from 'vitest/node'
import { createTemplate, startTestServer } from './server.ts'

declare module 'vitest' {
	export interface ProvidedContext {
		testServerUrl: string
		testTemplate: string
	}
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
	const server = await startTestServer({ durability: 'test', settings: { log_min_duration_statement: '-1' } })
	project.provide('testServerUrl', server.url)
	project.provide('testTemplate', await createTemplate(server.url))
	return () => server.remove()
}
