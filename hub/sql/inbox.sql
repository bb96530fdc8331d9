-- The inbox: bundles admitted and not yet ingested. The database is truth, the broker transport.

-- name: put
insert into inbox (envelope, part, part_of, payload, records, state, held_ms) values ($1, $2, $3, $4, $5, 'held', $6);

-- name: sent @pg
-- A durable bus confirmed these. One that ingest is taking at this moment is passed over: it is gone
-- with that transaction, or stays held and is published once more.
update inbox set state = 'sent', held_ms = $2
from (
  select i.envelope, i.part from inbox i join jsonb_to_recordset($1::jsonb) as k(e text, p bigint)
  on i.envelope = k.e and i.part = k.p for update of i skip locked
) as free where inbox.envelope = free.envelope and inbox.part = free.part;

-- name: sent @sqlite
update inbox set state = 'sent', held_ms = $2
where (envelope, part) in (select value ->> 'e', value ->> 'p' from json_each($1));

-- name: take @pg
-- Removes the bundles of a batch: only those that were still there count (idempotent receiver).
delete from inbox using jsonb_to_recordset($1::jsonb) as k(e text, p bigint)
where envelope = k.e and part = k.p returning envelope, part;

-- name: take @sqlite
delete from inbox where (envelope, part) in (select value ->> 'e', value ->> 'p' from json_each($1))
returning envelope, part;

-- name: stale
-- Bundles that no ingest has taken since an instant, in the order in which they came (a node's envelopes
-- of one millisecond by their number).
select i.envelope, i.part, i.part_of, i.payload from inbox i join envelope e on e.id = i.envelope
where i.held_ms <= $1 order by e.received_ms, length(i.envelope), i.envelope, i.part limit $2;

-- name: over
-- One row where more bundles wait than this.
select 1 as one from inbox limit 1 offset $1;

-- name: waiting
-- How many bundles and records wait?
select count(*), cast(coalesce(sum(records), 0) as bigint) from inbox;
