import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { useDatabase } from '@taskyard/testkit/database'
import { newId } from '@taskyard/testkit/rows'
import { expect, it } from 'vitest'

const database = useDatabase()

async function doctor(url: string, ...words: string[]): Promise<{ code: number | null; output: string; errors: string }> {
	const child = spawn(process.execPath, [fileURLToPath(new URL('../main.ts', import.meta.url)), 'doctor', ...words], {
		env: { ...process.env, DATABASE_URL: url },
	})
	let [output, errors] = ['', '']
	child.stdout.on('data', (data: Buffer) => {
		output += String(data)
	})
	child.stderr.on('data', (data: Buffer) => {
		errors += String(data)
	})
	const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
	return { code, output, errors }
}

it('names each rule, and ends with 1 and the ids when one does not hold', async () => {
	const well = await doctor(database.url)
	expect(well).toMatchObject({ code: 0, errors: '' })
	const lines = well.output.trimEnd().split('\n')
	expect(lines.length).toBeGreaterThan(10)
	for (const line of lines) expect(line).toMatch(/^✓ [A-Z].*\.$/)

	const id = newId()
	await database.pool.query('insert into timer (task_id, step, kind, due_at) values ($1, 0, 0, clock_timestamp())', [id])
	const ill = await doctor(database.url)
	expect(ill.code).toBe(1)
	expect(ill.output).toContain(`✗ A stopped task has no timer.\n    a timer of task ${id} is due at`)
	const { code, output } = await doctor(database.url, '--json')
	expect(code).toBe(1)
	expect(JSON.parse(output)).toMatchObject({ findings: [{ count: 1, faults: [expect.stringContaining(id)] }] })
})

it('says what to look at when there is no such database', async () => {
	const url = new URL(database.url)
	url.pathname = '/nowhere'
	const { code, errors } = await doctor(url.href)
	expect(code).toBe(4)
	expect(errors).toContain('could not be examined')
	expect(errors).toContain('DATABASE_URL')
})
