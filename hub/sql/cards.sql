-- Cards and notices.

-- name: of_cases @pg
-- The cards of these cases.
select card.space, card.case_no, card.body from card
join jsonb_to_recordset($1::jsonb) as c(space text, case_no text) on card.space = c.space and card.case_no = c.case_no
order by card.space, card.case_no, card.id;

-- name: of_cases @sqlite
select space, case_no, body from card
where (space, case_no) in (select value ->> 'space', value ->> 'case_no' from json_each($1)) order by space, case_no, id;

-- name: put @pg
-- Issues cards; an identity that exists is never issued twice.
insert into card (id, subject, space, case_no, organ_code, organ_name, rule, occurrence, rung, colour, state, issued_ms, month, body)
select c.id, c.subject, c.space, c.case_no, c.organ_code, c.organ_name, c.rule, c.occurrence, c.rung, c.colour, c.state,
  c.issued_ms, c.month, c.body
from jsonb_to_recordset($1::jsonb) as c(id text, subject text, space text, case_no text, organ_code text, organ_name text,
  rule text, occurrence text, rung text, colour text, state text, issued_ms bigint, month text, body text)
on conflict do nothing returning id;

-- name: put @sqlite
insert into card (id, subject, space, case_no, organ_code, organ_name, rule, occurrence, rung, colour, state, issued_ms, month, body)
select value ->> 'id', value ->> 'subject', value ->> 'space', value ->> 'case_no', value ->> 'organ_code',
  value ->> 'organ_name', value ->> 'rule', value ->> 'occurrence', value ->> 'rung', value ->> 'colour', value ->> 'state',
  value ->> 'issued_ms', value ->> 'month', value ->> 'body'
from json_each($1) where true on conflict do nothing returning id;

-- name: change @pg
-- A card changes its state (closed, held, withdrawn); its identity and issue stay.
update card set state = c.state, colour = c.colour, issued_ms = c.issued_ms, month = c.month, body = c.body
from jsonb_to_recordset($1::jsonb) as c(id text, state text, colour text, issued_ms bigint, month text, body text)
where card.id = c.id;

-- name: change @sqlite
update card set state = c.v ->> 'state', colour = c.v ->> 'colour', issued_ms = c.v ->> 'issued_ms',
  month = c.v ->> 'month', body = c.v ->> 'body' from (select value as v from json_each($1)) as c
where card.id = c.v ->> 'id';

-- name: notify @pg
-- The notice, in the card's transaction.
insert into notice (card, ord, issued_ms, kind, body)
select n.card, n.ord, n.issued_ms, n.kind, n.body
from jsonb_to_recordset($1::jsonb) as n(card text, ord bigint, issued_ms bigint, kind text, body text) on conflict do nothing;

-- name: notify @sqlite
insert into notice (card, ord, issued_ms, kind, body)
select value ->> 'card', value ->> 'ord', value ->> 'issued_ms', value ->> 'kind', value ->> 'body'
from json_each($1) where true on conflict do nothing;

-- name: by_colour
select colour, count(*) from card group by colour order by colour;

-- name: by_rule
select rule, count(*) from card group by rule order by rule;
