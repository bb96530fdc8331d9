-- What a lower hub sends up: numbered batches of what it stored.

-- name: put
-- The next batch; its number has no gap because it was counted in the same transaction.
insert into outgoing (batch, payload, records, created_ms) values ($1, $2, $3, $4);

-- name: waiting
-- The next batches to send.
select batch, payload, records from outgoing where state = 'waiting' order by batch limit $1;

-- name: packed
update outgoing set state = 'packed' where batch >= $1 and batch <= $2 and state = 'waiting';

-- name: settled
-- The upper hub has answered for these batches.
update outgoing set state = 'settled', envelope = $3, payload = $4 where batch >= $1 and batch <= $2;

-- name: stored_above
-- The upper hub's completion receipt says how many records of the lot it stored; kept on the first batch.
update outgoing set stored_above = $2 where batch = $1;

-- name: tally
-- Batches, records, settled batches, records stored above.
select count(*), cast(coalesce(sum(records), 0) as bigint),
  cast(coalesce(sum(case when state = 'settled' then 1 else 0 end), 0) as bigint),
  cast(coalesce(sum(stored_above), 0) as bigint) from outgoing;

-- name: digests @pg
-- Digests of the items of these envelopes.
select envelope, item_no, digest from envelope_item where envelope in (select jsonb_array_elements_text($1::jsonb));

-- name: digests @sqlite
select envelope, item_no, digest from envelope_item where envelope in (select value from json_each($1));
