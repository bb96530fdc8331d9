-- Nodes: front-end machines and lower hubs.

-- name: find
-- Who is this node, and which key does it sign with?
select name, kind, public_key, organ_code, organ_name from node where name = $1;

-- name: put
-- Registers a node, or changes its key and organ.
insert into node (name, kind, public_key, organ_code, organ_name, registered_ms)
values ($1, $2, $3, $4, $5, $6)
on conflict (name) do update set kind = excluded.kind, public_key = excluded.public_key,
  organ_code = excluded.organ_code, organ_name = excluded.organ_name;

-- name: seen
-- The node sent an envelope.
update node set last_seen_ms = $2, last_envelope = $3 where name = $1;

-- name: lease
-- Takes or keeps a lease: one row when this holder has it now.
insert into lease (name, holder, until_ms) values ($1, $2, $3)
on conflict (name) do update set holder = excluded.holder, until_ms = excluded.until_ms
  where lease.until_ms <= $4 or lease.holder = excluded.holder;

-- name: count
-- Adds to a counter.
insert into counter (name, value) values ($1, $2)
on conflict (name) do update set value = counter.value + excluded.value;

-- name: counters
-- All counters.
select name, value from counter order by name;

-- name: speaks
-- A source was read by a dialect: its declared absences hold for the source.
insert into source_dialect (source, dialect) values ($1, $2) on conflict do nothing;

-- name: dialects
-- Which dialects read which source?
select source, dialect from source_dialect order by source, dialect;

-- name: next
-- The next number of a counter; holds its row until the transaction ends, so there is no gap.
insert into counter (name, value) values ($1, 1)
on conflict (name) do update set value = counter.value + 1 returning value;

-- name: all
-- All nodes.
select name, kind, public_key, organ_code, organ_name, registered_ms, last_seen_ms, last_envelope from node order by name;
