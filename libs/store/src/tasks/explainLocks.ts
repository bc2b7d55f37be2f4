/**
 * Why a lock is not free: who holds a resource, who stands in line for it and behind whom; and what a task claims and
 * what stands before each of its claims. Computed when read, in one statement each.
 */

import type { LockMode, TaskState } from '@taskyard/model/states'
import type { ResourceKey } from '@taskyard/model/plan'
import type { Queryable } from '../connection.ts'
import { lockModeCode, taskStateCode } from './codes.ts'
import { covered, standingBefore } from './standingBefore.ts'

export interface ClaimingTask {
	readonly id: string
	readonly label: string
	readonly name: string
	readonly state: TaskState
}

/** A claim of a task. */
export interface ExplainedClaim {
	readonly task: ClaimingTask
	/** The operation, or `*` for all. */
	readonly name: string
	readonly mode: LockMode
	readonly granted: boolean
	/** When it was granted, or made when it stands in line: milliseconds since 1970. */
	readonly since: number
}

/** A claim with its place. `before`: the claims that must go first, the earliest of them; `beforeCount`: how many there are. */
export interface ExplainedWait extends ExplainedClaim {
	readonly resource: ResourceKey
	/** 1 is the next in line; null for a claim that is granted. */
	readonly place: number | null
	readonly before: readonly ExplainedClaim[]
	readonly beforeCount: number
}

/** A resource with its holders and its line, both in the order in which they came. */
export interface ExplainedResource {
	readonly resource: ResourceKey
	readonly holders: readonly ExplainedWait[]
	readonly line: readonly ExplainedWait[]
	/** How many claims stand in line, those included that are not listed. */
	readonly lineLength: number
}

/** Claims listed of one line, and claims named before one. */
const mostListed = 100
const mostBefore = 10

const claimColumns = (claim: string, task: string): string =>
	`${task}.id, ${task}.label, ${task}.name, ${task}.state, ${claim}.name, ${claim}.mode, ${claim}.granted, extract(epoch from ${claim}.at) * 1000`

// The claims to be explained come as rows `mine`, with their place.
const explain = (mine: string): string => `
select r.type, r.key, r.title, json_build_array(${claimColumns('mine', 't')})::text as claim, mine.line_place::int as place,
  mine.line_length::int as line_length, b.before::text, coalesce(b.count, 0)::int as before_count
from (${mine}) mine join resource r on r.id = mine.resource_id join task t on t.id = mine.task_id
left join lateral (
  select json_agg(json_build_array(${claimColumns('o', 'ot')}) order by o.place) filter (where o.n <= ${mostBefore}) as before, count(*) as count
  from (
    select other.*, row_number() over (order by other.place) as n from lock other
    where not mine.granted and ${standingBefore('mine', 'other')} and not ${covered('mine')}
  ) o join task ot on ot.id = o.task_id
) b on true
order by r.type, r.key, not mine.granted, mine.place`

const lineLength = `(select count(*) from lock l where l.resource_id = c.resource_id and not l.granted)`

const ofResource = explain(`
  select c.* from (
    select l.*, case when not l.granted then row_number() over (partition by l.granted order by l.place) end as line_place,
      row_number() over (partition by l.granted order by l.place) as n, count(*) filter (where not l.granted) over () as line_length
    from lock l where l.resource_id = (select id from resource where type = $1 collate "C" and key = $2 collate "C")
  ) c where c.n <= ${mostListed}`)

const ofTask = explain(`
  select c.*, case when not c.granted then
    (select count(*) + 1 from lock l where l.resource_id = c.resource_id and not l.granted and l.place < c.place) end as line_place, ${lineLength} as line_length
  from lock c where c.task_id = $1`)

type ClaimColumns = [id: string, label: string, task: string, state: number, name: string, mode: number, granted: boolean, since: number]

interface Row {
	type: string
	key: string
	title: string | null
	claim: string
	place: number | null
	line_length: number
	before: string | null
	before_count: number
}

/** A resource that nobody claims has no holders and no line. */
export async function explainResource(client: Queryable, { type, id }: Pick<ResourceKey, 'type' | 'id'>): Promise<ExplainedResource> {
	const { rows } = await client.query<Row>({ name: 'taskyard:explainResource', text: ofResource, values: [type, id] })
	const claims = rows.map(toWait)
	return {
		resource: claims[0]?.resource ?? { type, id },
		holders: claims.filter((claim) => claim.granted),
		line: claims.filter((claim) => !claim.granted),
		lineLength: rows[0]?.line_length ?? 0,
	}
}

/** What a task holds and waits for. */
export async function explainTaskLocks(client: Queryable, task: string): Promise<ExplainedWait[]> {
	const { rows } = await client.query<Row>({ name: 'taskyard:explainTaskLocks', text: ofTask, values: [task] })
	return rows.map(toWait)
}

function toWait(row: Row): ExplainedWait {
	return {
		resource: { type: row.type, id: row.key, ...(row.title !== null && { title: row.title }) },
		...toClaim(JSON.parse(row.claim) as ClaimColumns),
		place: row.place,
		before: row.before === null ? [] : (JSON.parse(row.before) as ClaimColumns[]).map(toClaim),
		beforeCount: row.before_count,
	}
}

function toClaim([id, label, task, state, name, mode, granted, since]: ClaimColumns): ExplainedClaim {
	return { task: { id, label, name: task, state: taskStateCode.decode(state) }, name, mode: lockModeCode.decode(mode), granted, since }
}
