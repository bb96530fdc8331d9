-- The outbox of a front-end machine: what was taken from its sources and how far it got.
-- Instants are milliseconds since 1970 UTC. Columns marked "sealed" hold schema::seal::Sealed bytes.

-- Which node and epoch this file belongs to, and the last sequence given away.
create table outbox (
    one integer primary key check (one = 1),
    node text not null,
    epoch integer not null check (epoch >= 1),
    last_sequence integer not null check (last_sequence >= 0),
    made_at integer not null
) strict;

-- How far each source was read; changes only together with the parcel that it produced.
create table source_position (
    source text primary key,
    position text not null,
    changed_at integer not null
) strict;

-- One lot on its way. packing -> queued -> (sent: went out, no receipt yet) -> receipted -> settled.
create table parcel (
    parcel integer primary key autoincrement,
    source text not null,
    lot_key text not null,
    state text not null check (state in ('packing', 'queued', 'sent', 'receipted', 'settled')),
    sequence integer unique,
    head blob, -- sealed
    plain_bytes integer not null default 0,
    wire_bytes integer not null default 0,
    findings blob, -- sealed JSON: what the agent itself noticed
    packed_at integer,
    tries integer not null default 0,
    not_before integer not null default 0,
    fault text,
    number text, -- the receipt's number
    receipt blob, -- sealed JSON: admission receipt
    receipted_at integer,
    completion blob, -- sealed JSON: completion receipt
    settled_at integer
) strict;

-- A lot is on its way at most once.
create unique index parcel_open on parcel (source, lot_key) where state <> 'settled';
create index parcel_state on parcel (source, state, sequence);

-- The items' bytes in order: zstd frames of at most 256 KiB plain, sealed. Gone once settled.
create table chunk (
    chunk integer primary key,
    parcel integer not null references parcel (parcel) on delete cascade,
    item integer not null,
    bytes blob not null -- sealed
) strict;

create index chunk_parcel on chunk (parcel, chunk);
