import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** The checkout whose guards are tested. */
export const root = join(import.meta.dirname, '../..')

/** A small project with the given files, and copies of the named files of this checkout. It is gone when the test is over. */
export function brokenProject(files: Readonly<Record<string, string | object>>, copies: readonly string[] = []): string {
	const directory = mkdtempSync(join(tmpdir(), 'taskyard-guard-'))
	onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
	for (const [name, content] of Object.entries(files)) {
		const file = join(directory, name)
		mkdirSync(dirname(file), { recursive: true })
		writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
	}
	for (const name of copies) copyFileSync(join(root, name), join(directory, name))
	return directory
}

/** Runs a tool of this checkout in a project; answers with its exit code and all that it said. */
export function runTool(tool: string, parameters: readonly string[], cwd: string): { code: number | null; output: string } {
	const [program, first] = tool.endsWith('.ts') ? [process.execPath, [join(root, tool)]] : [join(root, 'node_modules/.bin', tool), []]
	const result = spawnSync(program, [...first, ...parameters], {
		cwd,
		encoding: 'utf8',
		env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
	})
	return { code: result.status, output: `${result.stdout}${result.stderr}` }
}
