/** `taskyard tasks bulk …`: one action on many tasks, as a task of its own. Over GraphQL alone. */

import { text } from 'node:stream/consumers'
import { Argument, type Command, Option } from 'commander'
import { CommandFailure } from '../commandFailure.ts'
import {
	BulkAgainDocument,
	BulkItemsDocument,
	type BulkItemsQuery,
	StartBulkDocument,
	type TaskAnswerFragment,
} from '../graphql/generated/graphql.ts'
import { readAddress, type ServerAddress } from '../server/address.ts'
import { request } from '../server/request.ts'
import { newTaskId } from '../tasks/taskId.ts'
import { openScreen, type Screen } from '../terminal/screen.ts'
import { plainText } from '../terminal/text.ts'

interface Given {
	readonly server: string
	readonly json?: true
	readonly why?: string
	readonly yes?: true
	readonly watch?: true
}

const actions = ['resume', 'cancel', 'skip', 'unlock', 'rerun', 'delete'] as const
type Action = (typeof actions)[number]

const outcomes = ['done', 'refused', 'failed', 'open', 'not_done'] as const
type Outcome = (typeof outcomes)[number]

type Item = NonNullable<BulkItemsQuery['bulkItems']>['items'][number]

/** Follows a task until it has stopped, and sets the exit code by its result. */
export type Follow = (server: ServerAddress, id: string, given: Given, screen: Screen) => Promise<void>

/** Adds the commands that act on many tasks. */
export function addBulkCommands(add: (usage: string, description: string) => Command, follow: Follow): void {
	const bulk = (usage: string, description: string) =>
		add(usage, description)
			.option('--why <text>', 'the reason, for the history of each task')
			.option('--yes', 'what an unlock needs: it cannot be taken back')
			.option('--watch', 'follow it until it has stopped, and tell what was not done')
	bulk('bulk', 'act on many tasks, as a task of its own; prints its id')
		.addArgument(new Argument('<action>', 'what to do to each').choices(actions))
		.argument('<id...>', 'the tasks; - reads them from standard input')
		.action(async (action: Action, named: readonly string[], given: Given) => {
			const ids = await idsOf(named)
			const order = { action, ids, why: given.why ?? null, confirmed: given.yes ?? false, id: newTaskId() }
			await started((await request(readAddress(given.server), StartBulkDocument, order)).startBulk, given, follow)
		})
	bulk('bulk-again <id>', 'act again on those tasks of a bulk that failed or were refused').action(async (id: string, given: Given) => {
		const order = { id, why: given.why ?? null, confirmed: given.yes ?? false, newId: newTaskId() }
		await started((await request(readAddress(given.server), BulkAgainDocument, order)).bulkAgain, given, follow)
	})
	add('bulk-items <id>', 'what has become of each task of a bulk')
		.addOption(new Option('--outcome <outcome>', 'only these').choices(outcomes))
		.action(async (id: string, given: Given & { readonly outcome?: Outcome }) => {
			const items = await itemsOf(readAddress(given.server), id, given.outcome ?? null)
			const screen = openScreen(process.stdout, process.stderr)
			if (given.json) screen.line(JSON.stringify(items, null, 2))
			else for (const item of items) screen.line(lineOf(item))
		})
}

async function idsOf(named: readonly string[]): Promise<string[]> {
	const read = await Promise.all(named.map(async (id) => (id === '-' ? (await text(process.stdin)).split(/\s+/) : [id])))
	const ids = read.flat().filter((id) => id !== '')
	if (ids.length === 0) throw new CommandFailure('No task is named: standard input has no ids.')
	return ids
}

async function started({ task, refusal }: TaskAnswerFragment, given: Given, follow: Follow): Promise<void> {
	if (!task) throw new CommandFailure(refusal?.message ?? 'The server changed nothing and did not say why.')
	const screen = openScreen(process.stdout, process.stderr)
	if (!given.watch) {
		screen.line(given.json ? JSON.stringify(task, null, 2) : task.id)
		return
	}
	const server = readAddress(given.server)
	await follow(server, task.id, given, screen)
	for (const item of await itemsOf(server, task.id, null)) if (item.outcome !== 'done') screen.note(lineOf(item))
}

async function itemsOf(server: ServerAddress, id: string, outcome: Outcome | null): Promise<Item[]> {
	const items: Item[] = []
	let after: number | null = null
	do {
		const { bulkItems: page }: BulkItemsQuery = await request(server, BulkItemsDocument, { id, outcome, after })
		if (page === null) throw new CommandFailure(`There is no bulk ${id} at ${server.name}.`)
		items.push(...page.items)
		after = page.next
	} while (after !== null)
	return items
}

function lineOf({ task, outcome, made, reason }: Item): string {
	return plainText([task, outcome, ...(made === null ? [] : [`→ ${made}`]), ...(reason === null ? [] : [reason])].join('  '))
}
