import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judge, whereabouts } from './taskResource.ts'

const base = 'https://pulp.example/work'

describe('judge', () => {
	test.each<[unknown, object]>([
		[{ state: 'waiting' }, { is: 'running', state: 'waiting', progress: null }],
		[
			{ state: 'running', progress: 0.5 },
			{ is: 'running', progress: 0.5 },
		],
		[
			{ state: 'running', progress: 7 },
			{ is: 'running', progress: null },
		],
		[
			{
				state: 'running',
				progress_reports: [
					{ done: 1, total: 2 },
					{ done: 2, total: null },
					{ done: 0, total: 2 },
				],
			},
			{ progress: 0.25 },
		],
		[{ state: 'running', progress_reports: 'many' }, { progress: null }],
		[{ state: 'canceling' }, { is: 'running', state: 'canceling' }],
		[
			{ state: 'completed', rows: 3 },
			{ is: 'completed', output: { state: 'completed', rows: 3 } },
		],
		[
			{ state: 'failed', error: { description: 'no space' } },
			{ is: 'failed', code: 'remote_failed', message: 'The work failed there: no space' },
		],
		[{ state: 'failed' }, { is: 'failed', message: expect.stringContaining('does not say why') }],
		[{ state: 'canceled' }, { is: 'failed', code: 'remote_cancelled' }],
		[{ state: 'skipped' }, { is: 'failed', code: 'remote_cancelled' }],
		[{ state: 'COMPLETED' }, { is: 'unknown', because: expect.stringContaining('"COMPLETED"') }],
		[{ state: 7 }, { is: 'unknown' }],
		['completed', { is: 'unknown' }],
		[null, { is: 'unknown' }],
		[[{ state: 'completed' }], { is: 'unknown' }],
	])('%j', (resource, judgement) => {
		expect(judge(resource)).toMatchObject(judgement)
	})

	test('believes in an end only by its word, and in progress only from 0 to 1', () => {
		fc.assert(
			fc.property(fc.jsonValue(), fc.jsonValue(), (state, reports) => {
				const judgement = judge({ state, progress_reports: reports })
				if (judgement.is === 'completed') expect(state).toBe('completed')
				if (judgement.is === 'running' && judgement.progress !== null) {
					expect(judgement.progress).toBeGreaterThanOrEqual(0)
					expect(judgement.progress).toBeLessThanOrEqual(1)
				}
			}),
		)
	})
})

describe('whereabouts', () => {
	test.each<[string | null, unknown, string | null, string | null]>([
		['/tasks/7/', null, 'https://pulp.example/tasks/7/', '7'],
		['tasks/7', null, 'https://pulp.example/tasks/7', '7'],
		['https://other.example/tasks/7', null, 'https://other.example/tasks/7', '7'],
		[null, { task: '/tasks/8/' }, 'https://pulp.example/tasks/8/', '8'],
		[null, { pulp_href: '/pulp/api/v3/tasks/9/' }, 'https://pulp.example/pulp/api/v3/tasks/9/', '9'],
		[null, { id: 12, href: '/tasks/x' }, 'https://pulp.example/tasks/x', '12'],
		['/tasks/7', { task: '/tasks/8' }, 'https://pulp.example/tasks/7', '7'],
		[null, { task_id: 'job-4' }, null, 'job-4'],
		[null, { task: 'a word' }, null, null],
		['http://[', {}, null, null],
		[null, 'text', null, null],
	])('%j %j', (location, body, address, id) => {
		expect(whereabouts(location, body, base)).toEqual({ address, id })
	})
})
