-- Cases: one line per case for judging and for the pages.

-- name: next_ids @pg
-- Numbers for new cases. Gaps do not matter.
select nextval('case_id') from generate_series(1::bigint, $1::bigint);

-- name: next_ids @sqlite
insert into counter (name, value) values ('case_id', $1)
on conflict (name) do update set value = counter.value + excluded.value returning value;

-- name: known @pg
-- Which of these cases are known, and their files; held in one order until the transaction ends: two workers, or a
-- worker and a look, never wait for each other in a ring.
select c.id, c.space, c.case_no, c.facts_rev, c.judged_rev, c.next_look_ms, c.organ_code, c.organ_name, c.records, f.versions
from cases c join jsonb_to_recordset($1::jsonb) as k(space text, case_no text) on c.space = k.space and c.case_no = k.case_no
join case_file f on f.case_id = c.id and f.source_id = 0 and f.element = 0 and f.seq = 0
order by c.id for update of c;

-- name: known @sqlite
select c.id, c.space, c.case_no, c.facts_rev, c.judged_rev, c.next_look_ms, c.organ_code, c.organ_name, c.records, f.versions
from cases c join case_file f on f.case_id = c.id and f.source_id = 0 and f.element = 0 and f.seq = 0
where (c.space, c.case_no) in (select value ->> 'space', value ->> 'case_no' from json_each($1)) order by c.id;

-- name: stored_records @pg
-- How many stored records have these cases?
select cast(coalesce(sum(c.records), 0) as bigint) from cases c
join jsonb_to_recordset($1::jsonb) as k(space text, case_no text) on c.space = k.space and c.case_no = k.case_no;

-- name: stored_records @sqlite
select coalesce(sum(records), 0) from cases
where (space, case_no) in (select value ->> 'space', value ->> 'case_no' from json_each($1));

-- name: files @pg
-- The files of these cases.
select f.case_id, f.versions from case_file f join jsonb_array_elements_text($1::jsonb) as k(id) on f.case_id = k.id::bigint
where f.source_id = 0 and f.element = 0 and f.seq = 0 order by f.case_id;

-- name: files @sqlite
select case_id, versions from case_file
where source_id = 0 and element = 0 and seq = 0 and case_id in (select value from json_each($1)) order by case_id;

-- name: outside_files @pg
-- The files of these records outside any case.
select f.case_id, f.source_id, f.element, f.seq, f.versions from case_file f
join jsonb_to_recordset($1::jsonb) as k(a bigint, b bigint, c bigint, d bigint)
on f.case_id = k.a and f.source_id = k.b and f.element = k.c and f.seq = k.d order by 1, 2, 3, 4 for update of f;

-- name: outside_files @sqlite
select case_id, source_id, element, seq, versions from case_file where (case_id, source_id, element, seq) in
  (select value ->> 'a', value ->> 'b', value ->> 'c', value ->> 'd' from json_each($1)) order by 1, 2, 3, 4;

-- name: drop_file
-- Nothing is left in a file.
delete from case_file where case_id = $1 and source_id = $2 and element = $3 and seq = $4;

-- name: put_files @pg
-- Files anew.
insert into case_file (case_id, source_id, element, seq, versions)
select a, b, c, d, v from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[]) as k(a, b, c, d, v)
order by 1, 2, 3, 4
on conflict (case_id, source_id, element, seq) do update set versions = excluded.versions;

-- name: put_files @sqlite
insert into case_file (case_id, source_id, element, seq, versions)
select value ->> 0, value ->> 1, value ->> 2, value ->> 3, unhex(value ->> 4) from json_each($1) where true
on conflict (case_id, source_id, element, seq) do update set versions = excluded.versions;

-- name: put_new @sqlite
-- New cases; on PostgreSQL they are copied in.
insert into cases (id, space, case_no, source, facts_rev, judged_rev, next_look_ms, organ_code, organ_name, title, stage,
  accepted_ms, due_day, concluded_ms, late, overdue, concluded_month, incomplete, early, colour, not_judged, held, records,
  summary, updated_ms, envelope_no)
select value ->> 'id', value ->> 'space', value ->> 'case_no', value ->> 'source', value ->> 'facts_rev',
  value ->> 'judged_rev', value ->> 'next_look_ms', value ->> 'organ_code', value ->> 'organ_name', value ->> 'title',
  value ->> 'stage', value ->> 'accepted_ms', value ->> 'due_day', value ->> 'concluded_ms', value ->> 'late',
  value ->> 'overdue', value ->> 'concluded_month', value ->> 'incomplete', value ->> 'early', value ->> 'colour',
  value ->> 'not_judged', value ->> 'held', value ->> 'records', value ->> 'summary', value ->> 'updated_ms', value ->> 'envelope_no'
from json_each($1);

-- name: lock @pg
-- These cases as they are now, held in one order until the transaction ends.
select cases.id, facts_rev, judged_rev, next_look_ms from cases
join jsonb_array_elements_text($1::jsonb) as k(id) on cases.id = k.id::bigint order by 1 for update of cases;

-- name: lock @sqlite
select id, facts_rev, judged_rev, next_look_ms from cases where id in (select value from json_each($1)) order by 1;

-- name: lock_keys @pg
-- These cases, held in one order until the transaction ends.
select cases.id from cases join jsonb_to_recordset($1::jsonb) as k(space text, case_no text)
on cases.space = k.space and cases.case_no = k.case_no order by 1 for update of cases;

-- name: lock_keys @sqlite
select id from cases where (space, case_no) in (select value ->> 'space', value ->> 'case_no' from json_each($1)) order by 1;

-- name: again @pg
-- These cases are to be judged again though no record came.
update cases set facts_rev = facts_rev + 1 from jsonb_to_recordset($1::jsonb) as c(space text, case_no text)
where cases.space = c.space and cases.case_no = c.case_no;

-- name: again @sqlite
update cases set facts_rev = facts_rev + 1
where (space, case_no) in (select value ->> 'space', value ->> 'case_no' from json_each($1));

-- name: standing
-- Cases whose state may change with the rules, of one source or of all: open, held, or with an open card; in order.
select space, case_no from cases
where ($1 = '' or source = $1) and (concluded_ms is null or held <> '' or colour <> '')
  and (space, case_no) > ($2, $3) order by space, case_no limit $4;

-- name: newest
-- The cases that were stored to last.
select id, space, case_no from cases order by updated_ms desc, id desc limit $1;

-- name: changed
-- Cases whose facts changed since they were judged, behind one of them; not while parts of the envelope that was
-- stored to one last still wait, since more of it may stand in them.
select id, space, case_no, facts_rev, judged_rev, next_look_ms, organ_code, organ_name, records
from cases where facts_rev > judged_rev and id > $1
  and not exists (select 1 from inbox i where i.envelope_no = cases.envelope_no)
order by id limit $2;

-- name: due
-- Cases whose next look has come, behind one of them.
select id, space, case_no, facts_rev, judged_rev, next_look_ms, organ_code, organ_name, records
from cases where next_look_ms is not null and next_look_ms <= $1 and (next_look_ms, id) > ($2, $3)
order by next_look_ms, id limit $4;

-- name: judged @pg
-- What a look at these cases found. They are locked.
update cases set
  judged_rev = j.judged_rev, next_look_ms = j.next_look_ms, organ_code = j.organ_code, organ_name = j.organ_name,
  title = j.title, stage = j.stage, accepted_ms = j.accepted_ms, due_day = j.due_day, concluded_ms = j.concluded_ms,
  late = j.late, overdue = j.overdue, concluded_month = j.concluded_month, incomplete = j.incomplete, early =
  j.early, colour = j.colour, not_judged = j.not_judged, held = j.held, summary = j.summary
from jsonb_to_recordset($1::jsonb) as j(id bigint, facts_rev bigint, judged_rev bigint, source text, next_look_ms bigint, organ_code text,
    organ_name text, title text, stage text, accepted_ms bigint, due_day text, concluded_ms bigint, late bigint,
    concluded_month text, incomplete bigint, early bigint, overdue bigint, colour text, not_judged text, held text,
    records bigint, summary text, updated_ms bigint, envelope_no bigint)
where cases.id = j.id;

-- name: judged @sqlite
update cases set
  judged_rev = j.v ->> 'judged_rev', next_look_ms = j.v ->> 'next_look_ms', organ_code = j.v ->> 'organ_code',
  organ_name = j.v ->> 'organ_name', title = j.v ->> 'title', stage = j.v ->> 'stage', accepted_ms = j.v ->>
  'accepted_ms', due_day = j.v ->> 'due_day', concluded_ms = j.v ->> 'concluded_ms', late = j.v ->> 'late', overdue
  = j.v ->> 'overdue', concluded_month = j.v ->> 'concluded_month', incomplete = j.v ->> 'incomplete', early = j.v
  ->> 'early', colour = j.v ->> 'colour', not_judged = j.v ->> 'not_judged', held = j.v ->> 'held', summary = j.v
  ->> 'summary'
from (select value as v from json_each($1)) as j where cases.id = j.v ->> 'id';

-- name: touched @pg
-- These cases were stored to and are judged later. They are locked.
update cases set facts_rev = j.facts_rev, records = j.records, updated_ms = j.updated_ms, source = j.source,
  envelope_no = j.envelope_no
from jsonb_to_recordset($1::jsonb) as j(id bigint, facts_rev bigint, records bigint, updated_ms bigint, source text,
  envelope_no bigint) where cases.id = j.id;

-- name: touched @sqlite
update cases set facts_rev = j.v ->> 'facts_rev', records = j.v ->> 'records', updated_ms = j.v ->> 'updated_ms',
  source = j.v ->> 'source', envelope_no = j.v ->> 'envelope_no'
from (select value as v from json_each($1)) as j where cases.id = j.v ->> 'id';

-- name: stored @pg
-- These cases were stored to, and judged by what is stored now. They are locked.
update cases set
  judged_rev = j.judged_rev, next_look_ms = j.next_look_ms, organ_code = j.organ_code, organ_name = j.organ_name,
  title = j.title, stage = j.stage, accepted_ms = j.accepted_ms, due_day = j.due_day, concluded_ms = j.concluded_ms,
  late = j.late, overdue = j.overdue, concluded_month = j.concluded_month, incomplete = j.incomplete, early =
  j.early, colour = j.colour, not_judged = j.not_judged, held = j.held, summary = j.summary, facts_rev =
  j.facts_rev, records = j.records, updated_ms = j.updated_ms,
  source = j.source, envelope_no = j.envelope_no
from jsonb_to_recordset($1::jsonb) as j(id bigint, facts_rev bigint, judged_rev bigint, source text, next_look_ms bigint, organ_code text,
    organ_name text, title text, stage text, accepted_ms bigint, due_day text, concluded_ms bigint, late bigint,
    concluded_month text, incomplete bigint, early bigint, overdue bigint, colour text, not_judged text, held text,
    records bigint, summary text, updated_ms bigint, envelope_no bigint)
where cases.id = j.id;

-- name: stored @sqlite
update cases set
  judged_rev = j.v ->> 'judged_rev', next_look_ms = j.v ->> 'next_look_ms', organ_code = j.v ->> 'organ_code',
  organ_name = j.v ->> 'organ_name', title = j.v ->> 'title', stage = j.v ->> 'stage', accepted_ms = j.v ->>
  'accepted_ms', due_day = j.v ->> 'due_day', concluded_ms = j.v ->> 'concluded_ms', late = j.v ->> 'late', overdue
  = j.v ->> 'overdue', concluded_month = j.v ->> 'concluded_month', incomplete = j.v ->> 'incomplete', early = j.v
  ->> 'early', colour = j.v ->> 'colour', not_judged = j.v ->> 'not_judged', held = j.v ->> 'held', summary = j.v
  ->> 'summary', facts_rev = j.v ->> 'facts_rev', records = j.v ->> 'records', updated_ms = j.v ->> 'updated_ms',
  source = j.v ->> 'source'
from (select value as v from json_each($1)) as j where cases.id = j.v ->> 'id';

-- name: tally
-- Counts of cases: all, concluded, concluded late, open, open and overdue.
select count(*),
  cast(coalesce(sum(case when concluded_ms is not null then 1 else 0 end), 0) as bigint),
  cast(coalesce(sum(case when concluded_ms is not null and late = 1 then 1 else 0 end), 0) as bigint),
  cast(coalesce(sum(case when concluded_ms is null then 1 else 0 end), 0) as bigint),
  cast(coalesce(sum(case when concluded_ms is null and overdue = 1 then 1 else 0 end), 0) as bigint)
from cases;

-- name: not_judged
-- For which sets of rules were how many cases not judged?
select not_judged, count(*) from cases where not_judged <> '' group by not_judged order by not_judged;

-- name: unjudged
-- How many cases wait for a look?
select count(*) from cases where facts_rev > judged_rev;

-- name: next_look
-- When is the next look due?
select min(next_look_ms) from cases;

-- name: held
-- How many cases are held, by reason?
select held, count(*) from cases where held <> '' group by held order by held;

-- name: due_years
-- In which years do the due days of open cases lie, and of how many?
select substr(due_day, 1, 4), count(*) from cases where concluded_ms is null and due_day is not null group by 1 order by 1;

-- name: blind
-- For which sources and sets of rules were how many cases not judged?
select source, not_judged, count(*) from cases where not_judged <> '' group by source, not_judged order by 1, 2;

-- name: open_due
-- Open cases with a due day, in order.
select space, case_no, id from cases where concluded_ms is null and accepted_ms is not null
  and (space, case_no) > ($1, $2) order by space, case_no limit $3;

-- name: judged_by
-- By what were cases judged last?
select name, digest from judged_by order by name;

-- name: put_judged_by
insert into judged_by (name, digest) values ($1, $2) on conflict (name) do update set digest = excluded.digest;
