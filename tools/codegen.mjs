// `npm run codegen`: apps/server/schema.graphql from the classes of the server, then types and document texts of the page and of the command
// line, from that schema and their own documents. `--check` writes nothing and fails when what is committed is not what would be written.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const check = process.argv.includes('--check')
const schemaFile = join(root, 'apps/server/schema.graphql')

/** The schema as the server serves it. Decorators need the compiler: the server is built first, which is quick when it is built. */
function printSchema() {
	const built = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'apps/server'], { cwd: root, encoding: 'utf8' })
	if (built.status !== 0) return { fault: `the server does not compile, so its schema cannot be printed:\n${built.stdout}${built.stderr}` }
	const program = `import { printedSchema } from '${join(root, 'apps/server/dist/schema/printSchema.js')}'\nprocess.stdout.write(printedSchema())`
	const printed = spawnSync(process.execPath, ['--conditions=compiled', '--input-type=module', '-e', program], {
		cwd: root,
		encoding: 'utf8',
	})
	if (printed.status !== 0) return { fault: `the schema cannot be printed:\n${printed.stderr}` }
	return { text: printed.stdout }
}

/** Writes or compares the schema; says what is wrong, if anything. */
function schemaFault() {
	const { text, fault } = printSchema()
	if (fault !== undefined) return fault
	const committed = readFileSync(schemaFile, 'utf8')
	if (text === committed) return undefined
	if (check) return 'apps/server/schema.graphql is not what the server serves: run `npm run codegen` and commit what it writes.'
	writeFileSync(schemaFile, text)
	return undefined
}

/** Writes or compares what an app that asks the server generates. */
function documentFault(app) {
	const result = spawnSync(join(root, 'node_modules/.bin/graphql-codegen'), ['--config', 'codegen.ts', ...(check ? ['--check'] : [])], {
		cwd: join(root, app),
		stdio: 'inherit',
	})
	if (result.status === 0) return undefined
	return check
		? `The generated types of ${app} are not those of its documents and the schema: run \`npm run codegen\` and commit what it writes.`
		: `graphql-codegen failed in ${app}: see above.`
}

const faults = [schemaFault(), documentFault('apps/web'), documentFault('apps/cli')].filter((fault) => fault !== undefined)
for (const fault of faults) console.error(fault)
process.exitCode = faults.length === 0 ? 0 : 1
