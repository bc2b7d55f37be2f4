import { expect, test } from 'vitest'
import { brokenProject, runTool } from './brokenProject.ts'

const tsconfig = { extends: './tsconfig.base.json', compilerOptions: { composite: false, noEmit: true, types: [] }, include: ['*.ts'] }

test.each([
	['an element that may be missing', 'export const first = (list: string[]): string => list[0]', 'TS2322'],
	['an optional field set to undefined', 'const plan: { name?: string } = { name: undefined }\nexport { plan }', 'TS2375'],
	['a wrong call', 'export const length = (text: string) => text.length\nlength(5)', 'TS2345'],
	['syntax that is not erasable', 'export enum State { pending }', 'TS1294'],
])('types: %s is reported', (_, source, code) => {
	const project = brokenProject({ 'tsconfig.json': tsconfig, 'broken.ts': source }, ['tsconfig.base.json'])
	const result = runTool('tsc', ['-p', '.'], project)
	expect(result.output).toContain(`error ${code}`)
	expect(result.code).not.toBe(0)
})
