import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const room = join(import.meta.dirname, '..')

/** The room by the name that authors call it by. */
const sdk = '@taskyard/sdk'

/** What every case begins with: an index of packages, and a download of one. */
const definitions = `
import { defineAction } from '${sdk}/defineAction'
import { defineTask } from '${sdk}/defineTask'
import type { StepContext } from '${sdk}/definition'
import type { PlanBuilder } from '${sdk}/planBuilder'
import { z } from 'zod'
const read = defineAction({
	label: 'Repository::Sync/read',
	input: z.object({ url: z.string() }),
	output: z.object({ packages: z.array(z.object({ name: z.string(), bytes: z.number() })) }),
	run: () => ({ packages: [] }),
})
const download = defineAction({
	label: 'Repository::Sync/download',
	input: z.object({ name: z.string(), retries: z.number().default(3) }),
	run: () => null,
	cancellable: true,
})
const sync = defineTask({ label: 'Repository::Sync', input: z.object({ url: z.string() }), output: z.object({ count: z.number() }), run: () => ({ count: 1 }) })
export function write(plan: PlanBuilder, { tasks }: StepContext) {
	const index = plan.step(read, { url: 'x' })
	void [plan, tasks, index, download, sync]
`

/** What does not compile, with the error that the compiler gives; null for what does. */
const cases: Record<string, readonly [code: string, error: string | null]> = {
	'a part of an output': ['plan.step(download, { name: index.output.packages[0].name })', null],
	'a part of a later item': ['plan.step(download, { name: index.output.packages[42]?.name ?? "" })', null],
	'a part that the output does not have': ['plan.step(download, { name: index.output.packges[0].name })', 'TS2551'],
	'a part that an item does not have': ['plan.step(download, { name: index.output.packages[0].title })', 'TS2339'],
	'a part of another type': ['plan.step(download, { name: index.output.packages[0].bytes })', 'TS2322'],
	'a missing field': ['plan.step(download, { retries: 2 })', 'TS2345'],
	'a wrong input': ['plan.step(download, { name: 3 })', 'TS2322'],
	'an unknown field': ['plan.step(download, { name: "a", nam: "b" })', 'TS2353'],
	'an unknown policy': ['plan.step(download, { name: "a" }, { rescue: "retry" })', 'TS2322'],
	'a wrong input of another task': ['void tasks.run(sync, { url: 1 })', 'TS2769'],
	'a wrong output of another task': ['void tasks.run(sync, { url: "x" }).then(({ sum }) => sum)', 'TS2339'],
	'an action that returns what it does not declare': [
		'defineAction({ label: "A/b", input: z.object({}), output: z.object({ n: z.number() }), run: () => ({ n: "x" }) })',
		'TS2322',
	],
	'a plan that returns what the type does not declare': [
		'defineTask({ label: "A", input: z.object({}), output: z.object({ n: z.number() }), actions: [read], plan: (p) => ({ n: p.step(read, { url: "x" }).output.packages }) })',
		'TS2769',
	],
}

let folder = ''
let output = ''

beforeAll(async () => {
	// Inside of the room, so that the cases find what an author's package would find.
	await mkdir(join(room, 'dist'), { recursive: true })
	folder = await mkdtemp(join(room, 'dist', 'types-'))
	const config = {
		extends: '../../../../tsconfig.base.json',
		compilerOptions: { noEmit: true, composite: false, rootDir: '../../../..' },
		include: ['*.ts'],
	}
	await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
	await Promise.all(Object.values(cases).map(([code], index) => writeFile(join(folder, `case${index}.ts`), `${definitions}\t${code}\n}\n`)))
	output = await promisify(execFile)('npx', ['--no-install', 'tsc', '-p', folder, '--pretty', 'false'], { cwd: join(room, '../..') }).then(
		({ stdout }) => stdout,
		(error: { stdout: string }) => error.stdout,
	)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

test.each(Object.entries(cases).map(([name, [, error]], index) => [name, error ?? 'compiles', index] as const))(
	'types: %s: %s',
	(_, expected, index) => {
		const found = output.split('\n').filter((line) => line.includes(`case${index}.ts`))
		expect(found.map((line) => /error (TS\d+)/.exec(line)?.[1])).toEqual(expected === 'compiles' ? [] : [expected])
	},
)
