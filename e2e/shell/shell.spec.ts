import { expect, test } from '@playwright/test'
import { StartPage, TaskPage } from '../tasks/taskPages.ts'

test('the keyboard leads past the masthead, and to the page that was opened', async ({ page }) => {
	await page.goto('/')
	await expect(page).toHaveURL('/tasks')
	await expect(page).toHaveTitle('Tasks · Taskyard')
	await page.keyboard.press('Tab')
	await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused()
	await page.keyboard.press('Enter')
	await expect(page.locator('#main')).toBeFocused()

	await page.getByRole('link', { name: 'Task types' }).press('Enter')
	await expect(page).toHaveTitle('Task types · Taskyard')
	await expect(page.locator('#main')).toBeFocused()
})

test('the theme that was chosen is there before the next page paints', async ({ page }) => {
	await page.emulateMedia({ colorScheme: 'light' })
	await page.goto('/tasks')
	await page.getByRole('button', { name: 'Settings' }).click()
	await page.getByRole('menuitem', { name: 'Dark' }).click()
	await expect(page.locator('html')).toHaveClass(/pf-v6-theme-dark/)
	await page.reload({ waitUntil: 'commit' })
	await page.waitForSelector('#root', { state: 'attached' })
	await expect(page.locator('html')).toHaveClass(/pf-v6-theme-dark/)
})

test('without the server the page says so, keeps what it shows, and comes back', async ({ page, context }) => {
	const form = new StartPage(page)
	await form.open('Command::Run')
	await form.fill({ Command: 'echo here; exit 1' })
	const task = await form.start()
	await expect(task.status).toHaveText('Paused')

	await context.setOffline(true)
	await expect(page.locator('[data-connection=offline]')).toContainText('Offline since')
	await expect(page.getByText(/Showing data from then/)).toBeVisible()
	await expect(task.status).toHaveText('Paused')
	await expect(page.getByRole('button', { name: 'Resume' })).toHaveAttribute('aria-disabled', 'true')

	await context.setOffline(false)
	await expect(page.locator('[data-connection=live]')).toBeVisible({ timeout: 30_000 })
	await task.cancel('')
	await expect(task.status).toHaveText('Cancelled')
})

test('a second page sees what the first one does', async ({ page, context }) => {
	const list = await context.newPage()
	await list.goto('/tasks')
	await expect(list.locator('[data-connection=live]')).toBeVisible()
	const form = new StartPage(page)
	await form.open('Command::Run')
	await form.fill({ Command: 'echo one && echo two' })
	const task = await form.start()
	await expect(task.status).toHaveText('Succeeded')
	await expect(list.locator(`[data-task="${task.id}"]`)).toContainText('Succeeded')

	await task.openTab('Logs')
	await expect(task.panel.getByRole('log')).toContainText('one')
	await expect(task.panel.getByRole('log')).toContainText('two')
	await page.reload()
	await expect(new TaskPage(page).panel.getByRole('log')).toContainText('two')
})

test('an address that leads nowhere says so', async ({ page }) => {
	await page.goto('/tasks/00000000-0000-7000-8000-000000000000')
	await expect(page.getByRole('heading', { name: 'There is no such task' })).toBeVisible()
	await page.goto('/nowhere')
	await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible()
})

test('on a phone the navigation gives way to the page that was chosen', async ({ page }) => {
	await page.setViewportSize({ width: 390, height: 844 })
	await page.goto('/tasks')
	const link = page.getByRole('link', { name: 'Task types' })
	await expect(link).toBeHidden()
	await page.getByRole('button', { name: 'Navigation' }).click()
	await link.click()
	await expect(page.getByRole('heading', { level: 1, name: 'Task types' })).toBeVisible()
	await expect(link).toBeHidden()
})
