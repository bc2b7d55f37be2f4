/** The task types that a child offers: those of the platform, those that ship, and those of the authors' modules. */

import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { shippedTasks } from '@taskyard/actions/registry'
import type { TaskDefinition } from '@taskyard/sdk/definition'

/**
 * @param platform what every worker offers
 * @param modules absolute paths; each module exports `tasks`, an array of task definitions
 * @throws naming the module that cannot be used, and why
 */
export async function loadDefinitions(
	platform: readonly TaskDefinition[],
	modules: readonly string[],
): Promise<Map<string, TaskDefinition>> {
	const definitions = new Map([...platform, ...shippedTasks].map((definition) => [definition.data.label, definition]))
	for (const path of modules) {
		const loaded = await load(path)
		if (!Array.isArray(loaded.tasks)) {
			throw new Error(`${path} exports no array "tasks". A module named in WORKER_TASKS ends with: export const tasks = [myTask]`)
		}
		for (const definition of loaded.tasks as TaskDefinition[]) {
			if (definitions.has(definition.data.label))
				throw new Error(`${path} defines "${definition.data.label}", which another module has defined already. Choose another label.`)
			definitions.set(definition.data.label, definition)
		}
	}
	return definitions
}

/** A line that begins with a decorator. */
const decorator = /^\s*@[A-Za-z]/m

async function load(path: string): Promise<{ readonly tasks?: unknown }> {
	try {
		return (await import(pathToFileURL(path).href)) as { readonly tasks?: unknown }
	} catch (error) {
		if (!(error instanceof SyntaxError) || !path.endsWith('.ts') || !decorator.test(await readFile(path, 'utf8'))) throw error
		throw new Error(
			`${path} has a decorator, and Node.js runs TypeScript by taking its types away, and nothing else. Compile it with tsc and name the .js file, or write task({ … })(class { … }), which needs no compiler.`,
			{ cause: error },
		)
	}
}
