-- What a lower hub sends up: numbered batches of what it stored, kept until the hub above has stored them.

-- name: put
-- The next batch; its number has no gap because it was counted in the same transaction.
insert into outgoing (batch, payload, records, created_ms) values ($1, $2, $3, $4);

-- name: numbering
-- The epoch of this database's lots, and the last number of a lot.
select cast(coalesce(max(case when name = 'forward.epoch' then value end), 0) as bigint),
  cast(coalesce(max(case when name = 'forward.lot' then value end), 0) as bigint)
from counter where name in ('forward.epoch', 'forward.lot');

-- name: begin_epoch
insert into counter (name, value) values ('forward.epoch', $1) on conflict (name) do update set value = excluded.value;

-- name: reconcile @pg
-- The outbox is right about what is packed: the lots that it holds are, all others wait.
with known as materialized (select jsonb_array_elements_text($1::jsonb) as lot),
now as materialized (
  select o.batch, o.state, case when k.lot is null then 'waiting' else 'packed' end as real
  from outgoing o left join known k on k.lot = o.lot where o.state in ('waiting', 'packed')
)
update outgoing set state = now.real from now where outgoing.batch = now.batch and now.state <> now.real;

-- name: reconcile @sqlite
update outgoing set state = now.real
from (
  select o.batch, o.state, case when k.value is null then 'waiting' else 'packed' end as real
  from outgoing o left join json_each($1) as k on k.value = o.lot where o.state in ('waiting', 'packed')
) as now where outgoing.batch = now.batch and now.state <> now.real;

-- name: waiting
-- The next batches to send.
select batch, payload, records, tries from outgoing where state = 'waiting' order by batch limit $1;

-- name: offer @pg
-- These batches travel in this lot, in this order.
update outgoing set lot = $1, item = b.item
from jsonb_to_recordset($2::jsonb) as b(batch bigint, item bigint) where outgoing.batch = b.batch;

-- name: offer @sqlite
update outgoing set lot = $1, item = b.v ->> 'item'
from (select value as v from json_each($2)) as b where outgoing.batch = b.v ->> 'batch';

-- name: lot
-- The batches of a lot that are not done with.
select batch, item, records, tries from outgoing
where lot = $1 and state in ('waiting', 'packed', 'settled') order by item;

-- name: answered
-- The hub above has taken these batches, and has not decided all of their records yet.
update outgoing set state = 'settled', envelope = $2, receipt = $3, answered_ms = $4
where lot = $1 and state in ('waiting', 'packed', 'settled');

-- name: stored
-- The hub above has stored all records of a batch, or knew them.
update outgoing set state = 'stored', stored_above = $2, envelope = $3, receipt = $4, answered_ms = $5, cause = ''
where batch = $1;

-- name: refused
-- The hub above refused records of a batch: it waits to go alone, or is held.
update outgoing set state = $2, tries = tries + 1, stored_above = $3, envelope = $4, receipt = $5, answered_ms = $6,
  cause = $7 where batch = $1;

-- name: again
-- What was held long enough is tried once more.
update outgoing set state = 'waiting' where state = 'held' and kept = 1 and answered_ms <= $1;

-- name: unfinished
-- Lots that were answered and not decided since an instant.
select distinct lot, receipt from outgoing where state = 'settled' and answered_ms <= $1 and receipt <> ''
order by receipt limit $2;

-- name: newest
-- The lot that was stored above last, and the number of its receipt.
select lot, receipt from outgoing where state = 'stored' and receipt <> '' order by batch desc limit 1;

-- name: missing_above
-- The hub above does not know the answer that it gave for this lot: what is kept goes again, the rest is held.
update outgoing set state = case when kept = 1 then 'waiting' else 'held' end, stored_above = 0, receipt = '', cause = $2
where lot = $1 and state = 'stored';

-- name: unanswer
-- Neither does it know later answers.
update outgoing set state = 'waiting', receipt = '' where state = 'settled';

-- name: erase @pg
-- Bytes of batches that were stored above before an instant.
update outgoing set payload = ''::bytea, kept = 0 where state = 'stored' and kept = 1 and answered_ms <= $1;

-- name: erase @sqlite
update outgoing set payload = x'', kept = 0 where state = 'stored' and kept = 1 and answered_ms <= $1;

-- name: tally
-- Batches, records, answered batches, records stored above, held batches and their records, and when the oldest batch
-- without an answer was made.
select count(*), cast(coalesce(sum(records), 0) as bigint),
  cast(coalesce(sum(case when state in ('settled', 'stored') then 1 else 0 end), 0) as bigint),
  cast(coalesce(sum(stored_above), 0) as bigint),
  cast(coalesce(sum(case when state = 'held' then 1 else 0 end), 0) as bigint),
  cast(coalesce(sum(case when state = 'held' then records - stored_above else 0 end), 0) as bigint),
  cast(min(case when state in ('waiting', 'packed') then created_ms end) as bigint) from outgoing;

-- name: held
-- The batches that are held, with their causes.
select batch, records, stored_above, answered_ms, cause from outgoing where state = 'held' order by batch limit $1;

-- name: digests @pg
-- Digests of the items of these envelopes.
select envelope, item_no, digest from envelope_item where envelope in (select jsonb_array_elements_text($1::jsonb));

-- name: digests @sqlite
select envelope, item_no, digest from envelope_item where envelope in (select value from json_each($1));
