/** A yard whose processes are stopped at failure points and killed there, and replaced. */

import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Commands } from '@taskyard/engine/commands/types'
import type { FailurePoint } from '@taskyard/engine/failurePoint'
import { type FailurePoints, openFailurePoints, type ReachedPoint } from '@taskyard/testkit/failurePoints'
import { waitFor } from '@taskyard/testkit/waitFor'
import { type Effects, openEffects } from './effects.ts'
import { faultsOfEnded } from './invariants.ts'
import type { Life, Surroundings } from './lives.ts'
import { type CommandProcess, CommandsEnded, startCommands } from './startCommands.ts'
import { kill, openYard, type WorkerProcess, type Yard } from './yard.ts'

export interface Crew {
	readonly yard: Yard
	/**
	 * Lives a life, again until somebody has come to each of the points, one after the other, and kills who comes there. Answers
	 * what is wrong afterwards.
	 *
	 * @param passOver how often the last point is passed before
	 */
	live(life: Life, points: readonly FailurePoint[], passOver?: number): Promise<string[]>
	output(): string
	close(): Promise<void>
}

/** How often a life is lived until somebody has come to a point. */
const mostLives = 4
const shapes = fileURLToPath(new URL('./shapes.ts', import.meta.url))

export async function openCrew(size: { readonly workers: number; readonly children: number }): Promise<Crew> {
	const points: FailurePoints = openFailurePoints()
	const effects: Effects = openEffects()
	const yard = await openYard({
		heartbeat: 1_000,
		children: size.children,
		environment: { ...points.environment, ...effects.environment, WORKER_TASKS: shapes },
	})
	const workers = Array.from({ length: size.workers }, () => yard.startWorker())
	const ended: WorkerProcess[] = []
	await Promise.all(workers.map((worker) => worker.ready()))
	let commands: Promise<CommandProcess> = startCommands(yard.server.url, points.environment)

	/** Asks again when the process dies: every command is harmless when it is asked twice. */
	function asking<Command extends keyof Surroundings['commands']>(command: Command): Commands[Command] {
		const ask = async (order: never): Promise<unknown> => {
			for (;;) {
				const asked = commands
				try {
					return await (await asked).ask(command, order)
				} catch (error) {
					if (!(error instanceof CommandsEnded)) throw error
					await waitFor('the next process that gives commands', () => commands !== asked)
				}
			}
		}
		return ask as unknown as Commands[Command]
	}

	const surroundings: Surroundings = {
		yard,
		effects,
		commands: {
			startTask: asking('startTask'),
			resumeTask: asking('resumeTask'),
			cancelTask: asking('cancelTask'),
			unlockTask: asking('unlockTask'),
			changeSetting: asking('changeSetting'),
			startBulk: asking('startBulk'),
			sendEvent: asking('sendEvent'),
			useCallback: asking('useCallback'),
			openTask: asking('openTask'),
			reportTask: asking('reportTask'),
			closeTask: asking('closeTask'),
		},
		workers: () => workers,
	}

	/** Kills a process as it stands; a supervisor with its children, which would go with it. What does not come back by itself is replaced. */
	async function strike({ pid, name }: ReachedPoint): Promise<void> {
		const current = await commands
		if (pid === current.pid) {
			commands = startCommands(yard.server.url, points.environment)
			await current.stop()
			return
		}
		const index = workers.findIndex((worker) => worker.pid === pid)
		const worker = workers[index]
		if (worker) {
			await worker.killTree()
			ended.push(worker)
			workers[index] = yard.startWorker()
			return
		}
		if (!workers.some((one) => one.children().includes(pid))) throw new Error(`Nobody knows process ${pid}, which stands at ${name}.`)
		kill(pid, 'SIGKILL')
	}

	return {
		yard,
		async live(life, [...names], passOver = 0) {
			const over = new AbortController()
			let struckDown = 0
			async function strikeAll(): Promise<string[]> {
				for (const [index, name] of names.entries()) {
					if (index > 0) points.arm(name, { passOver: index === names.length - 1 ? passOver : 0 })
					let found = points.found(name)
					while (!found && !over.signal.aborted) {
						await delay(5)
						found = points.found(name)
					}
					if (!found) return [`nobody came to ${name}`]
					await strike(found)
					struckDown += 1
				}
				return []
			}
			const [first] = names
			if (first) points.arm(first, { passOver: names.length === 1 ? passOver : 0 })
			let all = false
			const struck = strikeAll().finally(() => {
				all = true
			})
			const ids: string[] = []
			const faults: string[] = []
			try {
				// Who comes to a point, and how often, is a matter of who is first: the next life may come to it.
				for (let lives = 0; lives < mostLives && !all && faults.length === 0; lives++) {
					const lived = await life(surroundings)
					ids.push(...lived.ids)
					faults.push(...lived.faults)
				}
				over.abort()
				faults.push(...(await struck))
				return [...faults, ...(await faultsOfEnded(yard.pool, ids)), ...(await effects.faults(yard, ids))]
			} catch (error) {
				over.abort()
				return [...(await struck), (error as Error).message]
			} finally {
				points.disarm()
				// Who came in the last moment would stand there for good.
				const late = names.slice(struckDown).flatMap((name) => points.found(name) ?? [])
				for (const one of late) await strike(one)
			}
		},
		output: () => [...ended, ...workers].map((worker) => `--- worker ${worker.pid}\n${worker.output().slice(-20_000)}`).join('\n'),
		async close() {
			await (await commands).stop()
			await yard.close()
			points.remove()
			effects.remove()
		},
	}
}
