-- What is demanded of a node besides its key: a suite of algorithms ('': any), encrypted envelopes.
alter table node add column suite text not null default '' check (suite in ('', 'ed25519', 'sm2'));
alter table node add column encrypted integer not null default 0;
alter table enrolment add column suite text not null default '' check (suite in ('', 'ed25519', 'sm2'));
alter table enrolment add column encrypted integer not null default 0;
-- How many of a node were turned away lately.
create index turned_away_node on turned_away (node, at_ms);
