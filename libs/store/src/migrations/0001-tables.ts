/** The tables of Taskyard. */

export const tables = `
-- The tables of Taskyard. Small integers stand for the words of libs/model/src/states.ts, by position.
-- No foreign keys on step, attempt, event, change, log_chunk, lock and dependency: one door writes them.

create extension if not exists pg_trgm;

create table "user" (
  id integer generated always as identity primary key,
  login text not null unique,
  name text not null,
  created_at timestamptz not null default clock_timestamp()
);

create table setting (
  key text primary key,
  value json not null,
  changed_at timestamptz not null default clock_timestamp(),
  changed_by integer
);

create table task_type (
  label text collate "C" primary key,
  version integer not null,
  definition json not null,
  registered_at timestamptz not null default clock_timestamp(),
  offered_at timestamptz not null default clock_timestamp(),
  -- Starts that made no task, because another one of the same key counts.
  discarded integer not null default 0
);

create table worker (
  id integer generated always as identity primary key,
  node text not null,
  boot_id text not null,
  pid integer not null,
  version text not null,
  queues text[] not null,
  capacity integer not null,
  -- Labels of the task types that it offers, and in the same order their versions.
  labels text[] not null default '{}',
  versions integer[] not null default '{}',
  -- Labels of the actions whose code it has.
  actions text[] not null default '{}',
  started_at timestamptz not null default clock_timestamp(),
  heartbeat_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
) with (fillfactor = 50);

-- One incarnation of a child process of a worker: the lease belongs to it, not to the attempt.
create table child (
  id integer generated always as identity primary key,
  worker_id integer not null,
  pid integer not null,
  pool_id text,
  -- Ticks since the boot of the node when the process started: tells a process number that was given out again apart.
  start_time bigint,
  started_at timestamptz not null default clock_timestamp(),
  lease_until timestamptz not null,
  ended_at timestamptz,
  recovered_at timestamptz
) with (fillfactor = 50);
create index child_not_recovered on child (id) where recovered_at is null;

create table task (
  id uuid primary key,
  label text collate "C" not null,
  type_version integer not null,
  name text not null,
  state smallint not null,
  result smallint not null,
  reason smallint,
  cancel smallint not null default 0,
  pause_asked boolean not null default false,
  unlocked boolean not null default false,
  touched boolean not null default false,
  -- Pending, and waits for the limit of its fan-out.
  held boolean not null default false,
  -- Counted by the fan-out of the step that started it.
  member boolean not null default false,
  -- Another program carries it out; it counts as lost when nothing is heard of it until then.
  recorded boolean not null default false,
  silent_until timestamptz,
  -- Another task waits, or has waited, for the end of this one.
  awaited boolean not null default false,
  revision integer not null default 0,
  progress real not null default 0,
  queue text not null,
  -- From -10 to 10; higher ones overtake in their queue.
  priority smallint not null default 0,
  -- It has had a claim on its duplicate key since it was started.
  duplicate boolean not null default false,
  owner_id integer not null,
  parent_id uuid,
  parent_step integer,
  rerun_of uuid,
  correlation_id text not null,
  waiting_for json,
  error json,
  plan_attempt integer not null default 0,
  plan_tries integer not null default 0,
  not_before timestamptz,
  plan_child integer,
  plan_started_at timestamptz,
  created_at timestamptz not null,
  start_at timestamptz,
  start_before timestamptz,
  confirm_before timestamptz,
  started_at timestamptz,
  running_since timestamptz,
  -- Milliseconds in *running* before that.
  ran_for float8 not null default 0,
  ended_at timestamptz,
  state_updated_at timestamptz not null
) with (fillfactor = 50);
create index task_state on task (state, id);
create index task_result on task (result, id);
create index task_label on task (label, id);
create index task_owner on task (owner_id, id);
create index task_started on task (started_at desc, id desc);
create index task_parent on task (parent_id, id) where parent_id is not null;
-- Sub-tasks that wait for the limit of their fan-out, in the order in which they begin.
create index task_held on task (parent_id, parent_step, id) where held;
create index task_name on task using gin (name gin_trgm_ops);

-- What another program said when it opened a task that it carries out, and what is owed to it.
create table recorded_task (
  task_id uuid primary key,
  owner_id integer not null,
  -- The program's own name for it: opened twice it is one task.
  key text,
  silence_ms float8,
  callback_url text,
  -- Number of the last report that counted.
  last_number bigint not null default 0,
  -- When it is told of the cancel, and how often that has failed.
  tell_at timestamptz,
  failures integer not null default 0,
  unique (owner_id, key)
);
create index recorded_task_tell on recorded_task (tell_at) where tell_at is not null;

-- What is large and read for one task at a time.
create table task_payload (
  task_id uuid primary key,
  input json not null,
  output json
);

create table task_plan (
  task_id uuid primary key,
  plan json not null
);

-- A step has a row from its first attempt on; before that the plan says all there is to say of it.
create table step (
  task_id uuid not null,
  index integer not null,
  state smallint not null,
  attempt integer not null,
  tries integer not null default 0,
  cancel_asked boolean not null default false,
  child_id integer,
  started_at timestamptz,
  ended_at timestamptz,
  not_before timestamptz,
  progress real not null default 0,
  output json,
  error json,
  -- What it waits for without a worker, or why it is begun again.
  suspension json,
  -- Events that have arrived, and those that it was given before it was suspended again.
  events integer not null default 0,
  events_seen integer not null default 0,
  primary key (task_id, index)
) with (fillfactor = 60);

-- The sub-tasks of one step, counted by the transactions in which they are made, pause, go on and end.
create table fan_out (
  task_id uuid not null,
  step integer not null,
  -- How many there are to be, and how many of them have been made.
  total integer not null,
  created integer not null default 0,
  -- Not stopped. Paused ones, and those that are held by the limit, are open too.
  open integer not null default 0,
  paused integer not null default 0,
  held integer not null default 0,
  success integer not null default 0,
  warning integer not null default 0,
  error integer not null default 0,
  cancelled integer not null default 0,
  -- How many may be under way at a time.
  at_once integer,
  -- 0: any that fails, 1: all of them, 2: more than the share.
  fail_when smallint not null,
  share float8,
  leave_running boolean not null,
  primary key (task_id, step)
) with (fillfactor = 50);

create table attempt (
  task_id uuid not null,
  step integer not null,
  number integer not null,
  kind smallint not null,
  outcome smallint not null,
  child_id integer,
  started_at timestamptz,
  ended_at timestamptz not null,
  error json,
  fingerprint text,
  primary key (task_id, step, number)
) partition by range (task_id);

create table event (
  task_id uuid not null,
  revision integer not null,
  n smallint not null,
  at timestamptz not null,
  kind smallint not null,
  step integer,
  old smallint,
  new smallint,
  attempt integer,
  child_id integer,
  started_at timestamptz,
  who integer,
  why text,
  primary key (task_id, revision, n)
) partition by range (task_id);

create table log_chunk (
  task_id uuid not null,
  step integer not null,
  first_line bigint not null,
  attempt integer not null,
  count integer not null,
  at timestamptz not null,
  stream smallint not null,
  text text not null,
  primary key (task_id, step, first_line)
) partition by range (task_id);

-- The change feed: one row for each task that a group changed. kinds is a bit set: 1 task, 2 step, 4 lock, 8 log.
create table change (
  at timestamptz not null default clock_timestamp(),
  xid xid8 not null default pg_current_xact_id(),
  task_id uuid not null,
  revision integer not null,
  kinds smallint not null
) partition by range (at);
create index change_xid on change (xid);

create table resource (
  id bigint generated always as identity primary key,
  type text collate "C" not null,
  key text collate "C" not null,
  title text,
  unique (type, key)
);

-- Claims, those that stand in line included. place is the order of the line, taken under the lock of the resource's row.
-- ancestors of the task, whose claims never conflict with its own, are known when it claims and do not change.
create table lock (
  resource_id bigint not null,
  task_id uuid not null,
  name text not null,
  mode smallint not null,
  granted boolean not null,
  place bigint generated always as identity,
  ancestors uuid[] not null default '{}',
  at timestamptz not null default clock_timestamp(),
  primary key (resource_id, name, task_id)
);
create index lock_task on lock (task_id);
create index lock_line on lock (resource_id, name, place);
-- Sub-tasks in line, for those that stand behind an ancestor, whose claim is no reason to wait.
create index lock_descendants on lock (resource_id) where not granted and ancestors <> '{}';

create table link (
  task_id uuid not null,
  resource_id bigint not null,
  primary key (task_id, resource_id)
);
create index link_resource on link (resource_id, task_id);

create table timer (
  task_id uuid not null,
  step integer not null,
  kind smallint not null,
  due_at timestamptz not null,
  primary key (task_id, step, kind)
);
create index timer_due on timer (due_at);

-- A task waits until another has stopped. Settled once, by the end of that one.
create table dependency (
  task_id uuid not null,
  on_task_id uuid not null,
  policy smallint not null,
  settled_at timestamptz,
  met boolean,
  primary key (task_id, on_task_id)
);
create index dependency_open on dependency (on_task_id) where settled_at is null;

-- What was sent to a step, in the order in which it came. The step counts its events and those that it was given.
create table step_event (
  task_id uuid not null,
  step integer not null,
  n integer not null,
  -- The sender's: an event with a known one came already.
  id text not null,
  name text not null,
  payload json not null,
  -- 0: the payload is the output that ends the step, 1: it is the error.
  outcome smallint,
  at timestamptz not null,
  sent_by integer,
  primary key (task_id, step, n),
  unique (task_id, step, id)
);

-- A one-time token that a step gave to work elsewhere; only its SHA-256 is kept.
create table callback (
  token_hash bytea primary key,
  task_id uuid not null,
  step integer not null,
  attempt integer not null,
  expires_at timestamptz,
  used_at timestamptz
);
create index callback_task on callback (task_id);

-- What the work of a step is called elsewhere, and where it can be looked at.
create table external_id (
  task_id uuid not null,
  step integer not null,
  value text collate "C" not null,
  url text,
  primary key (task_id, step, value)
);
create index external_id_value on external_id (value, task_id);

-- Work that steps have started at other services, from before its start until it is over there.
create table external_work (
  task_id uuid not null,
  step integer not null,
  n integer not null,
  -- Where it was started, and where it is.
  url text not null,
  address text,
  begun_at timestamptz not null default clock_timestamp(),
  -- The request that ends it; what is sensitive of it is sealed.
  cancel json,
  over_at timestamptz,
  -- How often it was looked at since its task has stopped, and when it is next.
  tries integer not null default 0,
  next_at timestamptz not null default clock_timestamp(),
  primary key (task_id, step, n)
);
create index external_work_open on external_work (next_at) where over_at is null;

-- What a bulk is to act on, and what has become of it.
create table bulk_item (
  task_id uuid not null,
  place integer not null,
  item uuid not null,
  -- 0: done, 1: refused, 2: failed; without one its turn has not come.
  outcome smallint,
  code text,
  reason text,
  -- The task that a rerun makes: its id stands here before there is one.
  made uuid,
  at timestamptz,
  primary key (task_id, place)
) with (fillfactor = 60);

-- What stays of a deleted task, with the events of what people did to it.
create table tombstone (
  id uuid primary key,
  label text collate "C" not null,
  name text not null,
  owner_id integer not null,
  result smallint not null,
  ended_at timestamptz not null,
  deleted_at timestamptz not null default clock_timestamp(),
  deleted_by integer,
  -- The rule of retention that deleted it, when no person did.
  rule text
);

-- A question what a task would do: answered by a worker, without a task.
create table dry_run (
  id uuid primary key,
  label text collate "C" not null,
  input json not null,
  asked_at timestamptz not null default clock_timestamp(),
  asked_by integer not null,
  answer json,
  answered_at timestamptz
);

-- The process group of a command under way: whoever recovers the attempt on this node ends it first.
create table process_group (
  task_id uuid not null,
  step integer not null,
  attempt integer not null,
  child_id integer not null,
  boot_id text not null,
  pid integer not null,
  start_time bigint not null,
  primary key (task_id, step, attempt)
);

-- Progress between two checkpoints; lost with a crash of PostgreSQL, when the checkpointed value is shown.
create unlogged table task_progress (
  task_id uuid not null,
  step integer not null,
  attempt integer not null,
  fraction real not null,
  detail json,
  at timestamptz not null,
  primary key (task_id, step)
) with (fillfactor = 50);

insert into setting (key, value) values ('feed_epoch', to_json(gen_random_uuid()::text));
`
