import { expect, test } from '@playwright/test'
import { Program } from './commands.ts'
import { TaskPage } from './taskPages.ts'

test('tasks are selected by keyboard and cancelled together, with an outcome for each, and once more for those that were refused', async ({
	page,
	request,
}) => {
	const program = new Program(request)
	const paused = [await program.start('Command::Run', { command: 'exit 3' }), await program.start('Command::Run', { command: 'exit 4' })]
	const ended = await program.start('Command::Run', { command: 'echo over' })
	await page.goto('/tasks')
	const row = (id: string) => page.locator(`[data-task="${id}"]`)
	for (const id of paused) await expect(row(id)).toContainText('Paused')
	await expect(row(ended)).toContainText('Succeeded')

	await expect(page.getByRole('button', { name: 'Cancel…' })).toHaveCount(0)
	for (const id of [...paused, ended]) await row(id).getByRole('checkbox').press('Space')
	await expect(page.getByText('3 selected')).toBeVisible()
	await page.getByRole('button', { name: 'Cancel…' }).press('Enter')
	const dialog = page.getByRole('dialog', { name: 'Cancel 3 tasks?' })
	await expect(dialog).toContainText('1 is stopped already and will be refused')
	await expect(dialog.getByRole('list', { name: 'Tasks that will be refused' })).toHaveText('Run echo over')
	const button = dialog.getByRole('button', { name: 'Cancel 3 tasks' })
	await expect(button).toBeDisabled()
	await dialog.getByLabel(/^Reason/).fill('the wrong ones')
	await button.press('Enter')
	await expect(dialog).toBeHidden()
	for (const id of paused) await expect(row(id)).toContainText('Cancelled')

	await page.getByRole('link', { name: 'See what becomes of each' }).click()
	await expect(page).toHaveURL(/\/items$/)
	const bulk = new TaskPage(page)
	await expect(bulk.status).toHaveText('Succeeded')
	await expect(page.getByRole('link', { name: 'Done 2' })).toBeVisible()
	const items = page.getByRole('grid', { name: 'Items' })
	await expect(items.locator(`[data-task="${paused[0]}"]`)).toContainText('Done')
	await page.getByRole('link', { name: 'Refused 1' }).click()
	await expect(items.locator('[data-task]')).toHaveCount(1)
	await expect(items).toContainText('Run echo over')
	await expect(items).toContainText('stopped')

	await page.getByRole('button', { name: 'Run again for those that failed' }).click()
	await page.getByRole('dialog').getByRole('button', { name: 'Run again', exact: true }).click()
	await expect(page).not.toHaveURL(new RegExp(bulk.id))
	await expect(page.getByRole('link', { name: 'Refused 1' })).toBeVisible()

	await page.goto(`/tasks/${paused[0]}/history`)
	await expect(page.getByRole('grid', { name: 'History' })).toContainText('the wrong ones')
})

test('what is selected stays in place while new tasks come, and is given up with one click', async ({ page, request }) => {
	const program = new Program(request)
	const first = await program.start('Command::Run', { command: 'echo first' })
	await page.goto('/tasks')
	await expect(page.locator(`[data-task="${first}"]`)).toContainText('Succeeded')
	const box = page.locator(`[data-task="${first}"]`).getByRole('checkbox')
	await box.check()
	await page.mouse.move(0, 0)
	const place = await box.boundingBox()
	const second = await program.start('Command::Run', { command: 'echo second' })
	await expect(page.getByRole('button', { name: '1 new task' })).toBeVisible()
	await expect(page.locator(`[data-task="${second}"]`)).toHaveCount(0)
	expect(await box.boundingBox()).toEqual(place)
	await page.getByRole('button', { name: 'Select', exact: true }).click()
	await page.getByRole('menuitem', { name: 'Select none (0)' }).click()
	await expect(page.getByText(/selected$/)).toHaveCount(0)
	await expect(box).not.toBeChecked()
})
