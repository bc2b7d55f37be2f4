/** `taskyard tasks history`: what changed, when, by whom and why. */

import { CommandFailure } from '../commandFailure.ts'
import { TaskHistoryDocument, type TaskHistoryQuery } from '../graphql/generated/graphql.ts'
import { readAddress } from '../server/address.ts'
import { request } from '../server/request.ts'
import { openScreen } from '../terminal/screen.ts'
import { momentText, plainText } from '../terminal/text.ts'

type History = NonNullable<TaskHistoryQuery['taskHistory']>
type Entry = History['entries'][number]

export async function showHistory(id: string, given: { readonly server: string; readonly json?: true }): Promise<void> {
	const server = readAddress(given.server)
	const screen = openScreen(process.stdout, process.stderr)
	const entries: Entry[] = []
	let tombstone: History['tombstone'] = null
	let after: string | null = null
	do {
		const { taskHistory: page }: TaskHistoryQuery = await request(server, TaskHistoryDocument, { id, after })
		if (page === null) throw new CommandFailure(`There is no task ${id} at ${server.name}. Look for it with \`taskyard tasks list\`.`)
		entries.push(...page.entries)
		tombstone = page.tombstone
		after = page.endCursor
	} while (after !== null)
	if (given.json) return screen.line(JSON.stringify({ entries, tombstone }, null, 2))
	for (const entry of entries) screen.line(plainText(lineOf(entry)))
	if (tombstone) {
		const by = tombstone.deletedBy?.login ?? tombstone.rule ?? 'a rule of retention'
		screen.note(`${tombstone.name} (${tombstone.label}) was deleted ${momentText(Date.parse(tombstone.deletedAt))} by ${plainText(by)}.`)
	}
}

function lineOf({ at, kind, step, stepName, oldState, newState, attempt, worker, who, why }: Entry): string {
	const of = step === null ? '' : `step ${step + 1} ${stepName ?? ''}`
	const change = newState === null ? '' : oldState === null ? newState : `${oldState} → ${newState}`
	const parts = [
		momentText(Date.parse(at)),
		who?.login ?? '-',
		[
			kind === 'task' || kind === 'step' ? '' : kind.replaceAll('_', ' '),
			of,
			change,
			attempt !== null && attempt > 1 ? `attempt ${attempt}` : '',
		]
			.filter((part) => part !== '')
			.join(' '),
		worker ?? '',
		why === null ? '' : `(${why})`,
	]
	return parts.filter((part) => part !== '').join('  ')
}
