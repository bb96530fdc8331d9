-- Machines tell now and then how they are: when one was last heard of, and what waits there for a receipt.
alter table node add column heard_ms integer;
alter table node add column waiting integer not null default 0;
alter table node add column waiting_bytes integer not null default 0;
