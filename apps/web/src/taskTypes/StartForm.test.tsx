// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { MemoryRouter, Route, Routes } from 'react-router'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Connection } from '../live/connection.ts'
import { createClock } from '../live/clock.ts'
import type { Live } from '../live/live.ts'
import { LiveContext } from '../live/LiveContext.ts'
import { createSource } from '../live/source.ts'
import { Toasts } from '../shell/toasts.tsx'
import { createTaskStores, TaskStoresContext } from '../tasks/taskStores.ts'
import { StartForm } from './StartForm.tsx'
import type { TaskType } from './taskTypes.ts'

vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)

const type: TaskType = {
	label: 'Backup::Directory',
	version: 1,
	name: 'Backup of {source}',
	description: null,
	queue: 'default',
	offered: true,
	offeredAt: '2026-11-21T12:00:00Z',
	inputSchema: JSON.stringify({
		type: 'object',
		properties: {
			source: { type: 'string', minLength: 1 },
			exclude: { type: 'array', items: { type: 'string' }, default: [] },
			shares: { type: 'integer', minimum: 1, maximum: 16, default: 4 },
		},
		required: ['source'],
	}),
}

const connection = createSource<Connection>({ kind: 'live' })
const live: Live = { connection, clock: createClock(connection), follow: () => () => {} }

let root: Root
let place: HTMLElement
let asked: { label: string; input: string; id: string }[]

beforeEach(async () => {
	connection.set({ kind: 'live' })
	asked = []
	place = document.body.appendChild(document.createElement('div'))
	root = createRoot(place)
	await act(async () =>
		root.render(
			<LiveContext value={live}>
				<TaskStoresContext value={createTaskStores(live)}>
					<QueryClientProvider client={new QueryClient()}>
						<Toasts>
							<MemoryRouter initialEntries={['/start']}>
								<Routes>
									<Route path="/start" element={<StartForm type={type} />} />
									<Route path="/tasks/:id" element={<p>the task</p>} />
								</Routes>
							</MemoryRouter>
						</Toasts>
					</QueryClientProvider>
				</TaskStoresContext>
			</LiveContext>,
		),
	)
})

afterEach(async () => {
	await act(async () => root.unmount())
	place.remove()
	vi.unstubAllGlobals()
	vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
})

function answerWith(answer: object) {
	vi.stubGlobal('fetch', async (_url: string, { body }: { body: string }) => {
		asked.push((JSON.parse(body) as { variables: (typeof asked)[number] }).variables)
		return new Response(JSON.stringify({ data: { startTask: answer } }))
	})
}

async function fill(id: string, text: string) {
	const input = place.querySelector<HTMLInputElement | HTMLTextAreaElement>(`#${id}`)
	if (!input) throw new Error(`There is no field ${id}.`)
	const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(input), 'value')?.set
	await act(async () => {
		setter?.call(input, text)
		input.dispatchEvent(new Event('input', { bubbles: true }))
	})
}

async function click(text: string) {
	const button = [...place.querySelectorAll('button')].find((candidate) => candidate.textContent?.trim() === text)
	if (!button) throw new Error(`There is no button “${text}”.`)
	await act(async () => button.click())
}

test('asks for what is required before it asks the server', async () => {
	answerWith({ task: null, refusal: null })
	await click('Start')
	expect(place.textContent).toContain('Fill this in: it is required.')
	expect(document.activeElement?.id).toBe('input-source')
	expect(asked).toEqual([])
})

test('sends what was filled in, and shows the faults of the server at their fields', async () => {
	answerWith({
		task: null,
		refusal: { code: 'invalid_input', message: 'The input does not fit.', faults: [{ path: '/source', message: 'is not there' }] },
	})
	await fill('input-source', '/srv')
	await click('Start')
	expect(asked).toMatchObject([{ label: 'Backup::Directory', input: '{"source":"/srv","exclude":[],"shares":4}' }])
	expect(place.querySelector('#input-source-help')?.textContent).toContain('is not there')
	expect(place.textContent).toContain('The input does not fit.')
})

test('tries again with the same id when the answer was lost', async () => {
	let tries = 0
	vi.stubGlobal('fetch', async (_url: string, { body }: { body: string }) => {
		asked.push((JSON.parse(body) as { variables: (typeof asked)[number] }).variables)
		tries += 1
		if (tries === 1) throw new TypeError('network')
		return new Response(JSON.stringify({ data: { startTask: { task: { id: asked[0]?.id, revision: 1 }, refusal: null } } }))
	})
	await fill('input-source', '/srv')
	await click('Start')
	expect(place.textContent).toContain('The server cannot be reached.')
	await click('Start')
	expect(asked.map(({ id }) => id)).toEqual([asked[0]?.id, asked[0]?.id])
	expect(place.textContent).toBe('the task')
})

test('opens the task that counts, and says so, when none was made', async () => {
	const counts = { id: '01890000-0000-7000-8000-000000000001', revision: 1, name: 'Backup of /srv', state: 'running' }
	answerWith({ task: counts, discarded: true, refusal: null })
	await fill('input-source', '/srv')
	await click('Start')
	expect(place.textContent).toBe('the task')
	expect(document.body.textContent).toContain('No new task was started')
	expect(document.body.textContent).toContain('“Backup of /srv” has the same duplicate key and is running: it counts, and this is it.')
})

test('goes from fields to JSON and back without losing anything', async () => {
	await fill('input-source', '/srv')
	await fill('input-shares', '9')
	await click('JSON')
	expect(place.querySelector<HTMLTextAreaElement>('#input-json')?.value).toBe('{\n  "source": "/srv",\n  "exclude": [],\n  "shares": 9\n}')
	await fill('input-json', '{"source":"/etc","exclude":["*.tmp"]}')
	await click('Form')
	expect(place.querySelector<HTMLInputElement>('#input-source')?.value).toBe('/etc')
	expect(place.querySelector<HTMLInputElement>('[aria-label="Exclude, entry 1"]')?.value).toBe('*.tmp')
})

test('says why JSON cannot be shown as a form', async () => {
	await click('JSON')
	await fill('input-json', '{"sauce":1}')
	await click('Form')
	expect(place.textContent).toContain('The input has “sauce”, which has no field in the form.')
})

test('waits while the server is out of reach', async () => {
	await act(async () => connection.set({ kind: 'offline', since: 0 }))
	expect(place.querySelector<HTMLButtonElement>('button[type=submit]')?.disabled).toBe(true)
	expect(place.textContent).toContain('The server cannot be reached. Wait until the page is live again.')
})
