-- What is demanded of a node besides its key: a suite of algorithms ('': any), encrypted envelopes.
alter table node add column suite text not null default '' check (suite in ('', 'ed25519', 'sm2'));
alter table node add column encrypted bigint not null default 0;
alter table enrolment add column suite text not null default '' check (suite in ('', 'ed25519', 'sm2'));
alter table enrolment add column encrypted bigint not null default 0;
comment on column node.suite is '要求的密码算法套件';
comment on column node.encrypted is '是否要求加密报送';
-- How many of a node were turned away lately.
create index turned_away_node on turned_away (node, at_ms);
