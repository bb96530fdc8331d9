-- Scores, and which organs' are to be computed again. An organ's key is its code, or its name where it has none.

-- name: due @pg
-- Something that scores these organs changed.
insert into score_due (organ_key, rev) select o.organ_key, 1 from jsonb_to_recordset($1::jsonb) as o(organ_key text) order by 1
on conflict (organ_key) do update set rev = score_due.rev + 1;

-- name: due @sqlite
insert into score_due (organ_key, rev) select value ->> 'organ_key', 1 from json_each($1) where true
on conflict (organ_key) do update set rev = score_due.rev + 1;

-- name: waiting
-- Organs whose scores are to be computed, and how many cards each has.
select organ_key, rev, (select count(*) from card c where c.organ_code = d.organ_key and d.organ_key <> '')
  + (select count(*) from card c where c.organ_code = '' and c.organ_name = d.organ_key)
from score_due d order by organ_key limit $1;

-- name: done @pg
-- Computed, unless something changed meanwhile. The lines are locked in order first, as ingest and a look add
-- them, so that two never wait for each other in a ring.
with locked as materialized (
  select s.organ_key from score_due s join jsonb_to_recordset($1::jsonb) as d(organ_key text, rev bigint)
  on s.organ_key = d.organ_key and s.rev = d.rev order by 1 for update of s
)
delete from score_due using locked where score_due.organ_key = locked.organ_key;

-- name: done @sqlite
delete from score_due where (organ_key, rev) in (select value ->> 'organ_key', value ->> 'rev' from json_each($1));

-- name: cards @pg
-- All cards of these organs, by organ: its code, or its name where it has none.
select k.key, card.body, card.id from jsonb_array_elements_text($1::jsonb) as k(key) join card on card.organ_code = k.key where k.key <> ''
union all select k.key, card.body, card.id from jsonb_array_elements_text($1::jsonb) as k(key) join card on card.organ_name = k.key where card.organ_code = ''
order by 1, 3;

-- name: cards @sqlite
select k.value, card.body, card.id from json_each($1) as k join card on card.organ_code = k.value where k.value <> ''
union all select k.value, card.body, card.id from json_each($1) as k join card on card.organ_name = k.value where card.organ_code = ''
order by 1, 3;

-- name: completeness @pg
-- Of these organs, by month: cases concluded, of them with a missing element, of them before the due day.
select key, concluded_month, count(*), cast(sum(incomplete) as bigint), cast(sum(early) as bigint), max(organ_name) from (
  select k.key as key, concluded_month, incomplete, early, organ_name from jsonb_array_elements_text($1::jsonb) as k(key)
  join cases on organ_code = k.key where k.key <> '' and concluded_month <> ''
  union all select k.key as key, concluded_month, incomplete, early, organ_name from jsonb_array_elements_text($1::jsonb) as k(key)
  join cases on organ_code = '' and organ_name = k.key where concluded_month <> ''
) as found group by key, concluded_month order by 1, 2;

-- name: completeness @sqlite
select key, concluded_month, count(*), cast(sum(incomplete) as bigint), cast(sum(early) as bigint), max(organ_name) from (
  select k.value as key, concluded_month, incomplete, early, organ_name from json_each($1) as k
  join cases on organ_code = k.value where k.value <> '' and concluded_month <> ''
  union all select k.value as key, concluded_month, incomplete, early, organ_name from json_each($1) as k
  join cases on organ_code = '' and organ_name = k.value where concluded_month <> ''
) as found group by key, concluded_month order by 1, 2;

-- name: not_judged @pg
-- Of these organs: for which sets of rules were cases not judged?
select distinct key, not_judged from (
  select k.key as key, not_judged from jsonb_array_elements_text($1::jsonb) as k(key) join cases on organ_code = k.key where k.key <> ''
  union all select k.key as key, not_judged from jsonb_array_elements_text($1::jsonb) as k(key) join cases on organ_code = '' and organ_name = k.key
) as found order by 1, 2;

-- name: not_judged @sqlite
select distinct key, not_judged from (
  select k.value as key, not_judged from json_each($1) as k join cases on organ_code = k.value where k.value <> ''
  union all select k.value as key, not_judged from json_each($1) as k join cases on organ_code = '' and organ_name = k.value
) as found order by 1, 2;

-- name: keep_only @pg
-- Scores of these organs for months in which nothing scores them any more go.
delete from score where scheme = $2 and organ_code in (select jsonb_array_elements_text($1::jsonb))
  and not exists (select 1 from jsonb_to_recordset($3::jsonb) as m(organ_code text, month text)
    where m.organ_code = score.organ_code and m.month = score.month);

-- name: keep_only @sqlite
delete from score where scheme = $2 and organ_code in (select value from json_each($1))
  and (organ_code, month) not in (select value ->> 'organ_code', value ->> 'month' from json_each($3));

-- name: none
-- A hub that issues no cards scores nobody.
delete from score;

-- name: any
select 1 from score limit 1;

-- name: put @pg
-- Scores of an organ.
insert into score (organ_code, month, scheme, organ_name, total, body, computed_ms)
select s.organ_code, s.month, s.scheme, s.organ_name, s.total, s.body, $2
from jsonb_to_recordset($1::jsonb) as s(organ_code text, month text, scheme text, organ_name text, total text, body text)
on conflict (organ_code, month, scheme) do update set organ_name = excluded.organ_name, total = excluded.total,
  body = excluded.body, computed_ms = excluded.computed_ms where score.body <> excluded.body;

-- name: put @sqlite
insert into score (organ_code, month, scheme, organ_name, total, body, computed_ms)
select value ->> 'organ_code', value ->> 'month', value ->> 'scheme', value ->> 'organ_name', value ->> 'total',
  value ->> 'body', $2 from json_each($1) where true
on conflict (organ_code, month, scheme) do update set organ_name = excluded.organ_name, total = excluded.total,
  body = excluded.body, computed_ms = excluded.computed_ms where score.body <> excluded.body;
