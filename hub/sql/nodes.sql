-- Nodes: front-end machines and lower hubs.

-- name: find
-- Who is this node, and which key does it sign with?
select name, kind, public_key, organ_code, organ_name, until_ms, revoked_ms, suite, encrypted
from node where name = $1;

-- name: put
-- Registers a node, or changes its key, its organ and what is demanded of it. A revoked key stays revoked,
-- another begins anew.
insert into node (name, kind, public_key, organ_code, organ_name, registered_ms, suite, encrypted, until_ms)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (name) do update set kind = excluded.kind, public_key = excluded.public_key,
  organ_code = excluded.organ_code, organ_name = excluded.organ_name, suite = excluded.suite,
  encrypted = excluded.encrypted, until_ms = excluded.until_ms,
  revoked_ms = case when node.public_key = excluded.public_key then node.revoked_ms end;

-- name: demand
-- What is demanded of a node from now on.
update node set suite = $2, encrypted = $3 where name = $1;

-- name: agree
-- The dialects that are agreed with a node from now on, with commas.
update node set dialects = $2 where name = $1;

-- name: agreed
select dialects from node where name = $1;

-- name: revoke
-- From now on nothing that this key signed is taken.
update node set revoked_ms = $2 where name = $1 and revoked_ms is null;

-- name: invite
-- A node is invited; codes of before go on working. Nothing happens while a key of it waits for approval.
insert into enrolment (node, kind, organ_code, organ_name, invited_ms, expires_ms, suite, encrypted)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (node) do update set kind = excluded.kind, organ_code = excluded.organ_code,
  organ_name = excluded.organ_name, invited_ms = excluded.invited_ms, expires_ms = excluded.expires_ms,
  suite = excluded.suite, encrypted = excluded.encrypted, public_key = '', enrolled_ms = null, approved_ms = null
where enrolment.public_key = '' or enrolment.approved_ms is not null;

-- name: put_code
-- One more code of an invitation.
insert into enrolment_code (node, code_sha256, expires_ms) values ($1, $2, $3);

-- name: drop_codes
-- The codes of a node work no more.
delete from enrolment_code where node = $1;

-- name: withdraw
-- An invitation is taken back, with its codes and the key that waits.
delete from enrolment where node = $1 and approved_ms is null;

-- name: enrol
-- An invitation is used once: by a first key, or by the same key again.
update enrolment set public_key = $3, enrolled_ms = coalesce(enrolled_ms, $4)
where node = $1 and approved_ms is null and public_key in ('', $3) and suite in ('', $5)
  and exists (select 1 from enrolment_code c where c.node = $1 and c.code_sha256 = $2 and c.expires_ms > $4);

-- name: suite_of_code
-- For which suite was this code handed out?
select e.suite from enrolment e join enrolment_code c on c.node = e.node
where e.node = $1 and c.code_sha256 = $2 and c.expires_ms > $3 and e.approved_ms is null and e.suite not in ('', $4);

-- name: waiting
-- The key of a node that waits for approval.
select public_key, organ_code, organ_name, kind, suite, encrypted from enrolment
where node = $1 and public_key <> '' and approved_ms is null;

-- name: approved
-- The key was approved: the code is used up.
update enrolment set approved_ms = $2 where node = $1;

-- name: invited
-- Invitations that no approval has ended.
select node, public_key, organ_name, expires_ms from enrolment where approved_ms is null order by node;

-- name: seen
-- The node sent an envelope.
update node set last_seen_ms = $2, last_envelope = $3 where name = $1;

-- name: beat
-- The node told how it is: parcels without a receipt, and their bytes.
update node set heard_ms = $2, waiting = $3, waiting_bytes = $4 where name = $1;

-- name: lease
-- Takes or keeps a lease: one row when this holder has it now. One that runs further ahead of the reader's clock
-- than a lease and the allowed difference of clocks was written by a clock that was wrong, and binds nobody.
insert into lease (name, holder, until_ms) values ($1, $2, $3)
on conflict (name) do update set holder = excluded.holder, until_ms = excluded.until_ms
  where lease.until_ms <= $4 or lease.until_ms > $5 or lease.holder = excluded.holder;

-- name: give_up
-- The holder ends: the next one need not wait.
delete from lease where name = $1 and holder = $2;

-- name: holds @pg
-- One row while this holder has the lease; nobody takes it before this transaction ends.
select 1 as one from lease where name = $1 and holder = $2 for update;

-- name: holds @sqlite
select 1 as one from lease where name = $1 and holder = $2;

-- name: job_well
-- A job came to its end; noted once a minute, and at once after it had failed.
insert into job (name, well_ms) values ($1, $2)
on conflict (name) do update set well_ms = excluded.well_ms, ill_ms = null, fails = 0, cause = ''
  where job.fails > 0 or job.well_ms is null or job.well_ms <= $3 or job.well_ms > excluded.well_ms;

-- name: job_ill
-- A job failed: since when, how often in a row, and why.
insert into job (name, ill_ms, fails, cause) values ($1, $2, 1, $3)
on conflict (name) do update set ill_ms = coalesce(job.ill_ms, excluded.ill_ms), fails = job.fails + 1, cause = excluded.cause;

-- name: jobs
-- How the jobs do.
select name, well_ms, ill_ms, fails, cause from job order by name;

-- name: source
-- The number of a source; a new one gets the next.
insert into source (name) values ($1) on conflict (name) do update set name = excluded.name returning id;

-- name: space
-- The number of a numbering space; a new one gets the next.
insert into space (name) values ($1) on conflict (name) do update set name = excluded.name returning id;

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
select name, kind, public_key, organ_code, organ_name, registered_ms, last_seen_ms, last_envelope,
  until_ms, revoked_ms from node order by name;

-- name: aside
-- What was turned away of a node for one reason up to now is no alarm any more.
insert into alarm_aside (node, code, at_ms, reason) values ($1, $2, $3, $4)
on conflict (node, code) do update set at_ms = excluded.at_ms, reason = excluded.reason;
