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

-- name: of_envelope
-- The next bundles of an envelope.
select envelope, part, part_of, payload from inbox where envelope = $1 and part > $2 order by part limit $3;

-- name: held
-- Bundles that were not passed since an instant, in the order in which they came (a node's envelopes of one
-- millisecond by their number), behind one of them.
select i.envelope, i.part, i.part_of, i.payload, e.received_ms, cast(length(i.envelope) as bigint)
from inbox i join envelope e on e.id = i.envelope
where i.state = 'held' and i.held_ms <= $1
  and (e.received_ms, cast(length(i.envelope) as bigint), i.envelope, i.part) > ($2, $3, $4, $5)
order by e.received_ms, length(i.envelope), i.envelope, i.part limit $6;

-- name: stale
-- Bundles that a bus has confirmed and no ingest has taken since an instant, in the order in which they came.
select i.envelope, i.part, i.part_of, i.payload from inbox i join envelope e on e.id = i.envelope
where i.state = 'sent' and i.held_ms <= $1
order by e.received_ms, length(i.envelope), i.envelope, i.part limit $2;

-- name: keys
-- All bundles, in the order in which they came.
select i.envelope, i.part from inbox i join envelope e on e.id = i.envelope
order by e.received_ms, length(i.envelope), i.envelope, i.part;

-- name: bundle
select payload from inbox where envelope = $1 and part = $2;

-- name: partitions
-- For how many partitions is the inbox divided, and how often was the number changed?
select cast(coalesce(max(case when name = 'partitions' then value end), 0) as bigint),
  cast(coalesce(max(case when name = 'partitions.changes' then value end), 0) as bigint)
from counter where name in ('partitions', 'partitions.changes');

-- name: set_partitions
insert into counter (name, value) values ('partitions', $1), ('partitions.changes', $2)
on conflict (name) do update set value = excluded.value;

-- name: put_divided
-- A part of a bundle that is divided anew; it waits since its bundle did.
insert into inbox (envelope, part, part_of, payload, records, state, held_ms)
select envelope, $3, $4, $5, $6, 'held', held_ms from inbox where envelope = $1 and part = $2;

-- name: quarantine
-- A bundle that cannot be stored stands alone from now on.
insert into quarantine (envelope, part, part_of, payload, records, at_ms, cause)
select envelope, part, part_of, payload, records, $3, $4 from inbox where envelope = $1 and part = $2
on conflict do nothing;

-- name: quarantined
-- How many bundles and records stand in quarantine, and why the newest does.
select count(*), cast(coalesce(sum(records), 0) as bigint),
  coalesce((select cause from quarantine order by at_ms desc, envelope, part limit 1), '') from quarantine;

-- name: release_findings
-- What was said of bundles in quarantine holds no more.
delete from finding where code = 'X154' and envelope in (select envelope from quarantine);

-- name: release
insert into inbox (envelope, part, part_of, payload, records, state, held_ms)
select envelope, part, part_of, payload, records, 'held', $1 from quarantine where true on conflict do nothing;

-- name: released
delete from quarantine;

-- name: over
-- One row where more bundles wait than this.
select 1 as one from inbox limit 1 offset $1;

-- name: waiting
-- How many bundles and records wait?
select count(*), cast(coalesce(sum(records), 0) as bigint) from inbox;
