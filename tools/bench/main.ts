/** `npm run bench -- NAME [--quick] [--json FILE]`: measures, prints, and writes the cases to a file. */

import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { type BenchArguments, parseArguments } from './arguments.ts'
import { type BenchCase, casesFile } from './cases.ts'
import { engineBench } from './engine/bench.ts'

type Bench = (options: { readonly quick: boolean; readonly say: (line: string) => void }) => Promise<BenchCase[]>

const benches: Readonly<Record<string, Bench>> = { engine: engineBench }

let given: BenchArguments
try {
	given = parseArguments(process.argv.slice(2), Object.keys(benches))
} catch (error) {
	console.error((error as Error).message)
	process.exit(2)
}

const run = benches[given.name] as Bench
const cases = await run({ quick: given.quick, say: (line) => console.log(line) })
for (const one of cases) console.log(`${one.met ? '✓' : '✗'} ${one.name}: ${one.met ? 'met' : 'not met'}`)
if (given.json !== null) {
	// npm runs scripts in the root of the project; a relative name is meant from where the command was typed.
	const file = path.resolve(process.env.INIT_CWD ?? process.cwd(), given.json)
	writeFileSync(file, casesFile(cases))
	console.log(`wrote ${file}`)
}
