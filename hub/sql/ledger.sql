-- The conservation ledger: received = stored + rejected + duplicate + pending, checked by the table.

-- name: add @pg
-- Adds a batch of differences, per source, element and receive day.
insert into ledger (source, element, day, received, stored, rejected, duplicate, pending)
select d.source, d.element, d.day, d.received, d.stored, d.rejected, d.duplicate, d.pending
from jsonb_to_recordset($1::jsonb) as d(source text, element text, day text, received bigint, stored bigint,
  rejected bigint, duplicate bigint, pending bigint)
order by 1, 2, 3
on conflict (source, element, day) do update set received = ledger.received + excluded.received,
  stored = ledger.stored + excluded.stored, rejected = ledger.rejected + excluded.rejected,
  duplicate = ledger.duplicate + excluded.duplicate, pending = ledger.pending + excluded.pending;

-- name: add @sqlite
insert into ledger (source, element, day, received, stored, rejected, duplicate, pending)
select value ->> 'source', value ->> 'element', value ->> 'day', value ->> 'received', value ->> 'stored',
  value ->> 'rejected', value ->> 'duplicate', value ->> 'pending' from json_each($1) where true
on conflict (source, element, day) do update set received = ledger.received + excluded.received,
  stored = ledger.stored + excluded.stored, rejected = ledger.rejected + excluded.rejected,
  duplicate = ledger.duplicate + excluded.duplicate, pending = ledger.pending + excluded.pending;

-- name: move @pg
-- Pending records became stored, rejected or duplicate. The lines are locked in order first, so that
-- two workers never wait for each other in a ring.
with d as materialized (
  select * from jsonb_to_recordset($1::jsonb)
    as d(source text, element text, day text, stored bigint, rejected bigint, duplicate bigint)
), locked as materialized (
  select l.source, l.element, l.day from ledger l
  join d on l.source = d.source and l.element = d.element and l.day = d.day
  order by 1, 2, 3 for update of l
)
update ledger set stored = ledger.stored + d.stored, rejected = ledger.rejected + d.rejected,
  duplicate = ledger.duplicate + d.duplicate, pending = ledger.pending - d.stored - d.rejected - d.duplicate
from locked join d on locked.source = d.source and locked.element = d.element and locked.day = d.day
where ledger.source = locked.source and ledger.element = locked.element and ledger.day = locked.day;

-- name: move @sqlite
update ledger set stored = ledger.stored + d.stored, rejected = ledger.rejected + d.rejected,
  duplicate = ledger.duplicate + d.duplicate, pending = ledger.pending - d.stored - d.rejected - d.duplicate
from (select value ->> 'source' as source, value ->> 'element' as element, value ->> 'day' as day,
  value ->> 'stored' as stored, value ->> 'rejected' as rejected, value ->> 'duplicate' as duplicate from json_each($1)) as d
where ledger.source = d.source and ledger.element = d.element and ledger.day = d.day;

-- name: totals
-- The whole ledger, by element.
select element, cast(sum(received) as bigint), cast(sum(stored) as bigint), cast(sum(rejected) as bigint),
  cast(sum(duplicate) as bigint), cast(sum(pending) as bigint) from ledger group by element order by element;

-- name: lines
-- The ledger line by line.
select source, element, day, received, stored, rejected, duplicate, pending from ledger order by source, day, element;
