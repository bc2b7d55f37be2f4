import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { StartPage } from './taskPages.ts'

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** Pages by name: of a task that failed, as it has most to show. */
async function addresses(page: Page): Promise<Readonly<Record<string, string>>> {
	const form = new StartPage(page)
	await form.open('Command::Run')
	await form.fill({ Command: 'echo before; echo oh >&2; exit 3' })
	const task = await form.start()
	await expect(task.status).toHaveText('Paused')
	const own = `/tasks/${task.id}`
	return {
		list: '/tasks',
		task: own,
		steps: `${own}/steps?show=all`,
		errors: `${own}/errors`,
		locks: `${own}/locks`,
		raw: `${own}/raw`,
		log: `${own}/log`,
		history: `${own}/history`,
		types: '/task-types',
		form: '/task-types/Backup%3A%3ADirectory/start',
		'not found': '/nowhere',
		'no such task': '/tasks/00000000-0000-7000-8000-000000000000',
	}
}

for (const colorScheme of ['light', 'dark'] as const)
	for (const viewport of [
		{ width: 1440, height: 900 },
		{ width: 390, height: 844 },
	])
		test.describe(`${colorScheme}, ${viewport.width} wide`, () => {
			test.use({ colorScheme, viewport, contextOptions: { reducedMotion: 'reduce' } })

			test('no page has a violation, or scrolls sideways', async ({ page }) => {
				for (const [name, address] of Object.entries(await addresses(page))) {
					await test.step(name, async () => {
						await page.goto(address)
						await expect(page.locator('[data-connection=live]')).toBeVisible()
						await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
						await expect(page.getByText(/^Loading/)).toHaveCount(0)
						expect(await page.evaluate(() => document.documentElement.classList.contains('pf-v6-theme-dark'))).toBe(colorScheme === 'dark')
						const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze()
						expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`)).toEqual([])
						expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
					})
				}
			})

			test('nor has the question before a cancel', async ({ page }) => {
				const form = new StartPage(page)
				await form.open('Command::Run')
				await form.fill({ Command: 'sleep 600' })
				const task = await form.start()
				await expect(task.status).toHaveText('Running')
				await page.getByRole('button', { name: 'Cancel', exact: true }).click()
				await expect(page.getByRole('dialog')).toBeVisible()
				const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze()
				expect(violations.map(({ id }) => id)).toEqual([])
				await page.getByRole('dialog').getByRole('button', { name: 'Cancel task' }).click()
				await expect(task.status).toHaveText('Cancelled', { timeout: 30_000 })
			})
		})
