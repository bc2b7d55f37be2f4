import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { brokenProject, root, runTool } from './brokenProject.ts'

const committed = readFileSync(join(root, 'libs/store/schema.sql'), 'utf8')

test('schema dump: one that has drifted from the migrations is reported, with the line', () => {
	const line = committed.split('\n').find((one) => /\bnot null\b/i.test(one)) ?? ''
	expect(line).not.toBe('')
	const project = brokenProject({ 'schema.sql': committed.replace(line, `${line} -- drifted`) })
	const result = runTool('tools/schema.ts', ['--check', join(project, 'schema.sql')], root)
	expect(result.output).toContain('schema.sql (-) is not the schema that the migrations make (+)')
	expect(result.output).toContain('-- drifted')
	expect(result.code).toBe(1)
})

test('schema dump: the committed one passes', () => {
	const project = brokenProject({ 'schema.sql': committed })
	expect(runTool('tools/schema.ts', ['--check', join(project, 'schema.sql')], root)).toMatchObject({ code: 0 })
})
