-- Batches upward are kept until the hub above has stored them; what it refused is held with its cause.
create table outgoing_new (
  batch integer primary key,
  payload blob not null,
  records integer not null,
  created_ms integer not null,
  state text not null default 'waiting' check (state in ('waiting', 'packed', 'settled', 'held', 'stored')),
  envelope text,
  stored_above integer not null default 0,
  lot text, -- epoch and number of the lot in which it was offered last
  item integer not null default 0, -- its item there, 0-based
  receipt text not null default '', -- number of the receipt of the hub above
  answered_ms integer,
  tries integer not null default 0, -- how often the hub above refused it
  cause text not null default '', -- why, as JSON
  kept integer not null default 1 -- whether the payload is still there
) strict;
-- What was answered for until now was erased with the answer.
insert into outgoing_new (batch, payload, records, created_ms, state, envelope, stored_above, kept)
select batch, payload, records, created_ms, case when state = 'settled' then 'stored' else state end, envelope,
  stored_above, case when state = 'settled' then 0 else 1 end from outgoing;
drop table outgoing;
alter table outgoing_new rename to outgoing;
create index outgoing_open on outgoing (batch) where state <> 'stored';
create index outgoing_lot on outgoing (lot) where state <> 'stored';
create index outgoing_kept on outgoing (answered_ms) where state = 'stored' and kept = 1;

-- Bundles that cannot be stored: each stands alone, with its cause, and the others go on.
create table quarantine (
  envelope text not null,
  part integer not null,
  part_of integer not null,
  payload blob not null,
  records integer not null,
  at_ms integer not null,
  cause text not null,
  primary key (envelope, part)
) strict;

-- How the jobs do: when each was last well, and since when it fails.
create table job (
  name text primary key,
  well_ms integer,
  ill_ms integer,
  fails integer not null default 0,
  cause text not null default ''
) strict;
