/**
 * Who hears of what: the one place of a server that reads the feed, for all who watch.
 *
 * Work is done in turns, one after the other: read the feed, load the changed rows once for all, apply them to each
 * cohort, load what is watched for the first time, read what running steps report, hand out the frames. So what is
 * loaded for a cohort is never older than the cursor that its watchers get, and what changes later is in a later turn.
 *
 * With nobody watching there is no turn. What was watched is kept for a while, so that a watcher who lost its
 * connection continues where it was; the next turn catches up from the cursor.
 */

import { performance } from 'node:perf_hooks'
import type { Pool } from '@taskyard/store/connection'
import { readLog } from '@taskyard/store/logs/readLog'
import { changeKinds } from '@taskyard/store/tasks/codes'
import { listTasks } from '@taskyard/store/tasks/listTasks'
import { readProgress, type StepReport } from '@taskyard/store/tasks/readProgress'
import { readTaskRows } from '@taskyard/store/tasks/readTaskRows'
import { type TaskView, viewTasks } from '@taskyard/store/tasks/viewTasks'
import { Cohort, type Stamp } from './cohort.ts'
import { createFeedConnection, type FeedConnection } from './feedConnection.ts'
import type { TaskFrame, TaskListFrame, TaskLogFrame } from './frames.ts'
import { applyToWindow, listFrames, neededByWindow, type Window, type WindowChange } from './listFrames.ts'
import { chunksOfFrame, LogTail } from './logTail.ts'
import type { FeedBatch } from './readFeed.ts'
import { type TaskChange, taskFrames, type TaskState } from './taskFrames.ts'

export interface Hub {
	/** @param after cursor of a watcher that comes back */
	watchTask(id: string, after: string | null): AsyncIterableIterator<TaskFrame, undefined>
	/** @param size how many of the newest tasks */
	watchTasks(size: number, after: string | null): AsyncIterableIterator<TaskListFrame, undefined>
	watchLog(position: {
		readonly taskId: string
		readonly step: number
		readonly afterLine: number
	}): AsyncIterableIterator<TaskLogFrame, undefined>
	/** How many watch now. */
	readonly watchers: number
	/** Ends every stream and gives the connection back. */
	close(): Promise<void>
}

/** Milliseconds. */
export interface HubTiming {
	/** After a silence of this length a change goes out at once; it is the shortest time between two turns. */
	readonly pause: number
	/** Longest time between two turns under load. */
	readonly longestPause: number
	/** A wake-up that got lost costs this. */
	readonly look: number
	/** Between two readings of what running steps report. */
	readonly progress: number
	readonly heartbeat: number
	/** How long what nobody watches any more is kept for who comes back. */
	readonly linger: number
	/** Between two tries while the database is away. */
	readonly retry: number
	/** After a break of this length the feed may have forgotten what changed: all watchers get everything anew. */
	readonly forget: number
}

export const defaultTiming: HubTiming = {
	pause: 50,
	longestPause: 1_000,
	look: 1_000,
	progress: 500,
	heartbeat: 5_000,
	linger: 60_000,
	retry: 250,
	forget: 30 * 60_000,
}

/** Share of the process's time that turns and what follows them may take: beyond it the pauses get longer. */
const shareOfTime = 0.3

export interface HubOptions {
	readonly pool: Pool
	readonly log: { warn(fields: object, message: string): void; info(fields: object, message: string): void }
	readonly timing?: Partial<HubTiming>
}

type TaskCohort = Cohort<TaskState, TaskChange, TaskFrame>
type ListCohort = Cohort<Window, WindowChange, TaskListFrame>

export function createHub({ pool, log, timing }: HubOptions): Hub {
	return new FeedHub(pool, log, { ...defaultTiming, ...timing })
}

class FeedHub implements Hub {
	readonly #pool: Pool
	readonly #log: HubOptions['log']
	readonly #timing: HubTiming
	readonly #feed: FeedConnection
	readonly #tasks = new Map<string, TaskCohort>()
	readonly #lists = new Map<number, ListCohort>()
	readonly #logs = new Map<string, { readonly taskId: string; readonly step: number; readonly tail: LogTail }>()
	/** What running steps of a task reported last, to tell news from repetition. */
	readonly #reports = new Map<string, string>()

	#stamp: Stamp | null = null
	#watching = false
	#closed = false
	#turn: Promise<void> | null = null
	#timer: NodeJS.Timeout | null = null
	#lingerTimer: NodeJS.Timeout | null = null
	#away = false
	/** A change is announced. */
	#woken = false
	/** Somebody waits for what is not loaded. */
	#hungry = false
	/** Monotonic times. */
	#lastTurn = Number.NEGATIVE_INFINITY
	#lastRead = Number.NEGATIVE_INFINITY
	#lastProgress = Number.NEGATIVE_INFINITY
	#lastHeartbeat = Number.NEGATIVE_INFINITY
	#retryAt = Number.NEGATIVE_INFINITY
	#pause: number
	#load = performance.eventLoopUtilization()

	constructor(pool: Pool, log: HubOptions['log'], timing: HubTiming) {
		this.#pool = pool
		this.#log = log
		this.#timing = timing
		this.#pause = timing.pause
		this.#feed = createFeedConnection(pool, () => {
			this.#woken = true
			this.#schedule()
		})
	}

	get watchers(): number {
		let count = 0
		for (const cohort of [...this.#tasks.values(), ...this.#lists.values()]) count += cohort.size
		for (const { tail } of this.#logs.values()) count += tail.size
		return count
	}

	watchTask(id: string, after: string | null) {
		let cohort = this.#tasks.get(id)
		if (!cohort) {
			cohort = new Cohort(taskFrames, () => this.#left())
			this.#tasks.set(id, cohort)
		}
		return this.#join(cohort.watch(after), cohort.loaded)
	}

	watchTasks(size: number, after: string | null) {
		let cohort = this.#lists.get(size)
		if (!cohort) {
			cohort = new Cohort(listFrames, () => this.#left())
			this.#lists.set(size, cohort)
		}
		return this.#join(cohort.watch(after), cohort.loaded)
	}

	watchLog({ taskId, step, afterLine }: { taskId: string; step: number; afterLine: number }) {
		const key = `${taskId} ${step}`
		let followed = this.#logs.get(key)
		if (!followed) {
			const tail = new LogTail(
				() => {
					this.#logs.delete(key)
					this.#left()
				},
				() => {
					this.#hungry = true
					this.#schedule()
				},
			)
			followed = { taskId, step, tail }
			this.#logs.set(key, followed)
		}
		return this.#join(followed.tail.watch(afterLine), true)
	}

	async close(): Promise<void> {
		this.#closed = true
		for (const cohort of [...this.#tasks.values(), ...this.#lists.values()]) cohort.end()
		for (const { tail } of [...this.#logs.values()]) tail.end()
		if (this.#timer) clearTimeout(this.#timer)
		if (this.#lingerTimer) clearTimeout(this.#lingerTimer)
		await this.#turn
		this.#feed.rest()
	}

	#join<Iterator extends { end(): void }>(watcher: Iterator, loaded: boolean): Iterator {
		if (this.#closed) {
			watcher.end()
			return watcher
		}
		if (this.#lingerTimer) clearTimeout(this.#lingerTimer)
		this.#lingerTimer = null
		if (!this.#watching) {
			this.#watching = true
			this.#woken = true
		}
		if (!loaded) this.#hungry = true
		this.#schedule()
		return watcher
	}

	#left(): void {
		if (this.watchers > 0 || !this.#watching) return
		this.#watching = false
		if (this.#timer) clearTimeout(this.#timer)
		this.#timer = null
		for (const cohort of [...this.#tasks.values(), ...this.#lists.values()]) cohort.rest()
		if (this.#closed) return
		this.#lingerTimer = setTimeout(() => this.#forget(), this.#timing.linger)
		this.#lingerTimer.unref()
	}

	#forget(): void {
		this.#tasks.clear()
		this.#lists.clear()
		this.#reports.clear()
		this.#stamp = null
		this.#feed.rest()
	}

	/** Sets the alarm for the next turn. */
	#schedule(): void {
		if (this.#closed || !this.#watching || this.#turn) return
		if (this.#timer) clearTimeout(this.#timer)
		const now = performance.now()
		const due = Math.max(
			this.#retryAt,
			this.#hungry
				? now
				: Math.min(
						this.#woken ? this.#lastTurn + this.#pause : Number.POSITIVE_INFINITY,
						this.#lastRead + this.#timing.look,
						this.#runningIds().length > 0 ? this.#lastProgress + this.#timing.progress : Number.POSITIVE_INFINITY,
					),
		)
		this.#timer = setTimeout(() => this.#run(), Math.max(0, due - now))
	}

	#run(): void {
		this.#timer = null
		this.#turn = this.#takeTurn().finally(() => {
			this.#turn = null
			this.#schedule()
		})
	}

	async #takeTurn(): Promise<void> {
		const now = performance.now()
		try {
			const stamp = await this.#look(now)
			await this.#loadNew(stamp)
			await this.#readReports(stamp, now)
			await this.#readLogs()
			this.#handOut(stamp, now)
			if (this.#away) this.#log.info({}, 'the database answers again: watchers continue where they were')
			this.#away = false
		} catch (error) {
			if (!this.#away && !this.#closed) {
				this.#log.warn({ err: error }, 'live updates wait: the change feed cannot be read; it is tried again until it can')
			}
			this.#away = true
			this.#woken = true
			this.#retryAt = performance.now() + this.#timing.retry
		}
		this.#adapt()
	}

	/** Reads the feed and brings every cohort up to it; without a cursor only finds out where it stands. */
	async #look(now: number): Promise<Stamp> {
		const due = this.#woken || now - this.#lastRead >= this.#timing.look
		if (this.#stamp && !due) return this.#stamp
		this.#woken = false
		const before = now - this.#lastRead > this.#timing.forget ? null : (this.#stamp?.cursor ?? null)
		const batch = await this.#feed.read(before)
		const stamp: Stamp = { cursor: batch.cursor, at: batch.at }
		if (batch.changes !== null) await this.#apply(batch.changes, stamp)
		// A first look, a break too long, or another database behind the same address.
		else if (this.#stamp) await this.#loadAll(stamp)
		this.#stamp = stamp
		this.#lastRead = now
		return stamp
	}

	async #apply(changes: NonNullable<FeedBatch['changes']>, stamp: Stamp): Promise<void> {
		const more = changeKinds.task | changeKinds.step | changeKinds.lock
		const changed = changes.filter((change) => (change.kinds & more) !== 0).map((change) => change.taskId)
		const watched = changed.filter((id) => this.#tasks.get(id)?.loaded)
		const listed = new Set<string>()
		for (const [size, cohort] of this.#lists) {
			if (cohort.state) for (const id of neededByWindow(cohort.state, size, changed)) listed.add(id)
		}
		const { ofTasks, ofLists } = await this.#loadViews(watched, [...listed])
		for (const id of watched) this.#tasks.get(id)?.change(ofTasks.get(id) ?? null, true, stamp)
		for (const [size, cohort] of this.#lists) if (cohort.state) await this.#applyToList(cohort, cohort.state, size, changed, ofLists, stamp)

		const grown = new Set(changes.filter((change) => (change.kinds & changeKinds.log) !== 0).map((change) => change.taskId))
		for (const { taskId, tail } of this.#logs.values()) if (grown.has(taskId)) tail.grown()
	}

	/** One statement for all rows; what is read of them later is read apart for pages of one task and for lists. */
	async #loadViews(watched: readonly string[], listed: readonly string[]) {
		const rows = await readTaskRows(this.#pool, [...new Set([...watched, ...listed])])
		const views = (ids: readonly string[]) => {
			const wanted = new Set(ids)
			return new Map(
				viewTasks(
					this.#pool,
					rows.filter((row) => wanted.has(row.id)),
				).map((view) => [view.row.id, view]),
			)
		}
		return { ofTasks: views(watched), ofLists: views(listed) }
	}

	async #applyToList(
		cohort: ListCohort,
		window: Window,
		size: number,
		changed: readonly string[],
		views: ReadonlyMap<string, TaskView>,
		stamp: Stamp,
	): Promise<void> {
		const needed = neededByWindow(window, size, changed)
		const loaded = needed.flatMap((id) => views.get(id) ?? [])
		const gone = new Set(needed.filter((id) => !views.has(id)))
		const shrunk = window.length === size && window.some((view) => gone.has(view.row.id))
		// What moves up from below the window is in no change: the window is read again.
		const refill = shrunk ? viewTasks(this.#pool, await listTasks(this.#pool, size, null)) : loaded
		const next = applyToWindow(window, size, refill, gone)
		if (next) cohort.change(next.window, next.change, stamp)
	}

	/** The first state of each cohort that has none. */
	async #loadNew(stamp: Stamp): Promise<void> {
		this.#hungry = false
		const tasks = [...this.#tasks].filter(([, cohort]) => !cohort.loaded)
		if (tasks.length > 0) {
			const { ofTasks } = await this.#loadViews(
				tasks.map(([id]) => id),
				[],
			)
			for (const [id, cohort] of tasks) cohort.load(ofTasks.get(id) ?? null, stamp)
		}
		for (const [size, cohort] of this.#lists) {
			if (!cohort.loaded) cohort.load(viewTasks(this.#pool, await listTasks(this.#pool, size, null)), stamp)
		}
	}

	async #loadAll(stamp: Stamp): Promise<void> {
		const { ofTasks } = await this.#loadViews([...this.#tasks.keys()], [])
		for (const [id, cohort] of this.#tasks) cohort.load(ofTasks.get(id) ?? null, stamp)
		for (const [size, cohort] of this.#lists) cohort.load(viewTasks(this.#pool, await listTasks(this.#pool, size, null)), stamp)
		for (const { tail } of this.#logs.values()) tail.grown()
	}

	/** Tasks on somebody's screen that run. */
	#runningIds(): string[] {
		const ids = new Set<string>()
		for (const cohort of this.#tasks.values()) if (cohort.size > 0 && cohort.state?.row.state === 'running') ids.add(cohort.state.row.id)
		for (const cohort of this.#lists.values()) {
			if (cohort.size > 0) for (const { row } of cohort.state ?? []) if (row.state === 'running') ids.add(row.id)
		}
		return [...ids]
	}

	async #readReports(stamp: Stamp, now: number): Promise<void> {
		if (now - this.#lastProgress < this.#timing.progress) return
		const ids = this.#runningIds()
		this.#lastProgress = now
		if (ids.length === 0) {
			this.#reports.clear()
			return
		}
		const reports = await readProgress(this.#pool, ids)
		const news = new Map<string, readonly StepReport[]>()
		for (const id of ids) {
			const ofTask = reports.get(id) ?? []
			const text = JSON.stringify(ofTask)
			if (ofTask.length > 0 && this.#reports.get(id) !== text) news.set(id, ofTask)
			this.#reports.set(id, text)
		}
		for (const [id, ofTask] of news) {
			const cohort = this.#tasks.get(id)
			if (cohort?.state) cohort.change(cohort.state.withReports(ofTask), true, stamp)
		}
		for (const [size, cohort] of this.#lists) {
			const loaded = (cohort.state ?? []).flatMap((view) => {
				const ofTask = news.get(view.row.id)
				return ofTask ? [view.withReports(ofTask)] : []
			})
			const next = applyToWindow(cohort.state ?? [], size, loaded, new Set())
			if (next) cohort.change(next.window, next.change, stamp)
		}
	}

	/** One statement for all lines that anybody waits for. */
	async #readLogs(): Promise<void> {
		const wanted = [...this.#logs.values()].flatMap(({ taskId, step, tail }) =>
			tail.wanted().map((afterLine) => ({ taskId, step, afterLine, tail })),
		)
		if (wanted.length === 0) return
		const chunks = await readLog(this.#pool, wanted, chunksOfFrame)
		for (const [place, { tail, afterLine }] of wanted.entries()) tail.supply(afterLine, chunks[place] ?? [])
	}

	#handOut(stamp: Stamp, now: number): void {
		this.#dropForgotten(now)
		const beat = now - this.#lastHeartbeat >= this.#timing.heartbeat
		if (beat) this.#lastHeartbeat = now
		for (const cohort of [...this.#tasks.values(), ...this.#lists.values()]) {
			if (beat) cohort.heartbeat(stamp)
			cohort.lookedAt(stamp.at)
			cohort.wake()
		}
		for (const { tail } of [...this.#logs.values()]) tail.wake()
	}

	/** What nobody came back to. */
	#dropForgotten(now: number): void {
		const tooOld = ({ emptySince }: { readonly emptySince: number | null }) => emptySince !== null && now - emptySince > this.#timing.linger
		for (const [id, cohort] of this.#tasks) if (tooOld(cohort)) this.#tasks.delete(id)
		for (const [size, cohort] of this.#lists) if (tooOld(cohort)) this.#lists.delete(size)
	}

	/** The busier this process, the rarer the turns. */
	#adapt(): void {
		const load = performance.eventLoopUtilization()
		const { active } = performance.eventLoopUtilization(load, this.#load)
		const elapsed = performance.now() - this.#lastTurn
		this.#load = load
		this.#lastTurn = performance.now()
		const { pause, longestPause } = this.#timing
		// Measured over the last turn and the pause before it, so what the frames cost others to send counts too.
		const needed = elapsed > longestPause * 2 ? pause : active / shareOfTime
		this.#pause = Math.min(longestPause, Math.max(pause, needed))
	}
}
