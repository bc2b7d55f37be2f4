// Builds what changed: `tsc -b` over every room but the page, the files that tsc does not carry, and the page when its inputs changed.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const pageStamp = join(root, 'node_modules', '.cache', 'taskyard', 'page-inputs')
const pageInputs = [
	'apps/web/{index.html,package.json,tsconfig.json,vite.config.ts}',
	'apps/web/{src,public}/**/*',
	'libs/{model,search,schedule}/src/**/*.ts',
	'apps/server/schema.graphql',
	'pnpm-lock.yaml',
	'tsconfig.base.json',
]

/** Runs one Node.js program of the project and answers with its exit code and everything it said. */
function run(script, args, cwd = root) {
	return new Promise((resolve) => {
		const child = spawn(process.execPath, [script, ...args], {
			cwd,
			env: { ...process.env, NO_COLOR: '1' },
			stdio: ['ignore', 'pipe', 'pipe'],
		})
		let output = ''
		for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
		child.on('error', (error) => resolve({ code: 1, output: String(error) }))
		child.on('close', (code) => resolve({ code: code ?? 1, output }))
	})
}

/** tsc carries no SQL: each file is copied beside its compiled reader when it is newer. */
function copySql() {
	for (const from of globSync('{apps,libs}/*/src/**/*.sql', { cwd: root })) {
		const source = join(root, from)
		const target = join(root, from.replace('/src/', '/dist/'))
		if (existsSync(target) && statSync(target).mtimeMs >= statSync(source).mtimeMs) continue
		mkdirSync(dirname(target), { recursive: true })
		copyFileSync(source, target)
	}
}

function hashOfPage() {
	const hash = createHash('sha256')
	for (const file of globSync(pageInputs, { cwd: root }).sort()) {
		if (!statSync(join(root, file)).isFile()) continue
		hash
			.update(`${file}\0`)
			.update(readFileSync(join(root, file)))
			.update('\0')
	}
	return hash.digest('hex')
}

async function buildPage(report) {
	if (!existsSync(join(root, 'apps/web/index.html')))
		return { code: 1, output: 'apps/web/index.html is missing: there is no page to build' }
	const hash = hashOfPage()
	const built = existsSync(join(root, 'apps/web/dist/index.html')) && existsSync(pageStamp) && readFileSync(pageStamp, 'utf8') === hash
	if (built) return { code: 0, output: '' }
	report('building the page')
	const result = await run(join(root, 'apps/web/node_modules/vite/bin/vite.js'), ['build', '--logLevel', 'warn'], join(root, 'apps/web'))
	if (result.code === 0) {
		mkdirSync(dirname(pageStamp), { recursive: true })
		writeFileSync(pageStamp, hash)
	}
	return result
}

async function buildRooms() {
	const result = await run(join(root, 'node_modules/typescript/bin/tsc'), ['-b'])
	copySql()
	return result
}

/**
 * Builds rooms and page side by side; answers with the lines of whatever failed, none when all is built.
 * @param {(line: string) => void} report is told what takes its time
 * @returns {Promise<string[]>}
 */
export async function build(report) {
	const [rooms, page] = await Promise.all([buildRooms(), buildPage(report)])
	return [
		...(rooms.code === 0 ? [] : [`tsc -b failed:\n${rooms.output.trimEnd()}`]),
		...(page.code === 0 ? [] : [`vite build of apps/web failed:\n${page.output.trimEnd()}`]),
	]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const faults = await build((line) => console.error(line))
	for (const fault of faults) console.error(fault)
	process.exitCode = faults.length === 0 ? 0 : 1
}
