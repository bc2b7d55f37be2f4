/** Reads what a service says of a task of its own: a resource with a `state`, as Pulp has them. */

export type Judgement =
	| { readonly is: 'running'; readonly state: string /** 0…1 */; readonly progress: number | null }
	| { readonly is: 'completed'; readonly output: unknown }
	| { readonly is: 'failed'; readonly code: 'remote_failed' | 'remote_cancelled'; readonly message: string; readonly details: unknown }
	/** Not what a task resource looks like; as the end of a sentence. */
	| { readonly is: 'unknown'; readonly because: string }

const underWay: ReadonlySet<string> = new Set(['waiting', 'running', 'canceling'])

/** @param resource a JSON value */
export function judge(resource: unknown): Judgement {
	if (!isObject(resource)) return { is: 'unknown', because: `${shown(resource)} is no task resource: an object with a state was expected` }
	const { state } = resource
	if (typeof state !== 'string') return { is: 'unknown', because: 'the task resource has no state' }
	if (underWay.has(state)) return { is: 'running', state, progress: progressOf(resource) }
	if (state === 'completed') return { is: 'completed', output: resource }
	const details = resource['error'] ?? null
	if (state === 'failed') return { is: 'failed', code: 'remote_failed', message: `The work failed there: ${reasonOf(details)}`, details }
	if (state === 'canceled' || state === 'skipped')
		return { is: 'failed', code: 'remote_cancelled', message: `The work was ${state} there, and not by this task.`, details }
	return {
		is: 'unknown',
		because: `the task resource has the state ${shown(state)}; expected waiting, running, completed, failed, canceled, canceling or skipped`,
	}
}

function reasonOf(error: unknown): string {
	if (typeof error === 'string' && error !== '') return error
	if (isObject(error))
		for (const name of ['description', 'message', 'reason'])
			if (typeof error[name] === 'string' && error[name] !== '') return shortened(error[name], 1_000)
	return 'the service does not say why.'
}

/** A number from 0 to 1, or Pulp's reports of what is done out of how much. */
function progressOf({ progress, progress_reports: reports }: { readonly [name: string]: unknown }): number | null {
	if (typeof progress === 'number') return progress >= 0 && progress <= 1 ? progress : null
	if (!Array.isArray(reports)) return null
	let done = 0
	let total = 0
	for (const report of reports as unknown[]) {
		if (!isObject(report) || typeof report['done'] !== 'number' || typeof report['total'] !== 'number') continue
		done += report['done']
		total += report['total']
	}
	return total > 0 && done >= 0 ? Math.min(1, done / total) : null
}

export interface Whereabouts {
	readonly address: string | null
	/** What the service calls it. */
	readonly id: string | null
}

/**
 * Where the work is that a start was answered with: `Location`, or an address in the body.
 *
 * @param base the address that has answered
 */
export function whereabouts(location: string | null, body: unknown, base: string): Whereabouts {
	const names = ['task', 'pulp_href', 'href', 'url'] as const
	const inBody = isObject(body)
		? names.map((name) => body[name]).find((value) => typeof value === 'string' && /^(https?:\/\/|\/)/.test(value))
		: null
	const given = location ?? (typeof inBody === 'string' ? inBody : null)
	const address = given !== null && URL.canParse(given, base) ? new URL(given, base).href : null
	const named = isObject(body)
		? [body['id'], body['task_id'], body['uuid']].find((value) => typeof value === 'string' || typeof value === 'number')
		: null
	const id = named === undefined || named === null ? lastSegment(address) : String(named)
	return { address, id: id === null || id === '' || id.includes('\0') ? null : shortened(id, 2_000) }
}

function lastSegment(address: string | null): string | null {
	return address === null ? null : (new URL(address).pathname.split('/').findLast((segment) => segment !== '') ?? null)
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const shown = (value: unknown): string => shortened(JSON.stringify(value) ?? 'nothing', 100)
const shortened = (text: string, longest: number): string => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text)
