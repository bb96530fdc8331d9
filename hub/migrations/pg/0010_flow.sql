-- Batches upward are kept until the hub above has stored them; what it refused is held with its cause.
alter table outgoing drop constraint outgoing_state_check;
alter table outgoing add constraint outgoing_state_check
  check (state in ('waiting', 'packed', 'settled', 'held', 'stored'));
alter table outgoing add column lot text;
alter table outgoing add column item bigint not null default 0;
alter table outgoing add column receipt text not null default '';
alter table outgoing add column answered_ms bigint;
alter table outgoing add column tries bigint not null default 0;
alter table outgoing add column cause text not null default '';
alter table outgoing add column kept bigint not null default 1;
comment on column outgoing.lot is '最近一次上报所在的组（纪元.组号）';
comment on column outgoing.item is '在该组中的件号，从0起';
comment on column outgoing.receipt is '上级中心的回执编号';
comment on column outgoing.answered_ms is '上级中心答复时间';
comment on column outgoing.tries is '被上级中心拒绝的次数';
comment on column outgoing.cause is '被拒绝的原因（JSON）';
comment on column outgoing.kept is '批次内容是否仍保留';
-- What was answered for until now was erased with the answer.
update outgoing set state = 'stored', kept = 0 where state = 'settled';
drop index outgoing_open;
create index outgoing_open on outgoing (batch) where state <> 'stored';
create index outgoing_lot on outgoing (lot) where state <> 'stored';
create index outgoing_kept on outgoing (answered_ms) where state = 'stored' and kept = 1;

-- Bundles that cannot be stored: each stands alone, with its cause, and the others go on.
create table quarantine (
  envelope text not null,
  part bigint not null,
  part_of bigint not null,
  payload bytea not null,
  records bigint not null,
  at_ms bigint not null,
  cause text not null,
  primary key (envelope, part)
);
comment on table quarantine is '无法入库而隔离的记录包，记录仍计为待处理';

-- How the jobs do: when each was last well, and since when it fails.
create table job (
  name text primary key,
  well_ms bigint,
  ill_ms bigint,
  fails bigint not null default 0,
  cause text not null default ''
);
comment on table job is '定时任务的最近结果';
