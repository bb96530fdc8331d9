-- Records of a case that were refused or set aside, and hold it until a later one of their element is accepted.

-- name: put @pg
-- Refusals of one envelope, one line a case and element.
insert into refusal (space, case_no, element, envelope, code, at_ms)
select r.space, r.case_no, r.element, $1, r.code, $3
from jsonb_to_recordset($2::jsonb) as r(space text, case_no text, element text, code text) on conflict do nothing;

-- name: put @sqlite
insert into refusal (space, case_no, element, envelope, code, at_ms)
select value ->> 'space', value ->> 'case_no', value ->> 'element', $1, value ->> 'code', $3
from json_each($2) where true on conflict do nothing;

-- name: fresh
-- Cases with a refusal that no look has heard of.
select distinct space, case_no from refusal where taken = 0 order by space, case_no limit $1;

-- name: taken @pg
-- The looks have heard of all refusals of these cases.
update refusal set taken = 1 from jsonb_to_recordset($1::jsonb) as c(space text, case_no text)
where refusal.space = c.space and refusal.case_no = c.case_no and taken = 0;

-- name: taken @sqlite
update refusal set taken = 1 where taken = 0
  and (space, case_no) in (select value ->> 'space', value ->> 'case_no' from json_each($1));

-- name: of_cases @pg
-- The refusals of these cases.
select r.space, r.case_no, r.element, r.envelope, r.code, r.at_ms, r.answered from refusal r
join jsonb_to_recordset($1::jsonb) as c(space text, case_no text) on r.space = c.space and r.case_no = c.case_no
order by 1, 2, 3, 4;

-- name: of_cases @sqlite
select space, case_no, element, envelope, code, at_ms, answered from refusal
where (space, case_no) in (select value ->> 'space', value ->> 'case_no' from json_each($1)) order by 1, 2, 3, 4;

-- name: end @pg
-- A later record of their element was accepted: these hold no more.
delete from refusal using jsonb_to_recordset($1::jsonb) as e(space text, case_no text, element text, envelope text)
where refusal.space = e.space and refusal.case_no = e.case_no and refusal.element = e.element
  and refusal.envelope = e.envelope;

-- name: end @sqlite
delete from refusal where (space, case_no, element, envelope) in
  (select value ->> 'space', value ->> 'case_no', value ->> 'element', value ->> 'envelope' from json_each($1));

-- name: any
select 1 from refusal limit 1;

-- name: answer @pg
-- Records of these elements came again and were accepted: earlier refusals of them are answered.
update refusal set answered = 1, taken = 0
from jsonb_to_recordset($1::jsonb) as e(space text, case_no text, element text, at_ms bigint)
where refusal.space = e.space and refusal.case_no = e.case_no and refusal.element = e.element
  and refusal.at_ms < e.at_ms;

-- name: answer @sqlite
update refusal set answered = 1, taken = 0 from (select value as v from json_each($1)) as e
where refusal.space = e.v ->> 'space' and refusal.case_no = e.v ->> 'case_no' and refusal.element = e.v ->> 'element'
  and refusal.at_ms < e.v ->> 'at_ms';
