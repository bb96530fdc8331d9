-- Cases: one line per case for judging and for the pages.

-- name: touch @pg
-- Facts of these cases changed, by so many records: they are to be judged.
insert into cases (space, case_no, source, facts_rev, records, updated_ms)
select c.space, c.case_no, c.source, 1, c.records, $2
from jsonb_to_recordset($1::jsonb) as c(space text, case_no text, source text, records bigint) order by 1, 2
on conflict (space, case_no) do update set facts_rev = cases.facts_rev + 1,
  records = cases.records + excluded.records, updated_ms = excluded.updated_ms;

-- name: touch @sqlite
insert into cases (space, case_no, source, facts_rev, records, updated_ms)
select value ->> 'space', value ->> 'case_no', value ->> 'source', 1, value ->> 'records', $2 from json_each($1) where true
on conflict (space, case_no) do update set facts_rev = cases.facts_rev + 1,
  records = cases.records + excluded.records, updated_ms = excluded.updated_ms;

-- name: lock @pg
-- These cases as they are now, held in one order until the transaction ends: two looks, or a look and an
-- ingest, never wait for each other in a ring.
select cases.space, cases.case_no, facts_rev, judged_rev, next_look_ms from cases
join jsonb_to_recordset($1::jsonb) as c(space text, case_no text) on cases.space = c.space and cases.case_no = c.case_no
order by 1, 2 for update of cases;

-- name: lock @sqlite
select space, case_no, facts_rev, judged_rev, next_look_ms from cases
where (space, case_no) in (select value ->> 'space', value ->> 'case_no' from json_each($1)) order by 1, 2;

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

-- name: known @pg
-- Which of these cases have records already?
select cases.space, cases.case_no from cases
join jsonb_to_recordset($1::jsonb) as c(space text, case_no text) on cases.space = c.space and cases.case_no = c.case_no;

-- name: known @sqlite
select space, case_no from cases
where (space, case_no) in (select value ->> 'space', value ->> 'case_no' from json_each($1));

-- name: due
-- Cases whose facts changed, or whose next look has come.
select space, case_no, facts_rev, judged_rev, next_look_ms, records, organ_code, organ_name from (
  select space, case_no, facts_rev, judged_rev, next_look_ms, records, organ_code, organ_name
  from cases where facts_rev > judged_rev
  union
  select space, case_no, facts_rev, judged_rev, next_look_ms, records, organ_code, organ_name
  from cases where next_look_ms is not null and next_look_ms <= $1
) as due order by space, case_no limit $2;

-- name: judged @pg
-- What a look at these cases found. The lines are locked in order first, as ingest touches them, so that the two
-- never wait for each other in a ring.
with found as materialized (
  select * from jsonb_to_recordset($1::jsonb) as j(space text, case_no text, rev bigint, next_look_ms bigint, organ_code text,
    organ_name text, title text, stage text, accepted_ms bigint, due_day text, concluded_ms bigint, late bigint,
    concluded_month text, incomplete bigint, early bigint, overdue bigint, colour text, not_judged text, held text, summary text)
), locked as materialized (
  select c.space, c.case_no from cases c join found f on c.space = f.space and c.case_no = f.case_no
  order by 1, 2 for update of c
)
update cases set judged_rev = j.rev, next_look_ms = j.next_look_ms, organ_code = j.organ_code, organ_name = j.organ_name,
  title = j.title, stage = j.stage, accepted_ms = j.accepted_ms, due_day = j.due_day, concluded_ms = j.concluded_ms,
  late = j.late, overdue = j.overdue, concluded_month = j.concluded_month, incomplete = j.incomplete, early = j.early, colour = j.colour, not_judged = j.not_judged, held = j.held, summary = j.summary
from locked join found j on locked.space = j.space and locked.case_no = j.case_no
where cases.space = locked.space and cases.case_no = locked.case_no;

-- name: judged @sqlite
update cases set judged_rev = j.v ->> 'rev', next_look_ms = j.v ->> 'next_look_ms', organ_code = j.v ->> 'organ_code',
  organ_name = j.v ->> 'organ_name', title = j.v ->> 'title', stage = j.v ->> 'stage', accepted_ms = j.v ->> 'accepted_ms',
  due_day = j.v ->> 'due_day', concluded_ms = j.v ->> 'concluded_ms', late = j.v ->> 'late', overdue = j.v ->> 'overdue',
  concluded_month = j.v ->> 'concluded_month', incomplete = j.v ->> 'incomplete', early = j.v ->> 'early',
  colour = j.v ->> 'colour', not_judged = j.v ->> 'not_judged', held = j.v ->> 'held', summary = j.v ->> 'summary'
from (select value as v from json_each($1)) as j
where cases.space = j.v ->> 'space' and cases.case_no = j.v ->> 'case_no';

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
select space, case_no from cases where concluded_ms is null and accepted_ms is not null
  and (space, case_no) > ($1, $2) order by space, case_no limit $3;

-- name: judged_by
-- By what were cases judged last?
select name, digest from judged_by order by name;

-- name: put_judged_by
insert into judged_by (name, digest) values ($1, $2) on conflict (name) do update set digest = excluded.digest;
