import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import { StartPage, TaskPage, witness } from './taskPages.ts'

const run = promisify(execFile)
const repository = path.join(import.meta.dirname, '../..')

let directory: string
test.beforeEach(async () => {
	directory = await mkdtemp(path.join(tmpdir(), 'taskyard-journey-'))
})
test.afterEach(async () => {
	await rm(directory, { recursive: true, force: true })
})

test('a backup runs while one watches', async ({ page }) => {
	const target = path.join(directory, 'libs.tar.gz')
	const form = new StartPage(page)
	await form.open('Backup::Directory')
	await form.fill({ Source: path.join(repository, 'libs'), Target: target })
	const book = await witness(page)
	const task = await form.start()
	await expect(task.status).toHaveText('Succeeded', { timeout: 90_000 })
	await expect(task.result).toHaveText('Result: Success')

	const { statuses, progress, runningTabs } = await book.read()
	expect(statuses).toContain('Running')
	expect(statuses.at(-1)).toBe('Succeeded')
	expect(progress.length).toBeGreaterThan(2)
	expect([...progress].sort((a, b) => a - b)).toEqual(progress)
	expect(progress.at(-1)).toBe(100)
	expect(new Set(runningTabs).size).toBeGreaterThan(1)

	const { stdout } = await run('tar', ['-tzf', target], { maxBuffer: 100_000_000 })
	expect(stdout).toMatch(/model\/src\/states\.ts$/m)

	await page.goto('/tasks')
	const row = page.locator(`[data-task="${task.id}"]`)
	await expect(row).toContainText('Succeeded')
	await expect(row).toContainText('100%')
})

test('a backup whose target has no directory pauses, says why, and goes on when there is one', async ({ page }) => {
	const source = path.join(directory, 'source')
	await mkdir(source)
	const parent = path.join(directory, 'absent')
	const form = new StartPage(page)
	await form.open('Backup::Directory')
	await form.fill({ Source: source, Target: path.join(parent, 'source.tar.gz') })
	const task = await form.start()
	await expect(task.status).toHaveText('Paused')
	await expect(task.result).toHaveText('Result: ? Error')

	await task.openTab('Errors')
	await expect(page).toHaveURL(/\/errors$/)
	await expect(task.panel).toContainText('Backup::Directory/')
	await expect(task.panel).toContainText(parent)
	await expect(task.panel.getByRole('group', { name: 'Input', exact: true })).toContainText('source.tar.gz')
	await expect(task.panel.getByRole('group', { name: 'Trace', exact: true })).toContainText(' at ')

	await mkdir(parent)
	await task.resume()
	await expect(task.status).toHaveText('Warning', { timeout: 60_000 })
	await expect(task.result).toHaveText('Result: Warning')
	await run('tar', ['-tzf', path.join(parent, 'source.tar.gz')])
})

test('a command that is cancelled is gone', async ({ page }) => {
	const mark = randomUUID()
	const form = new StartPage(page)
	await form.open('Command::Run')
	await form.fill({ Command: 'sleep 600' })
	await form.add('Environment', 'TASKYARD_JOURNEY', mark)
	const task = await form.start()
	await expect(task.status).toHaveText('Running')
	await expect.poll(() => commandsWith(mark)).toEqual(['sleep 600'])

	await task.cancel('It slept long enough')
	await expect(task.status).toHaveText('Cancelled', { timeout: 30_000 })
	expect(await commandsWith(mark)).toEqual([])
})

test('the second of two backups of one source pauses and leads to the first', async ({ page }) => {
	const source = path.join(directory, 'busy')
	await mkdir(source)
	// A file of holes takes no room, and long enough to read.
	const file = await open(path.join(source, 'holes'), 'w')
	await file.truncate(6_000_000_000)
	await file.close()
	const form = new StartPage(page)
	await form.open('Backup::Directory')
	await form.fill({ Source: source, Target: path.join(directory, 'first.tar.gz') })
	const first = await form.start()
	await expect(first.status).toHaveText('Running')
	const firstId = first.id

	await form.open('Backup::Directory')
	await form.fill({ Source: source, Target: path.join(directory, 'second.tar.gz') })
	const second = await form.start()
	const secondId = second.id
	await expect(second.status).toHaveText('Paused')
	await expect(second.panel).toContainText('a lock is held by another task')
	await second.openTab('Locks')
	const holder = second.panel.getByRole('row').getByRole('link')
	await expect(holder).toHaveText(`Backup of ${source}`)
	await second.openTab('Task')
	await second.panel
		.getByRole('link', { name: `Backup of ${source}` })
		.first()
		.click()
	await expect(page).toHaveURL(`/tasks/${firstId}`)

	for (const id of [firstId, secondId]) {
		await page.goto(`/tasks/${id}`)
		const task = new TaskPage(page)
		await task.cancel('The journey is over')
		await expect(task.status).toHaveText('Cancelled', { timeout: 60_000 })
	}
})

/** Command lines of the processes whose environment holds the mark. */
async function commandsWith(mark: string): Promise<readonly string[]> {
	const commands: string[] = []
	for (const pid of await readdir('/proc')) {
		if (!/^\d+$/.test(pid)) continue
		// A process may end while it is looked at.
		const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
		if (environment.includes(mark))
			commands.push((await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ').trim())
	}
	return commands.filter((command) => command !== '')
}
