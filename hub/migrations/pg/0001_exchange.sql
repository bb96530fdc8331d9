-- What the exchange itself keeps: nodes, envelopes, raw bytes, inbox, ledger, cases, cards.
-- Instants of this file are milliseconds since 1970 (`_ms`); the 14 element tables use timestamptz.

create table node (
  name text primary key,
  kind text not null check (kind in ('front', 'hub')),
  public_key text not null,
  organ_code text not null default '',
  organ_name text not null default '',
  registered_ms bigint not null,
  last_seen_ms bigint,
  last_envelope text
);
comment on table node is '节点：前置机或下级中心';

create table envelope (
  id text primary key,
  node text not null,
  number text not null unique,
  head text not null,
  head_digest text not null,
  dialect text not null,
  label text not null,
  received_ms bigint not null,
  completed_ms bigint,
  verdict text not null check (verdict in ('accepted', 'partly', 'refused')),
  receipt text not null,
  seen bigint not null default 1,
  received bigint not null,
  stored bigint not null,
  rejected bigint not null,
  duplicate bigint not null,
  pending bigint not null,
  check (received = stored + rejected + duplicate + pending),
  check (stored >= 0 and rejected >= 0 and duplicate >= 0 and pending >= 0)
);
create index envelope_received on envelope (received_ms desc);
create index envelope_node on envelope (node, received_ms desc);
comment on table envelope is '信封：每次送达及其回执';

create table envelope_item (
  envelope text not null references envelope (id) deferrable initially deferred,
  item_no bigint not null,
  name text not null,
  digest text not null,
  size bigint not null,
  dialect text not null,
  dialect_version text not null,
  verdict text not null,
  received bigint not null,
  rejected bigint not null,
  primary key (envelope, item_no)
);
create index item_digest on envelope_item (digest);
comment on table envelope_item is '信封中的每一件（文件、压缩包条目或库表行）';

create table envelope_count (
  envelope text not null references envelope (id) deferrable initially deferred,
  element text not null,
  received bigint not null,
  stored bigint not null default 0,
  rejected bigint not null,
  duplicate bigint not null default 0,
  pending bigint not null,
  primary key (envelope, element),
  check (received = stored + rejected + duplicate + pending)
);
comment on table envelope_count is '信封的记录数，按要素';

create table raw_chunk (
  digest text not null,
  chunk_no bigint not null,
  bytes bytea not null,
  primary key (digest, chunk_no)
);
comment on table raw_chunk is '原始字节（加密、压缩、按摘要存放）';

create table finding (
  envelope text not null references envelope (id) deferrable initially deferred,
  ord bigint not null,
  item_no bigint not null,
  record_no bigint not null,
  code text not null,
  severity text not null,
  body text not null,
  primary key (envelope, ord)
);
create index finding_code on finding (code);
comment on table finding is '发现的问题，每个错误一条';

create table rejected (
  envelope text not null references envelope (id) deferrable initially deferred,
  item_no bigint not null,
  record_no bigint not null,
  element text not null,
  case_no text not null,
  reason text not null check (reason in ('error', 'conflict', 'document')),
  payload bytea not null,
  received_ms bigint not null,
  primary key (envelope, item_no, record_no)
);
comment on table rejected is '被拒绝或冲突的记录，原样保留';

create table inbox (
  envelope text not null,
  part bigint not null,
  part_of bigint not null,
  payload bytea not null,
  records bigint not null,
  state text not null default 'held' check (state in ('held', 'sent')),
  held_ms bigint not null,
  primary key (envelope, part)
);
comment on table inbox is '已受理、尚未入库的记录包';

create table ledger (
  source text not null,
  element text not null,
  day text not null,
  received bigint not null default 0,
  stored bigint not null default 0,
  rejected bigint not null default 0,
  duplicate bigint not null default 0,
  pending bigint not null default 0,
  primary key (source, element, day),
  constraint conservation check (received = stored + rejected + duplicate + pending),
  check (received >= 0 and stored >= 0 and rejected >= 0 and duplicate >= 0 and pending >= 0)
);
comment on table ledger is '守恒台账：收到 = 入库 + 拒绝 + 重复 + 待处理';

create table cases (
  space text not null,
  case_no text not null,
  source text not null,
  facts_rev bigint not null,
  judged_rev bigint not null default 0,
  next_look_ms bigint,
  organ_code text not null default '',
  organ_name text not null default '',
  title text not null default '',
  stage text not null default '',
  accepted_ms bigint,
  due_day text,
  concluded_ms bigint,
  late bigint not null default 0,
  overdue bigint not null default 0,
  concluded_month text not null default '',
  incomplete bigint not null default 0,
  early bigint not null default 0,
  colour text not null default '',
  not_judged text not null default '',
  summary text not null default '{}',
  updated_ms bigint not null,
  primary key (space, case_no)
);
create index cases_unjudged on cases (space, case_no) where facts_rev > judged_rev;
create index cases_next_look on cases (next_look_ms) where next_look_ms is not null;
create index cases_updated on cases (updated_ms desc);
comment on table cases is '办件：状态、时限与下次检查时间';

create table card (
  id text primary key,
  subject text not null,
  space text not null,
  case_no text not null,
  organ_code text not null,
  organ_name text not null,
  rule text not null,
  occurrence text not null,
  rung text not null,
  colour text not null,
  state text not null,
  issued_ms bigint not null,
  month text not null,
  body text not null,
  constraint card_identity unique (subject, rule, occurrence, rung)
);
create index card_issued on card (issued_ms desc);
create index card_case on card (space, case_no);
create index card_organ on card (organ_code, month);
comment on table card is '监察牌：预警、黄牌、红牌';

create table notice (
  card text not null references card (id) deferrable initially deferred,
  ord bigint not null,
  issued_ms bigint not null,
  kind text not null,
  body text not null,
  primary key (card, ord)
);
comment on table notice is '告知：与发牌同一事务写入';

create table score (
  organ_code text not null,
  month text not null,
  scheme text not null,
  organ_name text not null,
  total text not null,
  body text not null,
  computed_ms bigint not null,
  primary key (organ_code, month, scheme)
);
comment on table score is '部门月度评分';

create table worklist (
  dialect text not null,
  code text not null,
  element text not null,
  field text not null,
  count bigint not null,
  first_ms bigint not null,
  last_ms bigint not null,
  primary key (dialect, code, element, field)
);
comment on table worklist is '方言声明缺失或降级的工作清单';

create table outgoing (
  batch bigint primary key,
  payload bytea not null,
  records bigint not null,
  created_ms bigint not null,
  state text not null default 'waiting' check (state in ('waiting', 'packed', 'settled')),
  envelope text,
  stored_above bigint not null default 0
);
create index outgoing_open on outgoing (batch) where state <> 'settled';
comment on table outgoing is '待上报批次，逐批编号';

create table lease (
  name text primary key,
  holder text not null,
  until_ms bigint not null
);
comment on table lease is '任务租约：同一任务同时只有一个执行者';

create table counter (
  name text primary key,
  value bigint not null
);
comment on table counter is '计数器';

create table turned_away (
  at_ms bigint not null,
  node text not null,
  code text not null,
  body text not null
);
create index turned_away_at on turned_away (at_ms);
comment on table turned_away is '未通过认证或传输有误而被拒之门外的信封（只保留最近的）';

create table source_dialect (
  source text not null,
  dialect text not null,
  primary key (source, dialect)
);
comment on table source_dialect is '来源与读取它的方言';
