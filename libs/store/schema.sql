-- Written by `npm run schema` from the catalogues of a migrated database. Change the migrations, not this file.

create extension pg_trgm;

create table attempt (
  task_id uuid not null,
  step integer not null,
  number integer not null,
  kind smallint not null,
  outcome smallint not null,
  child_id integer,
  started_at timestamp with time zone,
  ended_at timestamp with time zone not null,
  error json,
  fingerprint text
) partition by RANGE (task_id);
alter table attempt add constraint attempt_pkey PRIMARY KEY (task_id, step, number);

create table bulk_item (
  task_id uuid not null,
  place integer not null,
  item uuid not null,
  outcome smallint,
  code text,
  reason text,
  made uuid,
  at timestamp with time zone
) with (fillfactor=60);
alter table bulk_item add constraint bulk_item_pkey PRIMARY KEY (task_id, place);

create table callback (
  token_hash bytea not null,
  task_id uuid not null,
  step integer not null,
  attempt integer not null,
  expires_at timestamp with time zone,
  used_at timestamp with time zone
);
alter table callback add constraint callback_pkey PRIMARY KEY (token_hash);
CREATE INDEX callback_task ON public.callback USING btree (task_id);

create table change (
  at timestamp with time zone default clock_timestamp() not null,
  xid xid8 default pg_current_xact_id() not null,
  task_id uuid not null,
  revision integer not null,
  kinds smallint not null
) partition by RANGE (at);
CREATE INDEX change_xid ON ONLY public.change USING btree (xid);

create table child (
  id integer generated always as identity not null,
  worker_id integer not null,
  pid integer not null,
  pool_id text,
  start_time bigint,
  started_at timestamp with time zone default clock_timestamp() not null,
  lease_until timestamp with time zone not null,
  ended_at timestamp with time zone,
  recovered_at timestamp with time zone
) with (fillfactor=50);
alter table child add constraint child_pkey PRIMARY KEY (id);
CREATE INDEX child_not_recovered ON public.child USING btree (id) WHERE (recovered_at IS NULL);

create table dependency (
  task_id uuid not null,
  on_task_id uuid not null,
  policy smallint not null,
  settled_at timestamp with time zone,
  met boolean
);
alter table dependency add constraint dependency_pkey PRIMARY KEY (task_id, on_task_id);
CREATE INDEX dependency_open ON public.dependency USING btree (on_task_id) WHERE (settled_at IS NULL);

create table dry_run (
  id uuid not null,
  label text collate "C" not null,
  input json not null,
  asked_at timestamp with time zone default clock_timestamp() not null,
  asked_by integer not null,
  answer json,
  answered_at timestamp with time zone
);
alter table dry_run add constraint dry_run_pkey PRIMARY KEY (id);

create table event (
  task_id uuid not null,
  revision integer not null,
  n smallint not null,
  at timestamp with time zone not null,
  kind smallint not null,
  step integer,
  old smallint,
  new smallint,
  attempt integer,
  child_id integer,
  started_at timestamp with time zone,
  who integer,
  why text
) partition by RANGE (task_id);
alter table event add constraint event_pkey PRIMARY KEY (task_id, revision, n);

create table external_id (
  task_id uuid not null,
  step integer not null,
  value text collate "C" not null,
  url text
);
alter table external_id add constraint external_id_pkey PRIMARY KEY (task_id, step, value);
CREATE INDEX external_id_value ON public.external_id USING btree (value, task_id);

create table external_work (
  task_id uuid not null,
  step integer not null,
  n integer not null,
  url text not null,
  address text,
  begun_at timestamp with time zone default clock_timestamp() not null,
  cancel json,
  over_at timestamp with time zone,
  tries integer default 0 not null,
  next_at timestamp with time zone default clock_timestamp() not null
);
alter table external_work add constraint external_work_pkey PRIMARY KEY (task_id, step, n);
CREATE INDEX external_work_open ON public.external_work USING btree (next_at) WHERE (over_at IS NULL);

create table fan_out (
  task_id uuid not null,
  step integer not null,
  total integer not null,
  created integer default 0 not null,
  open integer default 0 not null,
  paused integer default 0 not null,
  held integer default 0 not null,
  success integer default 0 not null,
  warning integer default 0 not null,
  error integer default 0 not null,
  cancelled integer default 0 not null,
  at_once integer,
  fail_when smallint not null,
  share double precision,
  leave_running boolean not null
) with (fillfactor=50);
alter table fan_out add constraint fan_out_pkey PRIMARY KEY (task_id, step);

create table link (
  task_id uuid not null,
  resource_id bigint not null
);
alter table link add constraint link_pkey PRIMARY KEY (task_id, resource_id);
CREATE INDEX link_resource ON public.link USING btree (resource_id, task_id);

create table lock (
  resource_id bigint not null,
  task_id uuid not null,
  name text not null,
  mode smallint not null,
  granted boolean not null,
  place bigint generated always as identity not null,
  ancestors uuid[] default '{}'::uuid[] not null,
  at timestamp with time zone default clock_timestamp() not null
);
alter table lock add constraint lock_pkey PRIMARY KEY (resource_id, name, task_id);
CREATE INDEX lock_descendants ON public.lock USING btree (resource_id) WHERE ((NOT granted) AND (ancestors <> '{}'::uuid[]));
CREATE INDEX lock_line ON public.lock USING btree (resource_id, name, place);
CREATE INDEX lock_task ON public.lock USING btree (task_id);

create table log_chunk (
  task_id uuid not null,
  step integer not null,
  first_line bigint not null,
  attempt integer not null,
  count integer not null,
  at timestamp with time zone not null,
  stream smallint not null,
  text text not null
) partition by RANGE (task_id);
alter table log_chunk add constraint log_chunk_pkey PRIMARY KEY (task_id, step, first_line);

create table migration (
  id integer default nextval('migration_id_seq'::regclass) not null,
  name character varying(255) not null,
  executed_at timestamp(6) with time zone default CURRENT_TIMESTAMP(6) not null
);
alter table migration add constraint migration_pkey PRIMARY KEY (id);

create table process_group (
  task_id uuid not null,
  step integer not null,
  attempt integer not null,
  child_id integer not null,
  boot_id text not null,
  pid integer not null,
  start_time bigint not null
);
alter table process_group add constraint process_group_pkey PRIMARY KEY (task_id, step, attempt);

create table recorded_task (
  task_id uuid not null,
  owner_id integer not null,
  key text,
  silence_ms double precision,
  callback_url text,
  last_number bigint default 0 not null,
  tell_at timestamp with time zone,
  failures integer default 0 not null
);
alter table recorded_task add constraint recorded_task_owner_id_key_key UNIQUE (owner_id, key);
alter table recorded_task add constraint recorded_task_pkey PRIMARY KEY (task_id);
CREATE INDEX recorded_task_tell ON public.recorded_task USING btree (tell_at) WHERE (tell_at IS NOT NULL);

create table resource (
  id bigint generated always as identity not null,
  type text collate "C" not null,
  key text collate "C" not null,
  title text
);
alter table resource add constraint resource_pkey PRIMARY KEY (id);
alter table resource add constraint resource_type_key_key UNIQUE (type, key);

create table setting (
  key text not null,
  value json not null,
  changed_at timestamp with time zone default clock_timestamp() not null,
  changed_by integer
);
alter table setting add constraint setting_pkey PRIMARY KEY (key);

create table step (
  task_id uuid not null,
  index integer not null,
  state smallint not null,
  attempt integer not null,
  tries integer default 0 not null,
  cancel_asked boolean default false not null,
  child_id integer,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  not_before timestamp with time zone,
  progress real default 0 not null,
  output json,
  error json,
  suspension json,
  events integer default 0 not null,
  events_seen integer default 0 not null
) with (fillfactor=60);
alter table step add constraint step_pkey PRIMARY KEY (task_id, index);

create table step_event (
  task_id uuid not null,
  step integer not null,
  n integer not null,
  id text not null,
  name text not null,
  payload json not null,
  outcome smallint,
  at timestamp with time zone not null,
  sent_by integer
);
alter table step_event add constraint step_event_pkey PRIMARY KEY (task_id, step, n);
alter table step_event add constraint step_event_task_id_step_id_key UNIQUE (task_id, step, id);

create table task (
  id uuid not null,
  label text collate "C" not null,
  type_version integer not null,
  name text not null,
  state smallint not null,
  result smallint not null,
  reason smallint,
  cancel smallint default 0 not null,
  pause_asked boolean default false not null,
  unlocked boolean default false not null,
  touched boolean default false not null,
  held boolean default false not null,
  member boolean default false not null,
  recorded boolean default false not null,
  silent_until timestamp with time zone,
  awaited boolean default false not null,
  revision integer default 0 not null,
  progress real default 0 not null,
  queue text not null,
  priority smallint default 0 not null,
  duplicate boolean default false not null,
  owner_id integer not null,
  parent_id uuid,
  parent_step integer,
  rerun_of uuid,
  correlation_id text not null,
  waiting_for json,
  error json,
  plan_attempt integer default 0 not null,
  plan_tries integer default 0 not null,
  not_before timestamp with time zone,
  plan_child integer,
  plan_started_at timestamp with time zone,
  created_at timestamp with time zone not null,
  start_at timestamp with time zone,
  start_before timestamp with time zone,
  confirm_before timestamp with time zone,
  started_at timestamp with time zone,
  running_since timestamp with time zone,
  ran_for double precision default 0 not null,
  ended_at timestamp with time zone,
  state_updated_at timestamp with time zone not null
) with (fillfactor=50);
alter table task add constraint task_pkey PRIMARY KEY (id);
CREATE INDEX task_held ON public.task USING btree (parent_id, parent_step, id) WHERE held;
CREATE INDEX task_label ON public.task USING btree (label, id);
CREATE INDEX task_name ON public.task USING gin (name gin_trgm_ops);
CREATE INDEX task_owner ON public.task USING btree (owner_id, id);
CREATE INDEX task_parent ON public.task USING btree (parent_id, id) WHERE (parent_id IS NOT NULL);
CREATE INDEX task_result ON public.task USING btree (result, id);
CREATE INDEX task_started ON public.task USING btree (started_at DESC, id DESC);
CREATE INDEX task_state ON public.task USING btree (state, id);

create table task_payload (
  task_id uuid not null,
  input json not null,
  output json
);
alter table task_payload add constraint task_payload_pkey PRIMARY KEY (task_id);

create table task_plan (
  task_id uuid not null,
  plan json not null
);
alter table task_plan add constraint task_plan_pkey PRIMARY KEY (task_id);

create unlogged table task_progress (
  task_id uuid not null,
  step integer not null,
  attempt integer not null,
  fraction real not null,
  detail json,
  at timestamp with time zone not null
) with (fillfactor=50);
alter table task_progress add constraint task_progress_pkey PRIMARY KEY (task_id, step);

create table task_type (
  label text collate "C" not null,
  version integer not null,
  definition json not null,
  registered_at timestamp with time zone default clock_timestamp() not null,
  offered_at timestamp with time zone default clock_timestamp() not null,
  discarded integer default 0 not null
);
alter table task_type add constraint task_type_pkey PRIMARY KEY (label);

create table timer (
  task_id uuid not null,
  step integer not null,
  kind smallint not null,
  due_at timestamp with time zone not null
);
alter table timer add constraint timer_pkey PRIMARY KEY (task_id, step, kind);
CREATE INDEX timer_due ON public.timer USING btree (due_at);

create table tombstone (
  id uuid not null,
  label text collate "C" not null,
  name text not null,
  owner_id integer not null,
  result smallint not null,
  ended_at timestamp with time zone not null,
  deleted_at timestamp with time zone default clock_timestamp() not null,
  deleted_by integer,
  rule text
);
alter table tombstone add constraint tombstone_pkey PRIMARY KEY (id);

create table "user" (
  id integer generated always as identity not null,
  login text not null,
  name text not null,
  created_at timestamp with time zone default clock_timestamp() not null
);
alter table "user" add constraint user_login_key UNIQUE (login);
alter table "user" add constraint user_pkey PRIMARY KEY (id);

create table worker (
  id integer generated always as identity not null,
  node text not null,
  boot_id text not null,
  pid integer not null,
  version text not null,
  queues text[] not null,
  capacity integer not null,
  labels text[] default '{}'::text[] not null,
  versions integer[] default '{}'::integer[] not null,
  actions text[] default '{}'::text[] not null,
  started_at timestamp with time zone default clock_timestamp() not null,
  heartbeat_at timestamp with time zone default clock_timestamp() not null,
  ended_at timestamp with time zone
) with (fillfactor=50);
alter table worker add constraint worker_pkey PRIMARY KEY (id);
