// `node tools/graph/main.ts --check [FOLDER]` compares manifests, imports and the picture in the README with the table of rooms;
// `--write` draws the picture anew.
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { graphFaults } from './check.ts'
import { withDrawing } from './draw.ts'

const [mode, folder] = process.argv.slice(2)
const root = resolve(folder ?? join(import.meta.dirname, '../..'))
const readme = join(root, 'README.md')

const text = readFileSync(readme, 'utf8')
const drawn = withDrawing(text)
const faults: string[] = []
if (drawn === undefined)
	faults.push('README.md: the markers <!-- rooms:start --> and <!-- rooms:end --> are missing; put both where the graph of rooms belongs.')

switch (mode) {
	case '--write':
		if (drawn !== undefined) writeFileSync(readme, drawn)
		break
	case '--check':
		if (drawn !== undefined && drawn !== text)
			faults.push('README.md: the graph of rooms is not the one of tools/graph/rooms.ts; run `node tools/graph/main.ts --write`.')
		faults.push(...graphFaults(root))
		break
	default:
		faults.push(`tools/graph/main.ts: expected --check or --write, got ${mode ?? 'nothing'}.`)
}
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1
