import { expect, type Locator, type Page } from '@playwright/test'

/** The form that starts tasks of a type. */
export class StartPage {
	private readonly page: Page

	constructor(page: Page) {
		this.page = page
	}

	async open(label: string) {
		await this.page.goto('/tasks')
		await this.page.getByRole('link', { name: 'Start a task' }).first().click()
		await this.page.getByRole('link', { name: `Start a task of the type ${label}` }).click()
		await expect(this.page.getByRole('heading', { level: 1, name: `Start ${label}` })).toBeVisible()
	}

	/** Fills in texts and numbers by their labels. */
	async fill(fields: Readonly<Record<string, string>>) {
		for (const [label, text] of Object.entries(fields)) await this.page.getByRole('textbox', { name: label }).fill(text)
	}

	/** Adds an entry to a list or a table of names and values. */
	async add(label: string, ...texts: readonly string[]) {
		await this.page.getByRole('button', { name: `Add to ${label}` }).click()
		const last = this.page.getByRole('group', { name: label }).locator('.pf-v6-c-input-group').last()
		for (const [index, text] of texts.entries()) await last.getByRole('textbox').nth(index).fill(text)
	}

	/** Starts the task and answers with its page. */
	async start(): Promise<TaskPage> {
		await this.page.getByRole('button', { name: 'Start', exact: true }).click()
		await this.page.waitForURL(/\/tasks\/[0-9a-f-]{36}$/)
		return new TaskPage(this.page)
	}
}

/** One task, in tabs. */
export class TaskPage {
	readonly page: Page
	/** Of the task that the page shows when this object is made. */
	readonly id: string
	/** The status word in the head of the page. */
	readonly status: Locator
	readonly result: Locator

	constructor(page: Page) {
		this.page = page
		this.id = new URL(page.url()).pathname.split('/')[2] ?? ''
		this.status = page.locator('.ty-status .ty-labels')
		this.result = page.locator('.ty-status .ty-quiet')
	}

	async openTab(name: string) {
		await this.page.getByRole('tab', { name: new RegExp(`^${name}`) }).click()
	}

	/** What the tab shows. */
	get panel(): Locator {
		return this.page.getByRole('tabpanel')
	}

	async resume() {
		await this.page.getByRole('button', { name: 'Resume' }).click()
	}

	async cancel(why: string) {
		await this.page.getByRole('button', { name: 'Cancel', exact: true }).click()
		const dialog = this.page.getByRole('dialog')
		await dialog.getByRole('textbox').fill(why)
		await dialog.getByRole('button', { name: 'Cancel task' }).click()
		await expect(dialog).toBeHidden()
	}
}

/** What a page showed while nobody reloaded it. */
export interface Witnessed {
	readonly statuses: readonly string[]
	readonly progress: readonly number[]
	readonly runningTabs: readonly string[]
}

/** Writes down every status, progress and count of running steps that the document shows from now on. A reload would lose the book. */
export async function witness(page: Page) {
	await page.evaluate(() => {
		const book = { statuses: [] as string[], progress: [] as number[], runningTabs: [] as string[] }
		const note = <Entry>(entries: Entry[], entry: Entry) => {
			if (entries.at(-1) !== entry) entries.push(entry)
		}
		const look = () => {
			const status = document.querySelector('.ty-status .ty-labels')?.textContent
			if (status) note(book.statuses, status)
			const bar = document.querySelector('[role=tabpanel] [role=progressbar]')?.getAttribute('aria-valuenow')
			if (bar != null) note(book.progress, Number(bar))
			const tab = [...document.querySelectorAll('[role=tab]')].find((candidate) => candidate.textContent?.startsWith('Running steps'))
			if (tab?.textContent) note(book.runningTabs, tab.textContent)
		}
		new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true })
		Object.assign(window, { witnessed: book })
	})
	return {
		read: () => page.evaluate(() => (window as unknown as { witnessed: Witnessed }).witnessed),
	}
}
