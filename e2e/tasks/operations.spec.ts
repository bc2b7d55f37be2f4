import { expect, type Page, test } from '@playwright/test'
import { StartPage, type TaskPage } from './taskPages.ts'

async function start(page: Page, command: string): Promise<TaskPage> {
	const form = new StartPage(page)
	await form.open('Command::Run')
	await form.fill({ Command: command })
	return form.start()
}

async function choose(page: Page, action: string): Promise<void> {
	await page.getByRole('button', { name: 'More actions' }).click()
	await page.getByRole('menuitem', { name: action }).click()
}

test('a failed step is skipped with a reason, the task is run again, and the history says who did what', async ({ page }) => {
	const task = await start(page, 'echo no; false')
	await expect(task.status).toHaveText('Paused')
	await task.openTab('Errors')
	await page.getByRole('button', { name: 'Skip step 1' }).click()
	await page.getByLabel(/^Reason/).fill('it was not needed')
	await page.getByRole('button', { name: 'Skip step', exact: true }).click()
	await expect(task.status).toHaveText('Warning')

	await task.openTab('History')
	const history = page.getByRole('grid', { name: 'History' })
	const skip = history.getByRole('row', { name: /Skipped a step: Step 1/ })
	await expect(skip).toContainText('it was not needed')

	await choose(page, 'Run again')
	await expect(page).not.toHaveURL(new RegExp(task.id))
	await expect(task.status).toHaveText('Paused')
	await page.getByRole('button', { name: 'Resume' }).click()
	await expect(task.status).toHaveText('Paused')
})

test('a running command is ended by force, after its consequences were stated and its name was typed', async ({ page, request }) => {
	await request.post('/graphql', {
		data: { query: 'mutation { changeSetting(key: "dangerous_actions", value: true) { setting { value } } }' },
	})
	const task = await start(page, 'sleep 600')
	await expect(task.status).toHaveText('Running')
	await choose(page, 'Force unlock…')
	const dialog = page.getByRole('dialog')
	await expect(dialog).toContainText('1 running attempt no longer counts')
	const button = dialog.getByRole('button', { name: 'Force unlock' })
	await expect(button).toBeDisabled()
	await dialog.getByLabel(/^Type the name/).fill('Run sleep 600')
	await button.click()
	await expect(task.status).toHaveText('Force-unlocked')

	await choose(page, 'Delete…')
	await page.getByRole('button', { name: 'Delete task' }).click()
	await expect(page).toHaveURL(/\/tasks$/)
	await page.goto(`/tasks/${task.id}`)
	await expect(page.getByRole('heading', { name: 'There is no such task' })).toBeVisible()
})
