import { existsSync } from 'node:fs'
import { configDefaults, defineConfig } from 'vitest/config'

const globalSetup = new URL('libs/testkit/src/globalSetup.ts', import.meta.url)

export default defineConfig({
	// Node resolves the package to this file. Vite would take the ES module beside it: a second realm, in which no type is known to the first.
	resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
	test: {
		include: ['libs/**/*.test.ts', 'apps/**/*.test.{ts,tsx}', 'tools/**/*.test.ts'],
		exclude: [...configDefaults.exclude, '**/dist/**', 'tools/bench/peers/**', 'tools/guards/fixtures/**'],
		globalSetup: existsSync(globalSetup) ? [globalSetup.pathname] : [],
		testTimeout: 60_000,
		hookTimeout: 60_000,
		maxWorkers: 2,
	},
})
