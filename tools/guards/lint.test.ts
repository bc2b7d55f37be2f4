import { expect, test } from 'vitest'
import { brokenProject, runTool } from './brokenProject.ts'

const tsconfig = {
	compilerOptions: { module: 'nodenext', strict: true, noEmit: true, allowImportingTsExtensions: true, types: [] },
	include: ['**/*.ts', '**/*.tsx'],
}

const cases: [string, string, Record<string, string>][] = [
	['a promise that nobody awaits', 'no-floating-promises', { 'a.ts': 'async function save() {}\nexport const click = () => { save() }' }],
	[
		'a promise as a condition',
		'no-misused-promises',
		{ 'a.ts': 'const ready = async () => true\nexport const say = () => { if (ready()) return 1; return 2 }' },
	],
	['an await of no promise', 'await-thenable', { 'a.ts': 'export const wait = async (n: number) => { await n }' }],
	[
		'a switch that forgets a state',
		'switch-exhaustiveness-check',
		{ 'a.ts': "export function word(state: 'running' | 'paused') { switch (state) { case 'running': return 1 } return 2 }" },
	],
	['any', 'no-explicit-any', { 'a.ts': 'export const read = (text: any) => text' }],
	[
		'a cycle of imports',
		'no-cycle',
		{ 'a.ts': "import { b } from './b.ts'\nexport const a = () => b", 'b.ts': "import { a } from './a.ts'\nexport const b = () => a" },
	],
	[
		'the collected styles of PatternFly',
		'no-restricted-imports',
		{ 'a.ts': "import '@patternfly/react-core/dist/styles/patternfly.css'\nexport const page = 1" },
	],
	[
		'a hook behind a condition',
		'rules-of-hooks',
		{
			'apps/web/src/Page.tsx':
				"import { useState } from 'react'\nexport function Page({ open }: { open: boolean }) { if (open) { useState(1) } return null }",
		},
	],
]

test.each(cases)('lint: %s is reported', (_, rule, files) => {
	const project = brokenProject({ 'tsconfig.json': tsconfig, ...files }, ['.oxlintrc.json'])
	const result = runTool('oxlint', ['--type-aware', '--deny-warnings'], project)
	expect(result.output).toContain(rule)
	expect(result.code).not.toBe(0)
})

test('lint: a correct file passes', () => {
	const project = brokenProject({ 'tsconfig.json': tsconfig, 'a.ts': 'export const twice = (n: number): number => n * 2\n' }, [
		'.oxlintrc.json',
	])
	expect(runTool('oxlint', ['--type-aware', '--deny-warnings'], project)).toMatchObject({ code: 0 })
})

test('format: a file that the formatter would change is reported', () => {
	const project = brokenProject({ 'a.ts': 'export const a = "double";\n' }, ['biome.json'])
	const result = runTool('biome', ['format', '--vcs-enabled=false', '.'], project)
	expect(result.output).toContain('a.ts')
	expect(result.code).not.toBe(0)
})
