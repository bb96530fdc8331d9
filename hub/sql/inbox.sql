-- The inbox: bundles admitted and not yet ingested. The database is truth, the broker carries claims to them.

-- name: put
insert into inbox (envelope_no, part, part_of, payload, records, state, held_ms, goes_on)
values ($1, $2, $3, $4, $5, 'held', $6, $7);

-- name: sent @pg
-- A durable bus confirmed these. One that ingest is taking at this moment is passed over: it is gone
-- with that transaction, or stays held and is published once more.
update inbox set state = 'sent', held_ms = $2
from (
  select i.envelope_no, i.part from inbox i join jsonb_to_recordset($1::jsonb) as k(e bigint, p bigint)
  on i.envelope_no = k.e and i.part = k.p for update of i skip locked
) as free where inbox.envelope_no = free.envelope_no and inbox.part = free.part;

-- name: sent @sqlite
update inbox set state = 'sent', held_ms = $2
where (envelope_no, part) in (select value ->> 'e', value ->> 'p' from json_each($1));

-- name: take @pg
-- Takes the bundles of a batch out: only those that were still there count (idempotent receiver).
delete from inbox using jsonb_to_recordset($1::jsonb) as k(e bigint, p bigint)
where envelope_no = k.e and part = k.p returning envelope_no, part, payload, goes_on;

-- name: take @sqlite
delete from inbox where (envelope_no, part) in (select value ->> 'e', value ->> 'p' from json_each($1))
returning envelope_no, part, payload, goes_on;

-- name: drop @pg
-- Removes bundles whose records stand elsewhere now.
delete from inbox using jsonb_to_recordset($1::jsonb) as k(e bigint, p bigint)
where envelope_no = k.e and part = k.p;

-- name: drop @sqlite
delete from inbox where (envelope_no, part) in (select value ->> 'e', value ->> 'p' from json_each($1));

-- name: of_envelope
-- The next bundles of an envelope.
select i.envelope_no, i.part, i.part_of, e.id from inbox i join envelope e on e.no = i.envelope_no
where i.envelope_no = $1 and i.part > $2 order by i.part limit $3;

-- name: held
-- Bundles that were not passed since an instant, in the order in which they came, behind one of them.
select i.envelope_no, i.part, i.part_of, e.id from inbox i join envelope e on e.no = i.envelope_no
where i.state = 'held' and i.held_ms <= $1 and (i.envelope_no, i.part) > ($2, $3)
order by i.envelope_no, i.part limit $4;

-- name: stale
-- Bundles that a bus has confirmed and no ingest has taken since an instant, in the order in which they came.
select i.envelope_no, i.part, i.part_of, e.id from inbox i join envelope e on e.no = i.envelope_no
where i.state = 'sent' and i.held_ms <= $1 order by i.envelope_no, i.part limit $2;

-- name: keys
-- All bundles, in the order in which they came.
select envelope_no, part from inbox order by envelope_no, part;

-- name: oldest
-- The envelope that came first of those that are not ingested whole.
select cast(min(no) as bigint) from (
  select min(envelope_no) as no from inbox union all select min(envelope_no) from quarantine
) as waiting;

-- name: bundle
select payload from inbox where envelope_no = $1 and part = $2;

-- name: partitions
-- For how many partitions is the inbox divided, and how often was the number changed?
select cast(coalesce(max(case when name = 'partitions' then value end), 0) as bigint),
  cast(coalesce(max(case when name = 'partitions.changes' then value end), 0) as bigint)
from counter where name in ('partitions', 'partitions.changes');

-- name: set_partitions
insert into counter (name, value) values ('partitions', $1), ('partitions.changes', $2)
on conflict (name) do update set value = excluded.value;

-- name: put_divided
-- A part of a bundle that is divided anew; it waits since its bundle did. Any of its cases may go on in another.
insert into inbox (envelope_no, part, part_of, payload, records, state, held_ms)
select envelope_no, $3, $4, $5, $6, 'held', held_ms from inbox where envelope_no = $1 and part = $2;

-- name: quarantine
-- A bundle that cannot be stored stands alone from now on.
insert into quarantine (envelope_no, part, part_of, payload, records, at_ms, cause)
select envelope_no, part, part_of, payload, records, $3, $4 from inbox where envelope_no = $1 and part = $2
on conflict do nothing;

-- name: quarantined
-- How many bundles and records stand in quarantine, and why the newest does.
select count(*), cast(coalesce(sum(records), 0) as bigint),
  coalesce((select cause from quarantine order by at_ms desc, envelope_no, part limit 1), '') from quarantine;

-- name: release_findings
-- What was said of bundles in quarantine holds no more.
delete from finding where code = 'X154' and envelope in (
  select e.id from quarantine q join envelope e on e.no = q.envelope_no);

-- name: release
insert into inbox (envelope_no, part, part_of, payload, records, state, held_ms)
select envelope_no, part, part_of, payload, records, 'held', $1 from quarantine where true on conflict do nothing;

-- name: released
delete from quarantine;

-- name: over
-- One row where more bundles wait than this.
select 1 as one from inbox limit 1 offset $1;

-- name: waiting
-- How many bundles and records wait?
select count(*), cast(coalesce(sum(records), 0) as bigint) from inbox;
