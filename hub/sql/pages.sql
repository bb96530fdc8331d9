-- What the pages ask. Every list takes its filters as texts (empty: no filter), then limit and offset.

-- name: ledger_of_day
-- What was received on one day, and what became of it.
select cast(coalesce(sum(received), 0) as bigint), cast(coalesce(sum(stored), 0) as bigint),
  cast(coalesce(sum(rejected), 0) as bigint), cast(coalesce(sum(duplicate), 0) as bigint),
  cast(coalesce(sum(pending), 0) as bigint) from ledger where day = $1;

-- name: nodes_alive
-- How many nodes are there, and of how many was heard since an instant?
select count(*), cast(coalesce(sum(case when last_seen_ms >= $1 or heard_ms >= $1 then 1 else 0 end), 0) as bigint)
from node;

-- name: alarms
-- What did not pass the door since an instant and was not put aside, by node and reason, the newest first; with
-- one of the findings.
select node, code, count(*), cast(max(at_ms) as bigint), max(body) from turned_away t
where at_ms >= $1 and not exists (
  select 1 from alarm_aside a where a.node = t.node and a.code = t.code and a.at_ms >= t.at_ms)
group by node, code order by max(at_ms) desc, node, code;

-- name: turned_away
-- The latest envelopes that did not pass the door.
select at_ms, node, code, body from turned_away order by at_ms desc limit $1;

-- name: nodes
-- Every node with the sums of its envelopes.
select n.name, n.kind, n.public_key, n.organ_code, n.organ_name, n.registered_ms, n.last_seen_ms, n.last_envelope,
  coalesce(e.envelopes, 0), coalesce(e.repeats, 0), coalesce(e.received, 0), coalesce(e.stored, 0),
  coalesce(e.rejected, 0), coalesce(e.duplicate, 0), coalesce(e.pending, 0), n.heard_ms, n.waiting, n.waiting_bytes
from node n left join (
  select node, count(*) as envelopes, cast(sum(seen - 1) as bigint) as repeats, cast(sum(received) as bigint) as received,
    cast(sum(stored) as bigint) as stored, cast(sum(rejected) as bigint) as rejected,
    cast(sum(duplicate) as bigint) as duplicate, cast(sum(pending) as bigint) as pending
  from envelope group by node
) e on e.node = n.name order by n.name;

-- name: node_names
-- The names of all nodes, for a filter.
select name from node order by name;

-- name: envelopes
-- One page of envelopes, newest first; filters: node, verdict, number of envelope or receipt or part of a file's
-- name, received from and before.
select id, node, number, dialect, label, received_ms, completed_ms, verdict, seen, received, stored, rejected,
  duplicate, pending
from envelope where ($1 = '' or node = $1) and ($2 = '' or verdict = $2)
  and ($3 = '' or id = $3 or number = $3 or label like $4 escape '\' or exists (
    select 1 from envelope_item i where i.envelope = envelope.id and i.name like $4 escape '\'))
  and received_ms >= $5 and received_ms < $6
order by received_ms desc, id desc limit $7 offset $8;

-- name: envelope_count
-- How many envelopes pass the filters?
select count(*) from envelope where ($1 = '' or node = $1) and ($2 = '' or verdict = $2)
  and ($3 = '' or id = $3 or number = $3 or label like $4 escape '\' or exists (
    select 1 from envelope_item i where i.envelope = envelope.id and i.name like $4 escape '\'))
  and received_ms >= $5 and received_ms < $6;

-- name: envelope
-- One envelope with its admission receipt.
select id, node, number, dialect, label, received_ms, completed_ms, verdict, seen, received, stored, rejected,
  duplicate, pending, receipt
from envelope where id = $1;

-- name: items
-- One page of an envelope's items.
select item_no, name, digest, size, dialect, dialect_version, verdict, received, rejected
from envelope_item where envelope = $1 order by item_no limit $2 offset $3;

-- name: item_count
-- How many items has an envelope?
select count(*) from envelope_item where envelope = $1;

-- name: item
-- One item of an envelope.
select item_no, name, digest, size, dialect, dialect_version, verdict, received, rejected
from envelope_item where envelope = $1 and item_no = $2;

-- name: findings
-- One page of an envelope's findings, errors first; filters: severity, code.
select body from finding where envelope = $1 and ($2 = '' or severity = $2) and ($3 = '' or code = $3)
order by case severity when 'error' then 0 when 'fault' then 1 else 2 end, ord limit $4 offset $5;

-- name: finding_counts
-- How many findings of which severity and code has an envelope?
select severity, code, count(*) from finding where envelope = $1 group by severity, code order by severity, code;

-- name: conflicts
-- The records of an envelope that are in conflict with a stored version, or came as unreadable documents.
select item_no, record_no, element, case_no, reason from rejected where envelope = $1 and reason <> 'error'
order by item_no, record_no limit $2;

-- name: cases
-- One page of cases, the latest changes first; filters: stage or state, colour, organ, case number.
select space, case_no, source, organ_code, organ_name, title, stage, accepted_ms, due_day, concluded_ms, late, overdue,
  colour, not_judged, updated_ms, held
from cases where ($1 = '' or stage = $1 or ($1 = 'open' and concluded_ms is null)
    or ($1 = 'overdue' and concluded_ms is null and overdue = 1) or ($1 = 'late' and concluded_ms is not null and late = 1)
    or ($1 = 'held' and held <> '') or (held <> '' and $1 = 'held_' || held))
  and ($2 = '' or colour = $2 or ($2 = 'any' and colour <> ''))
  and ($3 = '' or organ_code = $3 or organ_name like $4 escape '\')
  and ($5 = '' or case_no = $5 or case_no like $6 escape '\')
order by updated_ms desc, space, case_no limit $7 offset $8;

-- name: cases_overdue
-- One page of the open cases past their due day, the longest overdue first; filters: colour, organ, case number.
select space, case_no, source, organ_code, organ_name, title, stage, accepted_ms, due_day, concluded_ms, late, overdue,
  colour, not_judged, updated_ms, held
from cases where $1 = 'overdue' and concluded_ms is null and overdue = 1
  and ($2 = '' or colour = $2 or ($2 = 'any' and colour <> ''))
  and ($3 = '' or organ_code = $3 or organ_name like $4 escape '\')
  and ($5 = '' or case_no = $5 or case_no like $6 escape '\')
order by due_day, space, case_no limit $7 offset $8;

-- name: case_count
-- How many cases pass the filters?
select count(*)
from cases where ($1 = '' or stage = $1 or ($1 = 'open' and concluded_ms is null)
    or ($1 = 'overdue' and concluded_ms is null and overdue = 1) or ($1 = 'late' and concluded_ms is not null and late = 1)
    or ($1 = 'held' and held <> '') or (held <> '' and $1 = 'held_' || held))
  and ($2 = '' or colour = $2 or ($2 = 'any' and colour <> ''))
  and ($3 = '' or organ_code = $3 or organ_name like $4 escape '\')
  and ($5 = '' or case_no = $5 or case_no like $6 escape '\');

-- name: case
-- One case with the summary of its last look.
select space, case_no, source, organ_code, organ_name, title, stage, accepted_ms, due_day, concluded_ms, late, overdue,
  colour, not_judged, updated_ms, held, summary, facts_rev, judged_rev, next_look_ms, id
from cases where space = $1 and case_no = $2;

-- name: cards
-- One page of cards, newest first; filters: colour, rule, state, organ.
select id, space, case_no, organ_code, organ_name, rule, occurrence, colour, state, issued_ms
from card where ($1 = '' or colour = $1) and ($2 = '' or rule = $2) and ($3 = '' or state = $3)
  and ($4 = '' or organ_code = $4 or organ_name like $5 escape '\')
order by issued_ms desc, id limit $6 offset $7;

-- name: card_count
-- How many cards pass the filters?
select count(*) from card where ($1 = '' or colour = $1) and ($2 = '' or rule = $2) and ($3 = '' or state = $3)
  and ($4 = '' or organ_code = $4 or organ_name like $5 escape '\');

-- name: card
-- One card as issued, with its life so far.
select body from card where id = $1;

-- name: cards_of_case
-- The cards of one case, oldest first.
select id, space, case_no, organ_code, organ_name, rule, occurrence, colour, state, issued_ms
from card where space = $1 and case_no = $2 order by issued_ms, id;

-- name: notices
-- What was told about a card.
select issued_ms, kind, body from notice where card = $1 order by ord;

-- name: score_months
-- Which months have scores?
select distinct month from score order by month desc;

-- name: scores
-- The scores of one month.
select organ_code, organ_name, body, computed_ms from score where month = $1 order by organ_code, scheme;

-- name: ledger
-- One page of the ledger, the latest days first; filters: source, day.
select source, element, day, received, stored, rejected, duplicate, pending from ledger
where ($1 = '' or source = $1) and ($2 = '' or day = $2) order by day desc, source, element limit $3 offset $4;

-- name: ledger_sums
-- How many lines pass the filters, and their sums.
select count(*), cast(coalesce(sum(received), 0) as bigint), cast(coalesce(sum(stored), 0) as bigint),
  cast(coalesce(sum(rejected), 0) as bigint), cast(coalesce(sum(duplicate), 0) as bigint),
  cast(coalesce(sum(pending), 0) as bigint) from ledger where ($1 = '' or source = $1) and ($2 = '' or day = $2);

-- name: ledger_sources
-- Which sources stand in the ledger?
select distinct source from ledger order by source;

-- name: ledger_days
-- Which days stand in the ledger? The latest.
select distinct day from ledger order by day desc limit $1;

-- name: worklist
-- What the dialects owe, by dialect; of one place what is counted most comes first.
select dialect, code, element, field, value, count, first_ms, last_ms from worklist
order by dialect, element, field, code, count desc, value limit $1;
