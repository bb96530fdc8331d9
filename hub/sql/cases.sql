-- Cases: one line per case for judging and for the pages.

-- name: touch @pg
-- Facts of these cases changed: they are to be judged.
insert into cases (space, case_no, source, facts_rev, updated_ms)
select c.space, c.case_no, c.source, 1, $2
from jsonb_to_recordset($1::jsonb) as c(space text, case_no text, source text) order by 1, 2
on conflict (space, case_no) do update set facts_rev = cases.facts_rev + 1, updated_ms = excluded.updated_ms;

-- name: touch @sqlite
insert into cases (space, case_no, source, facts_rev, updated_ms)
select value ->> 'space', value ->> 'case_no', value ->> 'source', 1, $2 from json_each($1) where true
on conflict (space, case_no) do update set facts_rev = cases.facts_rev + 1, updated_ms = excluded.updated_ms;

-- name: known @pg
-- Which of these cases have records already?
select cases.space, cases.case_no from cases
join jsonb_to_recordset($1::jsonb) as c(space text, case_no text) on cases.space = c.space and cases.case_no = c.case_no;

-- name: known @sqlite
select space, case_no from cases
where (space, case_no) in (select value ->> 'space', value ->> 'case_no' from json_each($1));

-- name: due
-- Cases whose facts changed, or whose next look has come.
select space, case_no, source, facts_rev from (
  select space, case_no, source, facts_rev from cases where facts_rev > judged_rev
  union
  select space, case_no, source, facts_rev from cases where next_look_ms is not null and next_look_ms <= $1
) as due order by space, case_no limit $2;

-- name: judged @pg
-- What a look at these cases found.
update cases set judged_rev = j.rev, next_look_ms = j.next_look_ms, organ_code = j.organ_code, organ_name = j.organ_name,
  title = j.title, stage = j.stage, accepted_ms = j.accepted_ms, due_day = j.due_day, concluded_ms = j.concluded_ms,
  late = j.late, overdue = j.overdue, concluded_month = j.concluded_month, incomplete = j.incomplete, early = j.early, colour = j.colour, not_judged = j.not_judged, summary = j.summary
from jsonb_to_recordset($1::jsonb) as j(space text, case_no text, rev bigint, next_look_ms bigint, organ_code text,
  organ_name text, title text, stage text, accepted_ms bigint, due_day text, concluded_ms bigint, late bigint,
  concluded_month text, incomplete bigint, early bigint, overdue bigint, colour text, not_judged text, summary text)
where cases.space = j.space and cases.case_no = j.case_no;

-- name: judged @sqlite
update cases set judged_rev = j.v ->> 'rev', next_look_ms = j.v ->> 'next_look_ms', organ_code = j.v ->> 'organ_code',
  organ_name = j.v ->> 'organ_name', title = j.v ->> 'title', stage = j.v ->> 'stage', accepted_ms = j.v ->> 'accepted_ms',
  due_day = j.v ->> 'due_day', concluded_ms = j.v ->> 'concluded_ms', late = j.v ->> 'late', overdue = j.v ->> 'overdue',
  concluded_month = j.v ->> 'concluded_month', incomplete = j.v ->> 'incomplete', early = j.v ->> 'early',
  colour = j.v ->> 'colour', not_judged = j.v ->> 'not_judged', summary = j.v ->> 'summary'
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

-- name: completeness
-- Per organ and month: cases concluded, of them with a missing element, of them before the due day.
select organ_code, organ_name, concluded_month, count(*), cast(sum(incomplete) as bigint), cast(sum(early) as bigint)
from cases where concluded_month <> '' group by organ_code, organ_name, concluded_month order by 1, 2, 3;
