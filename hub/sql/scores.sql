-- Scores, and which organs' are to be computed again. An organ's key is its code, or its name where it has none.

-- name: due @pg
-- Something that scores these organs changed.
insert into score_due (organ_key, rev) select o.organ_key, 1 from jsonb_to_recordset($1::jsonb) as o(organ_key text) order by 1
on conflict (organ_key) do update set rev = score_due.rev + 1;

-- name: due @sqlite
insert into score_due (organ_key, rev) select value ->> 'organ_key', 1 from json_each($1) where true
on conflict (organ_key) do update set rev = score_due.rev + 1;

-- name: waiting
-- Organs whose scores are to be computed.
select organ_key, rev from score_due order by organ_key limit $1;

-- name: done
-- Computed, unless something changed meanwhile.
delete from score_due where organ_key = $1 and rev = $2;

-- name: cards
-- All cards of an organ.
select body from card where (organ_code = $1 and ($1 <> '' or organ_name = '')) or (organ_code = '' and organ_name = $1) order by id;

-- name: completeness
-- Of an organ and by month: cases concluded, of them with a missing element, of them before the due day.
select concluded_month, count(*), cast(sum(incomplete) as bigint), cast(sum(early) as bigint), max(organ_name)
from cases where concluded_month <> '' and ((organ_code = $1 and ($1 <> '' or organ_name = '')) or (organ_code = '' and organ_name = $1))
group by concluded_month order by 1;

-- name: not_judged
-- Of an organ: for which sets of rules were how many cases not judged?
select not_judged, count(*) from cases where (organ_code = $1 and ($1 <> '' or organ_name = '')) or (organ_code = '' and organ_name = $1)
group by not_judged order by 1;

-- name: keep_only @pg
-- Scores of an organ for months in which nothing scores it any more go.
delete from score where organ_code = $1 and scheme = $2
  and month not in (select m.month from jsonb_to_recordset($3::jsonb) as m(month text));

-- name: keep_only @sqlite
delete from score where organ_code = $1 and scheme = $2 and month not in (select value ->> 'month' from json_each($3));

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
