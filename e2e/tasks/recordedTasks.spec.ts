import { expect, test } from '@playwright/test'
import { Program } from './commands.ts'
import { TaskPage, witness } from './taskPages.ts'

test('what another program records is seen while it happens', async ({ page, request }) => {
	const program = new Program(request)
	await page.goto('/tasks')
	await expect(page.locator('[data-connection=live]')).toBeVisible()
	const id = await program.open('Nightly::Export', 'Export of the books')
	const row = page.locator(`[data-task="${id}"]`)
	await expect(row).toContainText('Running')

	await row.getByRole('link', { name: 'Export of the books' }).click()
	const task = new TaskPage(page)
	await expect(task.panel).toContainText('another program')
	const book = await witness(page)
	await program.report(id, { progress: 0.5, lines: ['half of it'], externalId: 'job-7', externalUrl: 'http://elsewhere.example/job-7' })
	await expect(task.panel.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '50')
	await expect(task.panel.getByRole('link', { name: 'job-7' })).toHaveAttribute('href', 'http://elsewhere.example/job-7')
	await task.openTab('Logs')
	await expect(task.panel.getByRole('log')).toContainText('half of it')
	await program.report(id, { lines: ['all of it'] })
	await expect(task.panel.getByRole('log')).toContainText('all of it')
	await program.close(id, 'success')
	await expect(task.status).toHaveText('Succeeded')
	expect((await book.read()).statuses.at(-1)).toBe('Succeeded')
	expect((await program.report(id, { progress: 0.6 })).refusal?.code).toBe('already_stopped')
})
