// `npm run codegen`: the page's types and document texts from apps/server/schema.graphql and its own documents. `--check` writes nothing and
// fails when what is committed is not what would be written.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const check = process.argv.includes('--check')

const result = spawnSync(join(root, 'node_modules/.bin/graphql-codegen'), ['--config', 'codegen.ts', ...(check ? ['--check'] : [])], {
	cwd: join(root, 'apps/web'),
	stdio: 'inherit',
})
if (check && result.status !== 0)
	console.error('The generated types of apps/web are not those of its documents and the schema: run `npm run codegen`.')
process.exitCode = result.status ?? 1
