/**
 * Decides under the resource rows' locks which starts make a task, for types with a duplicate key, and makes the claims
 * of those that do. All of it inside the transaction of the start: whatever becomes of that becomes of the claim.
 *
 * The place in the line is taken here, when the task is started, and not when it is planned: a task that waits for its
 * start time keeps it. A line may be long, and only its beginning is read.
 */

import { admitDuplicate, type DuplicateAdmission } from '@taskyard/model/duplicates'
import type { LockClaim } from '@taskyard/model/plan'
import type { Queryable } from '../connection.ts'
import { booleans, numbers, plain, texts } from './arrays.ts'
import { lockModeCode } from './codes.ts'
import { keyOf, lockResources, makeResources } from './resources.ts'
import { conflicting, covered } from './standingBefore.ts'

/** A task that is about to be started, or was in this transaction. */
export interface DuplicateStart {
	readonly task: string
	readonly parent: string | null
	readonly claim: LockClaim
	/** This transaction has made its row. */
	readonly created?: true
}

/** What a start comes to, with all that its claim needs. */
export interface AdmittedDuplicate {
	readonly task: string
	readonly admission: DuplicateAdmission
	readonly resource: string
	/** As PostgreSQL writes them. */
	readonly ancestors: string
}

const exclusive = lockModeCode.encode('exclusive')

/** One more than any policy has to know of. */
const mostRead = 3

// What is covered by the claim of an ancestor waits for nobody. All claims of a key have one name, so that the index of
// the line gives the first of them.
const readLines = `/* taskyard:readDuplicates */
with m as materialized (
  select i.n, i.task_id, i.resource_id, '*' as name, ${exclusive}::smallint as mode, (
    with recursive up(id) as (
      select i.parent where i.parent is not null
      union all
      select t.parent_id from up join task t on t.id = up.id where t.parent_id is not null
    ) select coalesce(array_agg(id), '{}') from up
  ) as ancestors
  from unnest($1::uuid[], $2::bigint[], $3::uuid[]) with ordinality as i(task_id, resource_id, parent, n)
)
select m.ancestors::text as ancestors, ${covered('m')} as covered, (select array_agg(b.task_id::text order by b.place) from (
  select other.task_id, other.place from lock other
  where other.name = '*' and ${conflicting('m', 'other')}
  order by other.resource_id, other.name, other.place limit ${mostRead}
) b) as before
from m order by m.n`

const existing = `select id from task where id = any($1::uuid[])`

/**
 * Locks the resources and answers each start in turn, as if those before it stood there already. A task that exists
 * is never discarded: whoever starts it once more asks for that one.
 *
 * @param starts none of them an ancestor of another
 */
export async function admitDuplicates(client: Queryable, starts: readonly DuplicateStart[]): Promise<AdmittedDuplicate[]> {
	const ids = await makeResources(
		client,
		starts.map(({ claim }) => claim.resource),
	)
	const resources = starts.map(({ claim }) => ids.get(keyOf(claim.resource)) as string)
	await lockResources(client, [...new Set(resources)])
	const { rows } = await client.query<{ ancestors: string; covered: boolean; before: string[] | null }>({
		name: 'taskyard:readDuplicates',
		text: readLines,
		values: [plain(starts.map(({ task }) => task)), numbers(resources.map(Number)), plain(starts.map(({ parent }) => parent))],
	})
	const added = new Map<string, string[]>()
	const admitted = starts.map(({ task, claim }, index): AdmittedDuplicate => {
		const { ancestors, covered: onParentsClaim, before } = rows[index] as (typeof rows)[number]
		const resource = resources[index] as string
		const now = added.get(resource) ?? []
		const admission = admitDuplicate(claim, onParentsClaim ? [] : [...(before ?? []), ...now])
		if (admission.kind !== 'discarded') added.set(resource, [...now, task])
		return { task, admission, resource, ancestors }
	})
	const discarded = admitted
		.filter(({ admission }, index) => admission.kind === 'discarded' && !starts[index]?.created)
		.map(({ task }) => task)
	if (discarded.length === 0) return admitted
	const found = await client.query<{ id: string }>({ name: 'taskyard:existingTasks', text: existing, values: [plain(discarded)] })
	const known = new Set(found.rows.map(({ id }) => id))
	return admitted.map((one) => (known.has(one.task) ? { ...one, admission: { kind: 'in_line' } } : one))
}

const makeClaims = `/* taskyard:claimDuplicates */
insert into lock (resource_id, task_id, name, mode, ancestors, granted)
select resource_id, task_id, '*', ${exclusive}, ancestors::uuid[], granted
from unnest($1::bigint[], $2::uuid[], $3::text[], $4::boolean[]) with ordinality as c(resource_id, task_id, ancestors, granted, n) order by n`

/** Makes the claims of tasks that this transaction has created, and of no others. */
export async function claimDuplicates(client: Queryable, created: readonly AdmittedDuplicate[]): Promise<void> {
	if (created.length === 0) return
	const values = [
		numbers(created.map(({ resource }) => Number(resource))),
		plain(created.map(({ task }) => task)),
		texts(created.map(({ ancestors }) => ancestors)),
		booleans(created.map(({ admission }) => admission.kind === 'granted')),
	]
	await client.query({ name: 'taskyard:claimDuplicates', text: makeClaims, values })
}

const addDiscarded = `/* taskyard:countDiscarded */
with d as materialized (
  select label, count(*)::int as count from unnest($1::text[]) as l(label) group by label
), locked as materialized (
  select label from task_type where label in (select label from d) order by label for update
)
update task_type t set discarded = t.discarded + d.count from d where t.label = d.label and (select count(*) from locked) > 0`

/** Counts starts that made no task, by their labels; last in the transaction, for all who discard share these rows. */
export async function countDiscarded(client: Queryable, labels: readonly string[]): Promise<void> {
	if (labels.length === 0) return
	await client.query({ name: 'taskyard:countDiscarded', text: addDiscarded, values: [texts(labels)] })
}
