import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { graphFaults } from '../graph/check.ts'
import { withDrawing } from '../graph/draw.ts'
import { importsOf } from '../graph/imports.ts'
import { rooms } from '../graph/rooms.ts'
import { brokenProject, root, runTool } from './brokenProject.ts'

/** All rooms, empty, with the given files on top. */
const house = (files: Readonly<Record<string, string | object>> = {}) =>
	brokenProject({
		'README.md': withDrawing('<!-- rooms:start --><!-- rooms:end -->') ?? '',
		...Object.fromEntries([...rooms].map(([name, room]) => [`${room.path}/package.json`, { name: `@taskyard/${name}` }])),
		...files,
	})

const manifest = (dependencies: Record<string, string>) => ({ dependencies })

test.each([
	[
		'a manifest that looks upwards',
		{ 'libs/store/package.json': manifest({ '@taskyard/engine': '*' }) },
		'libs/store/package.json: store may not depend on engine; allowed: model, search.',
	],
	[
		'a manifest of a pure room',
		{ 'libs/model/package.json': manifest({ '@taskyard/sdk': '*' }) },
		'libs/model/package.json: model may not depend on sdk; allowed: no room.',
	],
	[
		'a dependency for tests',
		{ 'apps/server/package.json': { devDependencies: { '@taskyard/actions': '*', '@taskyard/testkit': '*' } } },
		'apps/server/package.json: server may not depend on actions, for tests neither',
	],
	[
		'an import that looks upwards',
		{ 'libs/sdk/src/a.ts': "\nimport { pool } from '@taskyard/store/connection'" },
		'libs/sdk/src/a.ts:2: sdk may not import @taskyard/store/connection; allowed: model.',
	],
	[
		'an import of a type',
		{ 'apps/web/src/a.tsx': "import type { Task } from '@taskyard/store/task'" },
		'apps/web/src/a.tsx:1: web may not import @taskyard/store/task',
	],
	[
		'a dynamic import',
		{ 'apps/web/src/a.ts': "const load = () => import('@taskyard/engine/run')" },
		'apps/web/src/a.ts:1: web may not import @taskyard/engine/run',
	],
	[
		'an import over several lines',
		{ 'libs/live/src/a.ts': "import {\n\tone,\n\ttwo,\n} from '@taskyard/engine/commands/startTask'" },
		'libs/live/src/a.ts:1: live may not import @taskyard/engine/commands/startTask',
	],
	[
		'a relative import out of the room',
		{ 'libs/live/src/a.ts': "export { pool } from '../../store/src/connection.ts'" },
		'libs/live/src/a.ts:1: ../../store/src/connection.ts leaves the room live',
	],
	[
		'the engine behind its commands',
		{ 'apps/server/src/a.ts': "import { run } from '@taskyard/engine/execution/run'" },
		'apps/server/src/a.ts:1: server may not import @taskyard/engine/execution/run',
	],
	[
		'Node.js in a pure room',
		{ 'libs/search/src/a.ts': "import { readFileSync } from 'node:fs'" },
		'libs/search/src/a.ts:1: search is pure and may not import node:fs of Node.js.',
	],
	[
		'the test room in what ships',
		{ 'libs/store/src/a.ts': "import { waitFor } from '@taskyard/testkit/waitFor'" },
		'libs/store/src/a.ts:1: @taskyard/testkit/waitFor is for tests only.',
	],
	[
		'what tests of a room share in what ships',
		{ 'libs/engine/src/a.ts': "import { engine } from './testing/engine.ts'" },
		'libs/engine/src/a.ts:1: ./testing/engine.ts is for tests only.',
	],
	[
		'author code in the supervisor',
		{
			'apps/worker/src/main.ts': "import { supervise } from './supervisor/supervise.ts'",
			'apps/worker/src/supervisor/supervise.ts':
				"import { spawn } from 'node:child_process'\nimport { shipped } from '@taskyard/actions/shipped'",
		},
		'apps/worker/src/supervisor/supervise.ts:2: the supervisor of a worker imports @taskyard/actions/shipped (apps/worker/src/main.ts → apps/worker/src/supervisor/supervise.ts)',
	],
])('room graph: %s is reported', (_, files, fault) => {
	expect(graphFaults(house(files))).toEqual([expect.stringContaining(fault)])
})

test('room graph: a room without a manifest is reported', () => {
	const project = house()
	rmSync(join(project, 'libs/model/package.json'))
	expect(graphFaults(project)).toEqual([expect.stringContaining('libs/model/package.json is missing: the table of rooms names model.')])
})

test('room graph: what the table allows passes', () => {
	const project = house({
		'apps/server/package.json': { dependencies: { '@taskyard/engine': '*' }, devDependencies: { '@taskyard/testkit': '*' } },
		'apps/server/src/a.ts':
			"import { startTask } from '@taskyard/engine/commands/startTask'\n// import { run } from '@taskyard/engine/run'\n/* import('@taskyard/actions/x') */",
		'apps/server/src/a.test.ts': "import { waitFor } from '@taskyard/testkit/waitFor'",
		'libs/engine/src/testing/engine.ts': "import { waitFor } from '@taskyard/testkit/waitFor'",
		'libs/engine/src/a.test.ts': "import { engine } from './testing/engine.ts'",
		'apps/worker/src/main.ts': "import type { Shipped } from '@taskyard/actions/shipped'\nimport './child.ts'",
		'apps/worker/src/child.ts': "export const load = () => import('@taskyard/actions/shipped')",
	})
	expect(graphFaults(project)).toEqual([])
	expect(runTool('tools/graph/main.ts', ['--check', project], root)).toEqual({ code: 0, output: '' })
})

test('room graph: a picture in the README that is not the table is reported', () => {
	const project = house({ 'README.md': '<!-- rooms:start -->\ngraph TD\n<!-- rooms:end -->\n' })
	const result = runTool('tools/graph/main.ts', ['--check', project], root)
	expect(result).toMatchObject({
		code: 1,
		output: expect.stringContaining('README.md: the graph of rooms is not the one of tools/graph/rooms.ts'),
	})
})

test('imports are read with their line and kind', () => {
	const source = [
		"import a from 'a'",
		"import type { B } from './b.ts'",
		"import 'c'",
		"export * from 'd'",
		"const e = await import('e')",
		"// import f from 'f'",
	].join('\n')
	expect(importsOf('x.ts', source).map(({ target, line, typeOnly, dynamic }) => [target, line, typeOnly, dynamic])).toEqual([
		['a', 1, false, false],
		['./b.ts', 2, true, false],
		['c', 3, false, false],
		['d', 4, false, false],
		['e', 5, false, true],
	])
})
