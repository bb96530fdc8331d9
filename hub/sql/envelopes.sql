-- Envelopes, their items, raw bytes, findings and refused records.

-- name: find
-- Did this envelope come before, and what was answered?
select head_digest, receipt, number from envelope where id = $1;

-- name: of_no
-- The envelope of a number.
select id from envelope where no = $1;

-- name: seen_again
-- A repeat: the first receipt is given again.
update envelope set seen = seen + 1 where id = $1;

-- name: next_no @pg
-- The place of the next envelope in the order in which the hub received all. Gaps do not matter.
select nextval('arrival');

-- name: next_no @sqlite
insert into counter (name, value) values ('arrival', 1)
on conflict (name) do update set value = counter.value + 1 returning value;

-- name: put
-- A new envelope with its admission receipt.
insert into envelope (id, no, node, number, head, head_digest, dialect, label, received_ms, completed_ms, verdict, receipt,
  received, stored, rejected, duplicate, pending)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14, 0, $15);

-- name: put_items @pg
insert into envelope_item (envelope, item_no, name, digest, size, dialect, dialect_version, verdict, received, rejected)
select $1, i.item_no, i.name, i.digest, i.size, i.dialect, i.dialect_version, i.verdict, i.received, i.rejected
from jsonb_to_recordset($2::jsonb) as i(item_no bigint, name text, digest text, size bigint, dialect text,
  dialect_version text, verdict text, received bigint, rejected bigint);

-- name: put_items @sqlite
insert into envelope_item (envelope, item_no, name, digest, size, dialect, dialect_version, verdict, received, rejected)
select $1, value ->> 'item_no', value ->> 'name', value ->> 'digest', value ->> 'size', value ->> 'dialect',
  value ->> 'dialect_version', value ->> 'verdict', value ->> 'received', value ->> 'rejected'
from json_each($2);

-- name: put_chunk
-- Raw bytes, once per content: whose first chunk is there already (also: is being written, which is waited for) has
-- all of them, cut in another way perhaps, and nothing is added to it.
insert into raw_chunk (digest, chunk_no, bytes) values ($1, $2, $3) on conflict (digest, chunk_no) do nothing;

-- name: chunk
-- One chunk of raw bytes.
select bytes from raw_chunk where digest = $1 and chunk_no = $2;

-- name: put_findings @pg
insert into finding (envelope, ord, item_no, record_no, code, severity, body)
select $1, f.ord, f.item_no, f.record_no, f.code, f.severity, f.body
from jsonb_to_recordset($2::jsonb) as f(ord bigint, item_no bigint, record_no bigint, code text, severity text, body text);

-- name: put_findings @sqlite
insert into finding (envelope, ord, item_no, record_no, code, severity, body)
select $1, value ->> 'ord', value ->> 'item_no', value ->> 'record_no', value ->> 'code', value ->> 'severity', value ->> 'body'
from json_each($2);

-- name: add_findings @pg
-- What was found after admission, at a place of its own in the list of its envelope's findings.
insert into finding (envelope, ord, item_no, record_no, code, severity, body)
select f.envelope, f.ord, f.item_no, f.record_no, f.code, f.severity, f.body
from jsonb_to_recordset($1::jsonb) as f(envelope text, ord bigint, item_no bigint, record_no bigint, code text,
  severity text, body text) on conflict do nothing;

-- name: add_findings @sqlite
insert into finding (envelope, ord, item_no, record_no, code, severity, body)
select value ->> 'envelope', value ->> 'ord', value ->> 'item_no', value ->> 'record_no', value ->> 'code',
  value ->> 'severity', value ->> 'body' from json_each($1) where true on conflict do nothing;

-- name: put_rejections @pg
-- Refused records of an envelope, sealed as they came; the sealed bytes as hexadecimal.
insert into rejected (envelope, item_no, record_no, element, case_no, reason, payload, received_ms)
select $1, r.item_no, r.record_no, r.element, r.case_no, r.reason, decode(r.payload, 'hex'), $3
from jsonb_to_recordset($2::jsonb) as r(item_no bigint, record_no bigint, element text, case_no text, reason text, payload text)
on conflict (envelope, item_no, record_no) do nothing;

-- name: put_rejections @sqlite
insert into rejected (envelope, item_no, record_no, element, case_no, reason, payload, received_ms)
select $1, value ->> 'item_no', value ->> 'record_no', value ->> 'element', value ->> 'case_no', value ->> 'reason',
  unhex(value ->> 'payload'), $3 from json_each($2) where true
on conflict (envelope, item_no, record_no) do nothing;

-- name: settle
-- Ingest decided some of an envelope's pending records.
update envelope set stored = stored + $2, rejected = rejected + $3, duplicate = duplicate + $4,
  pending = pending - $2 - $3 - $4 where id = $1;

-- name: complete
-- Everything is decided: the completion time and the verdict, once.
update envelope set completed_ms = $2, verdict = case when rejected = 0 then verdict
  when stored + duplicate = 0 then 'refused' else 'partly' end
where id = $1 and pending = 0 and completed_ms is null;

-- name: put_counts @pg
-- What an envelope holds, by element.
insert into envelope_count (envelope, element, received, rejected, pending)
select $1, c.element, c.received, c.rejected, c.pending
from jsonb_to_recordset($2::jsonb) as c(element text, received bigint, rejected bigint, pending bigint);

-- name: put_counts @sqlite
insert into envelope_count (envelope, element, received, rejected, pending)
select $1, value ->> 'element', value ->> 'received', value ->> 'rejected', value ->> 'pending' from json_each($2);

-- name: move_counts @pg
-- Ingest decided some of the pending records of these envelopes and elements.
update envelope_count set stored = envelope_count.stored + d.stored, rejected = envelope_count.rejected + d.rejected,
  duplicate = envelope_count.duplicate + d.duplicate,
  pending = envelope_count.pending - d.stored - d.rejected - d.duplicate
from jsonb_to_recordset($1::jsonb) as d(envelope text, element text, stored bigint, rejected bigint, duplicate bigint)
where envelope_count.envelope = d.envelope and envelope_count.element = d.element;

-- name: move_counts @sqlite
update envelope_count set stored = envelope_count.stored + d.stored, rejected = envelope_count.rejected + d.rejected,
  duplicate = envelope_count.duplicate + d.duplicate,
  pending = envelope_count.pending - d.stored - d.rejected - d.duplicate
from (select value ->> 'envelope' as envelope, value ->> 'element' as element, value ->> 'stored' as stored,
  value ->> 'rejected' as rejected, value ->> 'duplicate' as duplicate from json_each($1)) as d
where envelope_count.envelope = d.envelope and envelope_count.element = d.element;

-- name: move_items @pg
-- Ingest found duplicates and conflicts among the records of these items.
update envelope_item set duplicate = envelope_item.duplicate + d.duplicate, conflicted = envelope_item.conflicted + d.conflicted
from jsonb_to_recordset($1::jsonb) as d(envelope text, item bigint, duplicate bigint, conflicted bigint)
where envelope_item.envelope = d.envelope and envelope_item.item_no = d.item;

-- name: move_items @sqlite
update envelope_item set duplicate = envelope_item.duplicate + d.duplicate, conflicted = envelope_item.conflicted + d.conflicted
from (select value ->> 'envelope' as envelope, value ->> 'item' as item, value ->> 'duplicate' as duplicate,
  value ->> 'conflicted' as conflicted from json_each($1)) as d
where envelope_item.envelope = d.envelope and envelope_item.item_no = d.item;

-- name: moved_items
-- The items of an envelope with duplicates or conflicts.
select item_no, duplicate, conflicted from envelope_item
where envelope = $1 and (duplicate > 0 or conflicted > 0) order by item_no;

-- name: counts
-- The records of an envelope by element, as of now.
select element, received, stored, rejected, duplicate, pending from envelope_count where envelope = $1 order by element;

-- name: decided
-- What the store itself found of an envelope's records (conflicts, bundles in quarantine), after its admission.
select body from finding where envelope = $1 and code in ('X154', 'X314') order by ord limit $2;

-- name: by_number
-- The receipt of that number, with the counts of now; only for the node that sent it.
select node, receipt, received, stored, rejected, duplicate, pending, completed_ms, id from envelope where number = $1;

-- name: worked @pg
-- Lines of the work list, in order, so that two envelopes never wait for each other in a ring. A dialect
-- that has $3 lines already gets no new values: what comes is counted without its value.
insert into worklist (dialect, code, element, field, value, count, first_ms, last_ms)
select dialect, code, element, field, value, sum(count), $2, $2 from (
  select w.dialect, w.code, w.element, w.field, w.count,
    case when full_up.dialect is null or known.dialect is not null then w.value else '' end as value
  from jsonb_to_recordset($1::jsonb) as w(dialect text, code text, element text, field text, value text, count bigint)
  left join (select dialect from worklist group by dialect having count(*) >= $3) as full_up using (dialect)
  left join worklist as known using (dialect, code, element, field, value)
) as bounded
group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
on conflict (dialect, code, element, field, value) do update
  set count = worklist.count + excluded.count, last_ms = excluded.last_ms;

-- name: worked @sqlite
insert into worklist (dialect, code, element, field, value, count, first_ms, last_ms)
select dialect, code, element, field, value, sum(count), $2, $2 from (
  select w.dialect, w.code, w.element, w.field, w.count,
    case when full_up.dialect is null or known.dialect is not null then w.value else '' end as value
  from (select value ->> 'dialect' as dialect, value ->> 'code' as code, value ->> 'element' as element,
      value ->> 'field' as field, value ->> 'value' as value, value ->> 'count' as count from json_each($1)) as w
  left join (select dialect from worklist group by dialect having count(*) >= $3) as full_up using (dialect)
  left join worklist as known using (dialect, code, element, field, value)
) as bounded
where true group by 1, 2, 3, 4, 5
on conflict (dialect, code, element, field, value) do update
  set count = worklist.count + excluded.count, last_ms = excluded.last_ms;

-- name: turn_away
-- What did not pass the door: who, why. Of one node and reason, and of all strangers together, at most $6 since $5.
insert into turned_away (at_ms, node, code, body)
select cast($1 as bigint), cast($2 as text), cast($3 as text), cast($4 as text)
where (select count(*) from (select 1 from turned_away where node = $2 and code = $3 and at_ms >= $5 limit $6) as known) < $6;

-- name: forget_turned_away
delete from turned_away where at_ms < $1;

-- name: rejected_cases
-- How many cases have a refused record?
select count(distinct case_no) from rejected where reason = 'error' and case_no <> '';
