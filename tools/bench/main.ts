/** `npm run bench -- NAME`: measures, prints, and writes the cases to a file. `arguments.ts` has the options. */

import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { type BenchArguments, parseArguments } from './arguments.ts'
import { type BenchCase, casesFile, describeCase } from './cases.ts'
import { engineBench } from './engine/bench.ts'
import { caseNames } from './engine/workload.ts'

interface Bench {
	readonly cases: readonly string[]
	readonly run: (
		options: Pick<BenchArguments, 'quick' | 'cases' | 'profile'> & { readonly say: (line: string) => void },
	) => Promise<BenchCase[]>
}

const benches: Readonly<Record<string, Bench>> = { engine: { cases: caseNames, run: engineBench } }

let given: BenchArguments
try {
	given = parseArguments(process.argv.slice(2), Object.fromEntries(Object.entries(benches).map(([name, bench]) => [name, bench.cases])))
} catch (error) {
	console.error((error as Error).message)
	process.exit(2)
}

// npm runs scripts in the root of the project; a relative name is meant from where the command was typed.
const named = (file: string): string => path.resolve(process.env.INIT_CWD ?? process.cwd(), file)

const { run } = benches[given.name] as Bench
const cases = await run({ ...given, profile: given.profile && named(given.profile), say: (line) => console.log(line) })
console.log(`\n${cases.map(describeCase).join('\n')}`)
if (given.json !== null) {
	const file = named(given.json)
	writeFileSync(file, casesFile(cases))
	console.log(`wrote ${file}`)
}
