// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { MemoryRouter } from 'react-router'
import { expect, test, vi } from 'vitest'
import { createClock } from '../live/clock.ts'
import type { Connection } from '../live/connection.ts'
import type { Live } from '../live/live.ts'
import { LiveContext } from '../live/LiveContext.ts'
import { createSource } from '../live/source.ts'
import { TaskTable } from './TaskTable.tsx'
import { createTaskStores, type TaskRow, TaskStoresContext } from './taskStores.ts'

vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)

const task = (id: string, more: Partial<TaskRow> = {}): TaskRow => ({
	id,
	label: 'Backup::Directory',
	name: `Backup of /srv/${id}`,
	state: 'running',
	result: 'pending',
	reason: null,
	revision: 1,
	progress: 0.25,
	cancelPhase: 'none',
	owner: { login: 'ada', name: 'Ada' },
	waitingFor: null,
	error: null,
	runningSteps: ['checksum 1 of 4'],
	createdAt: '2026-11-21T12:00:00Z',
	startAt: null,
	startedAt: '2026-11-21T12:00:00Z',
	endedAt: null,
	stateUpdatedAt: '2026-11-21T12:00:00Z',
	...more,
})

test('a row shows its task as it now is, and links to it and to those it waits for', async () => {
	const connection = createSource<Connection>({ kind: 'connecting', since: 0 })
	const live: Live = { connection, clock: createClock(connection, () => Date.parse('2026-11-21T12:00:42Z')), follow: () => () => {} }
	const stores = createTaskStores(live)
	stores.rows.put(task('a'))
	stores.rows.put(
		task('b', {
			state: 'planned',
			startedAt: null,
			runningSteps: [],
			waitingFor: {
				kind: 'lock',
				text: 'waits for the lock backup on Directory /srv/a, held by Backup of /srv/a',
				tasks: [{ id: 'a', name: 'Backup of /srv/a', state: 'running' }],
			},
		}),
	)
	const place = document.body.appendChild(document.createElement('div'))
	const root = createRoot(place)
	await act(async () =>
		root.render(
			<LiveContext value={live}>
				<TaskStoresContext value={stores}>
					<MemoryRouter>
						<TaskTable ids={['b', 'a']} />
					</MemoryRouter>
				</TaskStoresContext>
			</LiveContext>,
		),
	)
	const row = (id: string) => place.querySelector(`[data-task="${id}"]`)
	expect(row('a')?.textContent).toBe('Backup of /srv/achecksum 1 of 4Running25%42 sec. ago42 sAda')
	expect(row('b')?.textContent).toContain('Blocked')
	expect([...(row('b')?.querySelectorAll('a') ?? [])].map((link) => link.getAttribute('href'))).toEqual(['/tasks/b', '/tasks/a'])

	await act(async () =>
		stores.rows.put(
			task('a', { revision: 2, state: 'stopped', result: 'success', progress: 1, runningSteps: [], endedAt: '2026-11-21T12:00:30Z' }),
		),
	)
	expect(row('a')?.textContent).toBe('Backup of /srv/aSucceeded100%42 sec. ago30 sAda')

	await act(async () => stores.rows.put(task('a', { revision: 1 })))
	expect(row('a')?.textContent).toContain('Succeeded')
	await act(async () => root.unmount())
})
