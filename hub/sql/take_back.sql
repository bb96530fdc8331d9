-- Taking back what a wrong dialect made. What concerns the 14 element tables is built in take_back.rs.

-- name: begin
-- A new row of the log; its number is the next one.
insert into take_back (id, at_ms, who, reason, envelope, source, dialect)
select coalesce(max(id), 0) + 1, cast($1 as bigint), cast($2 as text), cast($3 as text), cast($4 as text),
  cast($5 as text), cast($6 as text) from take_back
returning id;

-- name: items
-- The items that are meant: of an envelope, of a source, read by a dialect; an empty text means any.
insert into take_back_item (take_back, envelope, item_no)
select cast($1 as bigint), i.envelope, i.item_no from envelope_item i join envelope e on e.id = i.envelope
where (cast($2 as text) = '' or i.envelope = $2) and (cast($3 as text) = '' or e.node = $3)
  and (cast($4 as text) = '' or i.dialect = $4);

-- name: meant
-- The items that are meant, by the number of their envelope.
select e.no, i.item_no from take_back_item i join envelope e on e.id = i.envelope where i.take_back = $1;

-- name: gone
-- Cases of which nothing is left.
update take_back_case as t set gone = 1 where t.take_back = $1 and not exists (
  select 1 from case_file f join cases c on c.id = f.case_id where c.space = t.space and c.case_no = t.case_no);

-- name: envelopes
-- The envelopes that are meant: when they came, what of them waits, what of them was there already.
select e.id, e.received_ms, e.pending, e.duplicate from envelope e
where e.id in (select envelope from take_back_item where take_back = $1) order by e.received_ms, e.id;

-- name: item
-- Records of an item that were stored are rejected.
update envelope_item set rejected = rejected + $3 where envelope = $1 and item_no = $2;

-- name: adjust
insert into adjustment (take_back, source, element, day, records) values ($1, $2, $3, $4, $5);

-- name: keep_cards
-- The cards of cases that are gone.
insert into take_back_card (take_back, card, body)
select c.take_back, card.id, card.body from card
join take_back_case c on c.space = card.space and c.case_no = card.case_no
where c.take_back = $1 and c.gone = 1;

-- name: drop_refusals
-- What held a case that is gone holds nothing.
delete from refusal where exists (select 1 from take_back_case c where c.take_back = $1 and c.gone = 1
  and c.space = refusal.space and c.case_no = refusal.case_no);

-- name: scores_due
-- The scores of organs whose cases or cards go are computed again.
insert into score_due (organ_key, rev)
select organ_key, 1 from (
  select coalesce(nullif(card.organ_code, ''), card.organ_name) as organ_key from card
  join take_back_card t on t.card = card.id where t.take_back = $1
  union
  select coalesce(nullif(cases.organ_code, ''), cases.organ_name) from cases
  join take_back_case c on c.space = cases.space and c.case_no = cases.case_no where c.take_back = $1 and c.gone = 1
) as gone where organ_key <> '' order by organ_key
on conflict (organ_key) do update set rev = score_due.rev + 1;

-- name: drop_notices
delete from notice where card in (select card from take_back_card where take_back = $1);

-- name: drop_cards
delete from card where id in (select card from take_back_card where take_back = $1);

-- name: drop_cases
delete from cases where exists (select 1 from take_back_case c where c.take_back = $1 and c.gone = 1
  and c.space = cases.space and c.case_no = cases.case_no);

-- name: touch_cases
-- Cases that keep other records are judged anew.
update cases set facts_rev = facts_rev + 1, updated_ms = $2 where exists (select 1 from take_back_case c
  where c.take_back = $1 and c.gone = 0 and c.space = cases.space and c.case_no = cases.case_no);

-- name: drop_speaks
-- A source that this dialect reads no more declares nothing by it.
delete from source_dialect where source = $1 and dialect = $2 and not exists (
  select 1 from envelope_item i join envelope e on e.id = i.envelope where e.node = $1 and i.dialect = $2
  and not exists (select 1 from take_back_item t where t.envelope = i.envelope and t.item_no = i.item_no));

-- name: end
update take_back set records = $2, cases = $3, cards = $4 where id = $1;

-- name: cases
-- The cases that are concerned: those that go first.
select space, case_no, gone from take_back_case where take_back = $1 order by gone desc, space, case_no limit $2;

-- name: count_cases
select cast(coalesce(sum(gone), 0) as bigint), count(*) from take_back_case where take_back = $1;

-- name: cards
select body from take_back_card where take_back = $1 order by card limit $2;

-- name: went_up
-- How many batches went up, or wait to?
select count(*) from outgoing;

-- name: next_finding
-- The next free place in an envelope's list of findings.
select coalesce(max(ord), 0) + 1 from finding where envelope = $1;
