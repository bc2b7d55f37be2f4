import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { Program } from './commands.ts'
import { TaskPage } from './taskPages.ts'

let directory: string
test.beforeEach(async () => {
	directory = await mkdtemp(path.join(tmpdir(), 'taskyard-subtasks-'))
})
test.afterEach(async () => {
	await rm(directory, { recursive: true, force: true })
})

test('a paused sub-task stops its parent, is found from there, and both go on when a person has helped', async ({ page, request }) => {
	const needs = path.join(directory, 'rope')
	const members = [{ name: 'Ada' }, { name: 'Bob' }, { name: 'Eve', needs }]
	const id = await new Program(request).start('Crew::Muster', { name: 'one', members })
	await page.goto(`/tasks/${id}`)
	const task = new TaskPage(page)
	await expect(task.status).toHaveText('Paused')
	await expect(page.getByRole('tab', { name: 'Sub-tasks 3' })).toBeVisible()

	await page.getByRole('link', { name: 'The sub-task that is paused' }).click()
	await expect(page).toHaveURL(`/tasks/${id}/subtasks?filter=paused`)
	const rows = page.getByRole('grid', { name: 'Sub-tasks' }).locator('[data-task]')
	await expect(rows).toHaveCount(1)
	await expect(rows).toContainText('Eve')
	await expect(rows).toContainText('A step failed.')
	await page.getByRole('link', { name: 'Succeeded 2' }).click()
	await expect(rows).toHaveCount(2)
	await page.getByRole('link', { name: 'All 3' }).click()
	await expect(rows).toHaveCount(3)

	await rows.getByRole('link', { name: 'Eve' }).click()
	await expect(page.getByRole('heading', { level: 1, name: 'Eve' })).toBeVisible()
	await page.getByRole('navigation', { name: 'Where this task is' }).getByRole('link', { name: 'Crew one' }).click()
	await expect(page).toHaveURL(`/tasks/${id}`)

	await page.getByRole('link', { name: 'The sub-task that is paused' }).click()
	await expect(rows).toContainText('Paused')
	await writeFile(needs, '')
	await task.resume()
	await expect(task.status).toHaveText('Warning')
	await expect(page.getByRole('link', { name: 'Warning 1' })).toBeVisible()
	// It is paused no more, and stays under the eyes of who reads it until they look again.
	await expect(rows).toContainText('Warning')
	await page.getByRole('button', { name: 'None is left: look again' }).click()
	await expect(page.getByRole('heading', { name: 'Paused: none' })).toBeVisible()

	await page.goto(`/tasks/${id}/steps?show=all`)
	await expect(page.getByRole('grid', { name: 'Steps' }).getByRole('link', { name: 'Succeeded 2' })).toHaveAttribute(
		'href',
		`/tasks/${id}/subtasks?step=0&filter=success`,
	)
})

test('many sub-tasks are paged, and the way back is the way one came', async ({ page, request }) => {
	const members = Array.from({ length: 60 }, (_, number) => ({ name: `Hand ${number + 1}` }))
	const id = await new Program(request).start('Crew::Muster', { name: 'many', members })
	await page.goto(`/tasks/${id}/subtasks`)
	await expect(new TaskPage(page).status).toHaveText('Succeeded', { timeout: 60_000 })
	const rows = page.getByRole('grid', { name: 'Sub-tasks' }).locator('[data-task]')
	await expect(rows).toHaveCount(50)
	await expect(rows.first()).toContainText('Hand 1')
	await page.getByRole('button', { name: 'Next' }).click()
	await expect(rows).toHaveCount(10)
	await expect(rows.last()).toContainText('Hand 60')
	await page.getByRole('button', { name: 'Previous' }).click()
	await expect(rows).toHaveCount(50)
})

test('a task without sub-tasks has no tab for them, and its address says so', async ({ page, request }) => {
	const id = await new Program(request).start('Command::Run', { command: 'true' })
	await page.goto(`/tasks/${id}`)
	await expect(new TaskPage(page).status).toHaveText('Succeeded')
	await expect(page.getByRole('tab', { name: /^Sub-tasks/ })).toHaveCount(0)
	await page.goto(`/tasks/${id}/subtasks`)
	await expect(page.getByRole('heading', { name: 'This task has no sub-tasks' })).toBeVisible()
})
