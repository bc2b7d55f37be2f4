import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { Program } from './commands.ts'
import { StartPage, TaskPage } from './taskPages.ts'

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** A task with sub-tasks of which one waits for a person, one that another program carries out, and a bulk of which something was refused. */
async function addressesOfMany(page: Page): Promise<Readonly<Record<string, string>>> {
	const program = new Program(page.request)
	const parent = await program.start('Crew::Muster', {
		name: 'of three',
		members: [{ name: 'Ada' }, { name: 'Eve', needs: '/nowhere/rope' }],
	})
	const recorded = await program.open('Nightly::Export', 'Export of the books')
	await program.report(recorded, {
		progress: 0.5,
		lines: ['half of it'],
		externalId: 'job-7',
		externalUrl: 'http://elsewhere.example/job-7',
	})
	const bulk = await program.bulk('resume', [parent, recorded])
	await page.goto(`/tasks/${bulk}`)
	await expect(new TaskPage(page).status).toHaveText('Succeeded')
	await page.goto(`/tasks/${parent}`)
	await expect(new TaskPage(page).status).toHaveText('Paused')
	return {
		parent: `/tasks/${parent}`,
		'steps with sub-tasks': `/tasks/${parent}/steps?show=all`,
		'sub-tasks': `/tasks/${parent}/subtasks`,
		'no such sub-tasks': `/tasks/${parent}/subtasks?filter=cancelled`,
		recorded: `/tasks/${recorded}`,
		'log of another program': `/tasks/${recorded}/log`,
		items: `/tasks/${bulk}/items`,
	}
}

/** Pages by name: of a task that failed, as it has most to show. */
async function addressesOfOne(page: Page): Promise<Readonly<Record<string, string>>> {
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

			for (const [whose, addresses] of [
				['of one task', addressesOfOne],
				['of tasks that have to do with others', addressesOfMany],
			] as const)
				test(`no page ${whose} has a violation, or scrolls sideways`, async ({ page }) => {
					for (const [name, address] of Object.entries(await addresses(page))) {
						await test.step(name, async () => {
							await page.goto(address)
							await expect(page.locator('[data-connection=live]')).toBeVisible()
							await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
							await expect(page.getByText(/^Loading/)).toHaveCount(0)
							expect(await page.evaluate(() => document.documentElement.classList.contains('pf-v6-theme-dark'))).toBe(
								colorScheme === 'dark',
							)
							const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze()
							expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`)).toEqual([])
							expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
						})
					}
				})

			test('nor has the question before many are deleted', async ({ page }) => {
				const program = new Program(page.request)
				const ended = await program.start('Command::Run', { command: 'echo over' })
				const paused = await program.start('Command::Run', { command: 'exit 3' })
				await page.goto('/tasks')
				const row = (id: string) => page.locator(`[data-task="${id}"]`)
				await expect(row(ended)).toContainText('Succeeded')
				await expect(row(paused)).toContainText('Paused')
				for (const id of [ended, paused]) await row(id).getByRole('checkbox').check()
				const look = async () => (await new AxeBuilder({ page }).withTags(tags).analyze()).violations.map(({ id }) => id)
				expect(await look()).toEqual([])
				expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
				const menu = page.getByRole('button', { name: 'Actions on what is selected' })
				if (viewport.width < 768) await menu.click()
				await page.getByRole(viewport.width < 768 ? 'menuitem' : 'button', { name: 'Delete…' }).click()
				await expect(page.getByRole('dialog')).toContainText('1 is not stopped and will be refused')
				expect(await look()).toEqual([])
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
