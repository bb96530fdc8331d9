-- Machines tell now and then how they are: when one was last heard of, and what waits there for a receipt.
alter table node add column heard_ms bigint;
alter table node add column waiting bigint not null default 0;
alter table node add column waiting_bytes bigint not null default 0;
