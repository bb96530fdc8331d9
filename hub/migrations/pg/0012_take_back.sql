-- What a wrong dialect made can be taken back: its records move from stored to rejected, the raw bytes stay.
create table take_back (
  id bigint primary key,
  at_ms bigint not null,
  who text not null,
  reason text not null,
  envelope text not null,
  source text not null,
  dialect text not null,
  records bigint not null default 0,
  cases bigint not null default 0,
  cards bigint not null default 0
);
create table take_back_item (
  take_back bigint not null references take_back (id),
  envelope text not null references envelope (id),
  item_no bigint not null,
  primary key (take_back, envelope, item_no)
);
create table take_back_record (
  take_back bigint not null references take_back (id),
  envelope text not null,
  item_no bigint not null,
  record_no bigint not null,
  element text not null,
  case_no text not null,
  primary key (take_back, envelope, item_no, record_no)
);
create table take_back_case (
  take_back bigint not null references take_back (id),
  space text not null,
  case_no text not null,
  gone bigint not null default 0,
  primary key (take_back, space, case_no)
);
create table take_back_card (
  take_back bigint not null references take_back (id),
  card text not null,
  body text not null,
  primary key (take_back, card)
);
-- Dated adjustments of the ledger: so many records of that line moved from stored to rejected.
create table adjustment (
  take_back bigint not null references take_back (id),
  source text not null,
  element text not null,
  day text not null,
  records bigint not null check (records > 0),
  primary key (take_back, source, element, day)
);
-- Dialects that were agreed with a node, with commas; empty: any.
alter table node add column dialects text not null default '';
comment on table take_back is '收回：时间、操作人、理由、范围、条数';
comment on table take_back_item is '收回涉及的信封与文件';
comment on table take_back_record is '收回的记录（由已入库转为退回，原始报文保留）';
comment on table take_back_case is '收回涉及的办件，gone为1的已无其他记录而一并收回';
comment on table take_back_card is '随办件收回的监察牌';
comment on table adjustment is '台账调整：该来源、要素、接收日由已入库转为退回的条数';
comment on column node.dialects is '与该节点约定的方言，逗号分隔，空为不限';
