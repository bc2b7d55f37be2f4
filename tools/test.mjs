// `npm test`: every guard and every test, one stage after the other, and the sum in the last line. A stage that cannot run has failed.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const results = join(root, 'test-results')
const bin = (name) => join(root, 'node_modules/.bin', name)
const environment = { ...process.env, NO_COLOR: '1', ...(process.argv.includes('--nightly') && { TASKYARD_NIGHTLY: '1' }) }

/** The guards: each is one test. Its output is shown only when it fails. */
const guards = [
	[
		'types of rooms, tests and tools',
		process.execPath,
		['node_modules/typescript/bin/tsc', '-p', 'tsconfig.test.json', '--pretty', 'false'],
	],
	['types of the page', process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'apps/web', '--pretty', 'false']],
	['lint', bin('oxlint'), ['--type-aware', '--deny-warnings']],
	['format', bin('biome'), ['format', '.']],
	['room graph', process.execPath, ['tools/graph/main.ts', '--check']],
	['schema dump', process.execPath, ['tools/schema.ts', '--check']],
	['generated GraphQL types', process.execPath, ['tools/codegen.mjs', '--check']],
	['unused code', bin('knip'), ['--no-config-hints']],
]

/** Runs a command; answers with its exit code and, unless it is shown at once, what it said. */
function run(command, parameters, { show = false } = {}) {
	return new Promise((resolve) => {
		const child = spawn(command, parameters, {
			cwd: root,
			env: environment,
			stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
		})
		let output = ''
		for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text))
		child.on('error', (error) => resolve({ code: 1, output: `${command} could not be started: ${error.message}` }))
		child.on('close', (code, signal) => resolve({ code: code ?? 1, output: signal ? `${output}\nended by ${signal}` : output }))
	})
}

const seconds = (since) => `${((performance.now() - since) / 1_000).toFixed(1)} s`
const counts = { passed: 0, failed: 0 }
const failures = []

function count(name, { passed, failed }, since) {
	counts.passed += passed
	counts.failed += failed
	if (failed > 0) failures.push(name)
	console.log(`${failed > 0 ? '✗' : '✓'} ${name}: ${passed} passed, ${failed} failed (${seconds(since)})`)
}

/** A guard fails with all that it said. */
function countGuard(name, fault, since) {
	if (fault !== undefined) console.log(fault.trimEnd())
	count(name, fault === undefined ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }, since)
}

/** Runs a test program that writes its result to a file, and counts by it. One that ends badly without a failed test counts as one failed. */
async function countTests(name, reportFile, command, parameters, read) {
	const since = performance.now()
	rmSync(reportFile, { force: true })
	console.log(`… ${name}`)
	const { code, output } = await run(command, parameters, { show: true })
	if (output) console.log(output)
	const { passed, failed } = existsSync(reportFile) ? read(JSON.parse(readFileSync(reportFile, 'utf8'))) : { passed: 0, failed: 0 }
	count(name, { passed, failed: code !== 0 && failed === 0 ? 1 : failed }, since)
}

/** A file that could not even be loaded has no tests, yet it has failed. */
const readVitest = (report) => ({
	passed: report.numPassedTests,
	failed:
		report.numFailedTests + report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length,
})

/** A test that passed at its second try only is not one to rely on. */
const readPlaywright = (report) => ({ passed: report.stats.expected, failed: report.stats.unexpected + report.stats.flaky })

mkdirSync(results, { recursive: true })

const began = performance.now()
const faults = await build(() => undefined)
countGuard('build', faults.length > 0 ? faults.join('\n') : undefined, began)

for (const [name, command, parameters] of guards) {
	const since = performance.now()
	const { code, output } = await run(command, parameters)
	countGuard(name, code === 0 ? undefined : output || `ended with ${code}`, since)
}

const vitestReport = join(results, 'vitest.json')
await countTests(
	'unit and integration',
	vitestReport,
	bin('vitest'),
	['run', '--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`],
	readVitest,
)

const playwrightReport = join(results, 'e2e.json')
environment.PLAYWRIGHT_JSON_OUTPUT_FILE = playwrightReport
await countTests(
	'end to end',
	playwrightReport,
	join(root, 'e2e/node_modules/.bin/playwright'),
	['test', '-c', 'e2e/playwright.config.ts', '--reporter=list,json'],
	readPlaywright,
)

if (failures.length > 0) console.log(`failed: ${failures.join(', ')}`)
console.log(`${counts.passed} passed, ${counts.failed} failed`)
process.exitCode = counts.failed > 0 ? 1 : 0
