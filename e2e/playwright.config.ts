import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { defineConfig } from '@playwright/test'

// This file is loaded by the runner first and then by each of its workers, which inherit its environment: decided once, known to all.
if (process.env['E2E_DATA'] === undefined) {
	const directory = mkdtempSync(path.join(tmpdir(), 'taskyard-e2e-'))
	process.env['E2E_DATA'] = directory
	process.env['E2E_PORT'] ??= String(20_000 + (process.pid % 20_000))
	process.on('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }))
}

const dataDirectory = process.env['E2E_DATA']
const port = process.env['E2E_PORT'] ?? '4180'
const root = path.join(import.meta.dirname, '..')

export default defineConfig({
	testDir: '.',
	outputDir: path.join(root, 'test-results/e2e'),
	workers: 1,
	fullyParallel: false,
	timeout: 120_000,
	expect: { timeout: 15_000 },
	forbidOnly: true,
	reporter: 'list',
	use: {
		baseURL: `http://localhost:${port}`,
		trace: 'retain-on-failure',
		launchOptions: { executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] },
	},
	webServer: {
		command: 'npm start',
		cwd: root,
		url: `http://127.0.0.1:${port}/readyz`,
		env: {
			PORT: port,
			DATA_DIRECTORY: dataDirectory,
			DATABASE_URL: '',
			LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn',
			WORKER_TASKS: path.join(root, 'libs/testkit/src/crewTasks.ts'),
		},
		timeout: 180_000,
		gracefulShutdown: { signal: 'SIGTERM', timeout: 30_000 },
		stdout: 'ignore',
		stderr: 'pipe',
	},
})
