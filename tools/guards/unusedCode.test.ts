import { expect, test } from 'vitest'
import { brokenProject, runTool } from './brokenProject.ts'

const room = {
	name: '@taskyard/store',
	version: '0.0.0',
	private: true,
	type: 'module',
	exports: { './*': './src/*.ts' },
	dependencies: { pg: '8.23.0' },
}

const project = () =>
	brokenProject(
		{
			'package.json': { name: 'taskyard', private: true, type: 'module' },
			'pnpm-workspace.yaml': 'packages: [libs/*]\n',
			'libs/store/package.json': room,
			'libs/store/src/claim.ts': 'export const claim = 1\nexport const forgotten = 2\nexport interface ForgottenToo { name: string }\n',
			'libs/store/src/claim.test.ts': "import { claim } from './claim.ts'\nconsole.log(claim)\n",
			'vitest.config.ts': 'export default {}\n',
		},
		['knip.json'],
	)

test('unused code: an export, a type and a dependency that nobody uses are reported, also behind the doors of a room', () => {
	const result = runTool('knip', ['--no-config-hints'], project())
	expect(result.output).toMatch(/forgotten\s+libs\/store\/src\/claim\.ts/)
	expect(result.output).toMatch(/ForgottenToo\s+interface\s+libs\/store\/src\/claim\.ts/)
	expect(result.output).toMatch(/pg\s+libs\/store\/package\.json/)
	expect(result.output).not.toMatch(/^claim\s/m)
	expect(result.code).not.toBe(0)
})
