import type { RunOptions, StartedTask, StartOptions, TaskCommands, TaskDefinition } from '@taskyard/sdk/definition'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import type { AttemptServices, Running } from './attemptContext.ts'

/** `context.tasks` of one attempt. Few steps ask for it, so that it is no more than a reference until one does. */
export class AttemptTasks implements TaskCommands {
	readonly #running: Running
	readonly #loaded: LoadedTask
	readonly #services: AttemptServices

	constructor(running: Running, loaded: LoadedTask, services: AttemptServices) {
		this.#running = running
		this.#loaded = loaded
		this.#services = services
	}

	start(type: string | TaskDefinition, input: unknown, options?: StartOptions): Promise<StartedTask> {
		return this.#services.tasks(this.#running, this.#loaded).start(type, input, options)
	}

	run(type: string | TaskDefinition, input: unknown, options?: RunOptions): Promise<never> {
		return this.#services.tasks(this.#running, this.#loaded).run(type, input, options)
	}

	cancel(id: string, why?: string): Promise<void> {
		return this.#services.tasks(this.#running, this.#loaded).cancel(id, why)
	}

	resume(id: string, why?: string): Promise<void> {
		return this.#services.tasks(this.#running, this.#loaded).resume(id, why)
	}
}
