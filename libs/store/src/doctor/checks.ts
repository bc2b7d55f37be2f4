/**
 * What holds in every database at every moment: the rules that one door keeps, looked for in the tables alone. Each
 * check is one statement and so sees one moment; it answers a line for each thing that is wrong, with the ids.
 */

import { eventKindCode, lockModeCode, stepStateCode, taskResultCode, taskStateCode } from '../tasks/codes.ts'
import { storedOutcomeCode } from '../bulk/outcomes.ts'

export interface Check {
	/** What holds, as a sentence. */
	readonly holds: string
	/** Answers rows of `what`. */
	readonly text: string
}

const state = taskStateCode.encode
const step = stepStateCode.encode
const event = eventKindCode.encode
const result = taskResultCode.encode
const stopped = state('stopped')
const attempting = [step('running'), step('finalizing'), step('reverting')].join(', ')
const entered = `${event('created')}, ${event('task')}`

export const checks: readonly Check[] = [
	{
		holds: 'A task is in the state that its history ends with.',
		text: `select format('task %s is in state %s, and its history ends with %s', t.id, t.state, e.new) as what from task t
left join lateral (select new from event where task_id = t.id and kind in (${entered}) order by revision desc, n desc limit 1) e on true
where t.state is distinct from e.new`,
	},
	{
		holds: 'A step is in the state that its history ends with.',
		text: `select format('step %s of task %s is in state %s, and its history ends with %s', s.index, s.task_id, s.state, e.new) as what from step s
left join lateral (
  select new from event where task_id = s.task_id and step = s.index and kind = ${event('step')} order by revision desc, n desc limit 1
) e on true
where s.state not in (${attempting}) and s.state <> coalesce(e.new, ${step('pending')})`,
	},
	{
		holds: 'An attempt has one outcome.',
		text: `select format('attempt %s of step %s of task %s has %s outcomes', attempt, step, task_id, count(*)) as what from event
where kind = ${event('step')} and old in (${attempting}) group by task_id, step, attempt having count(*) > 1`,
	},
	{
		holds: 'A stopped task has no step under way.',
		text: `select format('task %s has stopped, and its step %s is in state %s', s.task_id, s.index, s.state) as what from step s
join task t on t.id = s.task_id where t.state = ${stopped} and not t.unlocked and s.state in (${attempting}, ${step('pending')}, ${step('suspended')})`,
	},
	{
		holds: 'Locks are held and awaited by live tasks alone.',
		text: `select format('task %s claims %s of %s %s, and %s', l.task_id, l.name, r.type, r.key,
  case when t.id is null then 'is gone' else 'is in state ' || t.state end) as what
from lock l join resource r on r.id = l.resource_id left join task t on t.id = l.task_id
where coalesce(t.state, ${stopped}) not in (${state('planned')}, ${state('running')}, ${state('paused')})
  and not (coalesce(t.state, ${stopped}) < ${state('planned')} and t.duplicate)`,
	},
	{
		holds: 'A running task holds what its plan claims.',
		text: `select format('task %s runs and holds %s of the %s locks of its plan', t.id, held.count, claimed.count) as what from task t join task_plan p on p.task_id = t.id
cross join lateral (
  select count(distinct (c->'resource'->>'type', c->'resource'->>'id', c->>'name'))::int as count from jsonb_array_elements(p.plan::jsonb->'locks') c
) claimed
cross join lateral (
  select count(*)::int as count from lock l join resource r on r.id = l.resource_id
  where l.task_id = t.id and l.granted and r.type <> 'duplicate'
) held
where t.state = ${state('running')} and held.count < claimed.count`,
	},
	{
		holds: 'Of two conflicting claims one waits.',
		text: `select format('tasks %s and %s both hold %s of %s %s', a.task_id, b.task_id, a.name, r.type, r.key) as what from lock a
join lock b on b.resource_id = a.resource_id and b.task_id > a.task_id and (a.name = b.name or '*' in (a.name, b.name))
join resource r on r.id = a.resource_id
where a.granted and b.granted and not (a.mode = ${lockModeCode.encode('shared')} and b.mode = ${lockModeCode.encode('shared')})
  and not a.task_id = any(b.ancestors) and not b.task_id = any(a.ancestors)`,
	},
	{
		holds: 'Of one duplicate key there are no more tasks than its policy lets through.',
		text: `select format('%s tasks claim the duplicate key %s, whose policy is %s: %s', count(*), r.key, d.definition->'duplicates'->>'policy', string_agg(t.id::text, ', ')) as what
from lock l join resource r on r.id = l.resource_id and r.type = 'duplicate' join task t on t.id = l.task_id join task_type d on d.label = t.label
where l.ancestors = '{}' group by r.key, d.definition->'duplicates'->>'policy'
having count(*) > case d.definition->'duplicates'->>'policy' when 'discard' then 1 when 'queue_one' then 2 else count(*) end`,
	},
	{
		holds: 'A fan-out counts the sub-tasks that there are.',
		text: `select format('step %s of task %s counts its sub-tasks as %s, and they are %s', f.step, f.task_id,
  row(f.created, f.open, f.paused, f.held, f.success, f.warning, f.error, f.cancelled), c) as what
from fan_out f cross join lateral (
  select count(*)::int as created, count(*) filter (where t.state <> ${stopped})::int as open, count(*) filter (where t.state = ${state('paused')})::int as paused,
    count(*) filter (where t.held)::int as held, ${(['success', 'warning', 'error', 'cancelled'] as const)
			.map((word) => `count(*) filter (where t.state = ${stopped} and t.result = ${result(word)})::int as ${word}`)
			.join(', ')}
  from task t where t.parent_id = f.task_id and t.parent_step = f.step and t.member) c
where row(f.created, f.open, f.paused, f.held, f.success, f.warning, f.error, f.cancelled) is distinct from c`,
	},
	{
		holds: 'A stopped task has no timer.',
		text: `select format('a timer of task %s is due at %s, and the task %s', m.task_id, m.due_at, case when t.id is null then 'is gone' else 'has stopped' end) as what
from timer m left join task t on t.id = m.task_id where coalesce(t.state, ${stopped}) = ${stopped}`,
	},
	{
		holds: 'A stopped task has no job.',
		text: `select format('job %s stands for task %s, which has stopped', j.id, t.id) as what
from graphile_worker._private_jobs j join task t on t.id::text = j.payload->>'task' where t.state = ${stopped}`,
	},
	{
		holds: 'Nobody waits for a task that has stopped.',
		text: `select format('task %s still waits for %s, which has stopped', d.task_id, d.on_task_id) as what
from dependency d left join task t on t.id = d.on_task_id join task w on w.id = d.task_id
where d.settled_at is null and w.state <> ${stopped} and coalesce(t.state, ${stopped}) = ${stopped}`,
	},
	{
		holds: 'A step was given no more events than were sent to it.',
		text: `select format('step %s of task %s counts %s events and was given %s, and %s were sent', s.index, s.task_id, s.events, s.events_seen, e.count) as what from step s
cross join lateral (select count(*)::int as count from step_event where task_id = s.task_id and step = s.index) e
where s.events > 0 and (s.events > e.count or s.events_seen > s.events)`,
	},
	{
		holds: 'A suspended step was woken by each event.',
		text: `select format('step %s of task %s is suspended, and was given %s of %s events', s.index, s.task_id, s.events_seen, e.count) as what
from step s join task t on t.id = s.task_id and t.state = ${state('running')} and t.cancel = 0
cross join lateral (select count(*)::int as count from step_event where task_id = s.task_id and step = s.index) e
where s.state = ${step('suspended')} and s.suspension->>'kind' <> 'sub_tasks' and s.events_seen < e.count`,
	},
	{
		holds: 'A bulk that has ended well says of each item what became of it.',
		text: `select format('bulk %s has ended, and %s of its items have no outcome', b.task_id, count(*)) as what
from bulk_item b join task t on t.id = b.task_id
where b.outcome is null and t.state = ${stopped} and t.result = ${result('success')} group by b.task_id`,
	},
	{
		holds: 'What a bulk has made is there, or was.',
		text: `select format('item %s of bulk %s made task %s, which there is not', b.place, b.task_id, b.made) as what from bulk_item b
where b.outcome = ${storedOutcomeCode.encode('done')} and b.made is not null
  and not exists (select from task where id = b.made) and not exists (select from tombstone where id = b.made)`,
	},
]
