-- What the exchange itself keeps: nodes, envelopes, raw bytes, inbox, ledger, cases, cards.
-- Instants of this file are milliseconds since 1970 (`_ms`); the 14 element tables use UTC texts.

create table node (
  name text primary key,
  kind text not null check (kind in ('front', 'hub')),
  public_key text not null,
  organ_code text not null default '',
  organ_name text not null default '',
  registered_ms integer not null,
  last_seen_ms integer,
  last_envelope text
) strict;

create table envelope (
  id text primary key,
  node text not null,
  number text not null unique,
  head text not null,
  head_digest text not null,
  dialect text not null,
  label text not null,
  received_ms integer not null,
  completed_ms integer,
  verdict text not null check (verdict in ('accepted', 'partly', 'refused')),
  receipt text not null,
  seen integer not null default 1,
  received integer not null,
  stored integer not null,
  rejected integer not null,
  duplicate integer not null,
  pending integer not null,
  check (received = stored + rejected + duplicate + pending),
  check (stored >= 0 and rejected >= 0 and duplicate >= 0 and pending >= 0)
) strict;
create index envelope_received on envelope (received_ms desc);
create index envelope_node on envelope (node, received_ms desc);

create table envelope_item (
  envelope text not null references envelope (id) deferrable initially deferred,
  item_no integer not null,
  name text not null,
  digest text not null,
  size integer not null,
  dialect text not null,
  dialect_version text not null,
  verdict text not null,
  received integer not null,
  rejected integer not null,
  primary key (envelope, item_no)
) strict;
create index item_digest on envelope_item (digest);

create table envelope_count (
  envelope text not null references envelope (id) deferrable initially deferred,
  element text not null,
  received integer not null,
  stored integer not null default 0,
  rejected integer not null,
  duplicate integer not null default 0,
  pending integer not null,
  primary key (envelope, element),
  check (received = stored + rejected + duplicate + pending)
) strict;

create table raw_chunk (
  digest text not null,
  chunk_no integer not null,
  bytes blob not null,
  primary key (digest, chunk_no)
) strict;

create table finding (
  envelope text not null references envelope (id) deferrable initially deferred,
  ord integer not null,
  item_no integer not null,
  record_no integer not null,
  code text not null,
  severity text not null,
  body text not null,
  primary key (envelope, ord)
) strict;
create index finding_code on finding (code);

create table rejected (
  envelope text not null references envelope (id) deferrable initially deferred,
  item_no integer not null,
  record_no integer not null,
  element text not null,
  case_no text not null,
  reason text not null check (reason in ('error', 'conflict', 'document')),
  payload blob not null,
  received_ms integer not null,
  primary key (envelope, item_no, record_no)
) strict;

create table inbox (
  envelope text not null,
  part integer not null,
  part_of integer not null,
  payload blob not null,
  records integer not null,
  state text not null default 'held' check (state in ('held', 'sent')),
  held_ms integer not null,
  primary key (envelope, part)
) strict;

create table ledger (
  source text not null,
  element text not null,
  day text not null,
  received integer not null default 0,
  stored integer not null default 0,
  rejected integer not null default 0,
  duplicate integer not null default 0,
  pending integer not null default 0,
  primary key (source, element, day),
  constraint conservation check (received = stored + rejected + duplicate + pending),
  check (received >= 0 and stored >= 0 and rejected >= 0 and duplicate >= 0 and pending >= 0)
) strict;

create table cases (
  space text not null,
  case_no text not null,
  source text not null,
  facts_rev integer not null,
  judged_rev integer not null default 0,
  next_look_ms integer,
  organ_code text not null default '',
  organ_name text not null default '',
  title text not null default '',
  stage text not null default '',
  accepted_ms integer,
  due_day text,
  concluded_ms integer,
  late integer not null default 0,
  overdue integer not null default 0,
  concluded_month text not null default '',
  incomplete integer not null default 0,
  early integer not null default 0,
  colour text not null default '',
  not_judged text not null default '',
  summary text not null default '{}',
  updated_ms integer not null,
  primary key (space, case_no)
) strict;
create index cases_unjudged on cases (space, case_no) where facts_rev > judged_rev;
create index cases_next_look on cases (next_look_ms) where next_look_ms is not null;
create index cases_updated on cases (updated_ms desc);

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
  issued_ms integer not null,
  month text not null,
  body text not null,
  constraint card_identity unique (subject, rule, occurrence, rung)
) strict;
create index card_issued on card (issued_ms desc);
create index card_case on card (space, case_no);
create index card_organ on card (organ_code, month);

create table notice (
  card text not null references card (id) deferrable initially deferred,
  ord integer not null,
  issued_ms integer not null,
  kind text not null,
  body text not null,
  primary key (card, ord)
) strict;

create table score (
  organ_code text not null,
  month text not null,
  scheme text not null,
  organ_name text not null,
  total text not null,
  body text not null,
  computed_ms integer not null,
  primary key (organ_code, month, scheme)
) strict;

create table worklist (
  dialect text not null,
  code text not null,
  element text not null,
  field text not null,
  count integer not null,
  first_ms integer not null,
  last_ms integer not null,
  primary key (dialect, code, element, field)
) strict;

create table outgoing (
  batch integer primary key,
  payload blob not null,
  records integer not null,
  created_ms integer not null,
  state text not null default 'waiting' check (state in ('waiting', 'packed', 'settled')),
  envelope text,
  stored_above integer not null default 0
) strict;
create index outgoing_open on outgoing (batch) where state <> 'settled';

create table lease (
  name text primary key,
  holder text not null,
  until_ms integer not null
) strict;

create table counter (
  name text primary key,
  value integer not null
) strict;

create table turned_away (
  at_ms integer not null,
  node text not null,
  code text not null,
  body text not null
) strict;
create index turned_away_at on turned_away (at_ms);

create table source_dialect (
  source text not null,
  dialect text not null,
  primary key (source, dialect)
) strict;
