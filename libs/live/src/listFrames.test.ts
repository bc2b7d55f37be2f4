import type { TaskView } from '@taskyard/store/tasks/viewTasks'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Cohort } from './cohort.ts'
import type { TaskListFrame } from './frames.ts'
import { applyToWindow, listFrames, neededByWindow, type Window, type WindowChange } from './listFrames.ts'

// As much of a view as the window looks at.
const view = (id: string, revision = 0) => ({ row: { id, revision } }) as unknown as TaskView
const ids = (window: readonly TaskView[]) => window.map(({ row }) => row.id)

describe('what a window needs', () => {
	test.each<[string, string[], number, string[], string[]]>([
		['a newer one', ['c', 'b', 'a'], 3, ['d'], ['d']],
		['one that it shows', ['c', 'b', 'a'], 3, ['b'], ['b']],
		['not an older one', ['d', 'c', 'b'], 3, ['a'], []],
		['an older one while there is room', ['d', 'c'], 3, ['a'], ['a']],
		['of many newer ones as many as fit', ['b', 'a'], 2, ['c', 'd', 'e', 'f'], ['f', 'e']],
	])('%s', (_, window, size, changed, needed) => {
		expect(
			neededByWindow(
				window.map((id) => view(id)),
				size,
				changed,
			),
		).toEqual(needed)
	})
})

test('a newcomer pushes the oldest out', () => {
	const next = applyToWindow([view('b'), view('a')], 2, [view('c')], new Set())
	expect(next && ids(next.window)).toEqual(['c', 'b'])
	expect(next?.change).toEqual({ changed: ['c'], left: ['a'] })
})

test('nothing new is no change', () => {
	expect(applyToWindow([view('b'), view('a')], 2, [], new Set(['z']))).toBeNull()
})

/** A page that keeps what the frames say. */
function applyFrame(page: Map<string, number>, frame: TaskListFrame): Map<string, number> {
	const next = frame.kind === 'SNAPSHOT' || frame.kind === 'RESYNC' ? new Map<string, number>() : new Map(page)
	for (const id of frame.left) next.delete(id)
	for (const { row } of frame.rows) next.set(row.id, row.revision)
	return next
}

test('a page that applies every frame shows the window, whenever it comes, however slow it is, however often it comes back', async () => {
	const step = fc.oneof(
		fc.record({ act: fc.constant('change' as const), ids: fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 4 }) }),
		fc.record({ act: fc.constant('remove' as const), id: fc.nat(30) }),
		fc.record({ act: fc.constant('take' as const), page: fc.nat(2) }),
		fc.record({ act: fc.constant('return' as const), page: fc.nat(2) }),
		fc.constant({ act: 'beat' as const }),
	)
	await fc.assert(
		fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), async (size, script) => {
			const cohort = new Cohort<Window, WindowChange, TaskListFrame>(listFrames, () => {})
			const tasks = new Map<string, number>()
			const window = () => [...tasks].sort(([a], [b]) => (a < b ? 1 : -1)).slice(0, size)
			let clock = 0
			let cursor = 0
			const stamp = () => ({ cursor: `cursor ${cursor}`, at: ++clock })
			cohort.load([], stamp())
			cohort.lookedAt(clock)
			const pages = [0, 1, 2].map(() => ({ watcher: cohort.watch(null), shown: new Map<string, number>(), cursor: null as string | null }))
			const take = async (page: (typeof pages)[number]) => {
				const frame = cohort.take(page.watcher)
				if (!frame) return
				page.shown = applyFrame(page.shown, frame)
				page.cursor = frame.to
			}
			for (const one of script) {
				if (one.act === 'change' || one.act === 'remove') {
					// Some changes come without the feed moving, as reports of progress do.
					if (clock % 3 > 0) cursor += 1
					const changed = one.act === 'change' ? one.ids.map((id) => String(id).padStart(2, '0')) : []
					const gone = one.act === 'remove' ? [String(one.id).padStart(2, '0')] : []
					for (const id of changed) tasks.set(id, (tasks.get(id) ?? 0) + 1)
					for (const id of gone) tasks.delete(id)
					const before = cohort.state ?? []
					const loaded =
						gone.length > 0
							? window().map(([id, revision]) => view(id, revision))
							: neededByWindow(before, size, changed).map((id) => view(id, tasks.get(id)))
					const next = applyToWindow(before, size, loaded, new Set(gone))
					if (next) cohort.change(next.window, next.change, stamp())
					cohort.lookedAt(clock)
				} else if (one.act === 'beat') {
					cohort.heartbeat(stamp())
					cohort.lookedAt(clock)
				} else {
					const page = pages[one.page]
					if (!page) continue
					if (one.act === 'take') await take(page)
					else {
						page.watcher.end()
						page.watcher = cohort.watch(page.cursor)
					}
				}
			}
			for (const page of pages) {
				await take(page)
				expect(page.shown).toEqual(new Map(window()))
			}
		}),
		{ numRuns: 300 },
	)
})

describe('frames', () => {
	const cohort = () => {
		const made = new Cohort<Window, WindowChange, TaskListFrame>(listFrames, () => {})
		made.load([view('a')], { cursor: '1', at: 1 })
		made.lookedAt(1)
		return made
	}
	const change = (of: ReturnType<typeof cohort>, cursor: string) => {
		of.change([view('a', Number(cursor))], { changed: ['a'], left: [] }, { cursor, at: 1 })
		of.lookedAt(1)
	}

	test('are one object for all who are at the same place', () => {
		const shared = cohort()
		const watchers = [1, 2, 3].map(() => shared.watch(null))
		expect(new Set(watchers.map((watcher) => shared.take(watcher))).size).toBe(1)
		change(shared, '2')
		const late = shared.watch(null)
		shared.take(late)
		expect(new Set(watchers.map((watcher) => shared.take(watcher))).size).toBe(1)
		change(shared, '3')
		expect(new Set([...watchers, late].map((watcher) => shared.take(watcher))).size).toBe(1)
	})

	test('a slow watcher gets what it missed as one delta', () => {
		const made = cohort()
		const slow = made.watch(null)
		made.take(slow)
		change(made, '2')
		change(made, '3')
		expect(made.take(slow)).toMatchObject({ kind: 'DELTA', from: '1', to: '3', rows: [{ row: { revision: 3 } }] })
		expect(made.take(slow)).toBeNull()
	})

	test('one that comes back continues; nothing new is a heartbeat', () => {
		const made = cohort()
		made.take(made.watch(null))
		expect(made.take(made.watch('1'))).toMatchObject({ kind: 'HEARTBEAT', from: '1', rows: [] })
		change(made, '2')
		expect(made.take(made.watch('1'))).toMatchObject({ kind: 'DELTA', from: '1', to: '2' })
	})

	test('an unknown cursor, or one that the ring has forgotten, is a resync', () => {
		const made = cohort()
		expect(made.take(made.watch('99'))).toMatchObject({ kind: 'RESYNC', from: null, rows: [{}] })
		const slow = made.watch(null)
		made.take(slow)
		for (let n = 2; n < 200; n++) change(made, String(n))
		expect(made.take(slow)).toMatchObject({ kind: 'RESYNC' })
	})

	test('who comes while nobody looks waits for the next look', () => {
		const made = cohort()
		made.rest()
		const early = made.watch(null)
		expect(made.take(early)).toBeNull()
		made.lookedAt(2)
		expect(made.take(early)).toMatchObject({ kind: 'SNAPSHOT', serverTime: 2 })
	})
})
