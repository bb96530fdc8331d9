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
  last_envelope text,
  until_ms integer,
  revoked_ms integer,
  heard_ms integer,
  waiting integer not null default 0,
  waiting_bytes integer not null default 0,
  suite text not null default '' check (suite in ('', 'ed25519', 'sm2')),
  encrypted integer not null default 0,
  dialects text not null default ''
) strict;

create table enrolment (
  node text primary key,
  kind text not null default 'front' check (kind in ('front', 'hub')),
  organ_code text not null default '',
  organ_name text not null default '',
  invited_ms integer not null,
  expires_ms integer not null,
  public_key text not null default '',
  enrolled_ms integer,
  approved_ms integer,
  suite text not null default '' check (suite in ('', 'ed25519', 'sm2')),
  encrypted integer not null default 0
) strict;

create table enrolment_code (
  node text not null references enrolment (node) on delete cascade,
  code_sha256 text not null,
  expires_ms integer not null,
  primary key (node, code_sha256)
) strict;

-- Short numbers of long names: what the 14 element tables hold in their place.
create table source (
  id integer primary key,
  name text not null unique
) strict;

create table space (
  id integer primary key,
  name text not null unique
) strict;

-- The order in which envelopes were taken: its number stands in every row that an envelope brought.
-- Both count in the table `counter`: arrival, case_id.

create table envelope (
  id text primary key,
  no integer not null unique,
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
  duplicate integer not null default 0,
  conflicted integer not null default 0,
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
  envelope_no integer not null,
  part integer not null,
  part_of integer not null,
  payload blob not null,
  records integer not null,
  state text not null default 'held' check (state in ('held', 'sent')),
  held_ms integer not null,
  -- Hashes of the cases that go on in a later part, eight bytes each; null: any may.
  goes_on blob,
  primary key (envelope_no, part)
) strict;
create index inbox_held on inbox (envelope_no, part) where state = 'held';

-- Bundles that cannot be stored: each stands alone, with its cause, and the others go on.
create table quarantine (
  envelope_no integer not null,
  part integer not null,
  part_of integer not null,
  payload blob not null,
  records integer not null,
  at_ms integer not null,
  cause text not null,
  primary key (envelope_no, part)
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
  id integer primary key,
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
  held text not null default '' check (held in ('', 'refused', 'calendar', 'fault')),
  records integer not null default 0,
  summary text not null default '{}',
  updated_ms integer not null,
  envelope_no integer not null default 0,
  unique (space, case_no)
) strict;
create index cases_unjudged on cases (id) where facts_rev > judged_rev;
create index cases_next_look on cases (next_look_ms, id) where next_look_ms is not null;
create index cases_updated on cases (updated_ms desc);
create index cases_held on cases (held) where held <> '';
create index cases_organ on cases (organ_code, organ_name);

-- All versions of all records of a case in one value: what ingest decides and what is judged by, without a look
-- into the 14 tables. Written in the transaction that writes those. A case has one row, its other numbers are 0;
-- a record outside any case has one of its own, under the negative number of its space.
create table case_file (
  case_id integer not null,
  source_id integer not null,
  element integer not null,
  seq integer not null,
  versions blob not null,
  primary key (case_id, source_id, element, seq)
) strict;

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
create index card_organ_name on card (organ_name) where organ_code = '';

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
  value text not null default '',
  count integer not null,
  first_ms integer not null,
  last_ms integer not null,
  primary key (dialect, code, element, field, value)
) strict;

-- Batches upward are kept until the hub above has stored them; what it refused is held with its cause.
create table outgoing (
  batch integer primary key,
  payload blob not null,
  records integer not null,
  created_ms integer not null,
  state text not null default 'waiting' check (state in ('waiting', 'packed', 'settled', 'held', 'stored')),
  envelope text,
  stored_above integer not null default 0,
  lot text,
  item integer not null default 0,
  receipt text not null default '',
  answered_ms integer,
  tries integer not null default 0,
  cause text not null default '',
  kept integer not null default 1
) strict;
create index outgoing_open on outgoing (batch) where state <> 'stored';
create index outgoing_lot on outgoing (lot) where state <> 'stored';
create index outgoing_kept on outgoing (answered_ms) where state = 'stored' and kept = 1;

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
-- How many of a node were turned away lately.
create index turned_away_node on turned_away (node, at_ms);

create table source_dialect (
  source text not null,
  dialect text not null,
  primary key (source, dialect)
) strict;

-- How the jobs do: when each was last well, and since when it fails.
create table job (
  name text primary key,
  well_ms integer,
  ill_ms integer,
  fails integer not null default 0,
  cause text not null default ''
) strict;

-- Records of a case that were refused or set aside, until a later one of its element is accepted.
create table refusal (
  space text not null,
  case_no text not null,
  element text not null,
  envelope text not null,
  code text not null,
  at_ms integer not null,
  answered integer not null default 0,
  taken integer not null default 0,
  primary key (space, case_no, element, envelope)
) strict;
create index refusal_new on refusal (space, case_no) where taken = 0;

-- Organs whose scores are to be computed again.
create table score_due (
  organ_key text primary key,
  rev integer not null
) strict;

-- By what the cases were judged last: profile, rules and calendar together, and what each source declares.
create table judged_by (
  name text primary key,
  digest text not null
) strict;

-- What a wrong dialect made can be taken back: its records move from stored to rejected, the raw bytes stay.
create table take_back (
  id integer primary key,
  at_ms integer not null,
  who text not null,
  reason text not null,
  envelope text not null,
  source text not null,
  dialect text not null,
  records integer not null default 0,
  cases integer not null default 0,
  cards integer not null default 0
) strict;
create table take_back_item (
  take_back integer not null references take_back (id),
  envelope text not null references envelope (id),
  item_no integer not null,
  primary key (take_back, envelope, item_no)
) strict;
create table take_back_record (
  take_back integer not null references take_back (id),
  envelope text not null,
  item_no integer not null,
  record_no integer not null,
  element text not null,
  case_no text not null,
  primary key (take_back, envelope, item_no, record_no)
) strict;
create table take_back_case (
  take_back integer not null references take_back (id),
  space text not null,
  case_no text not null,
  gone integer not null default 0,
  primary key (take_back, space, case_no)
) strict;
create table take_back_card (
  take_back integer not null references take_back (id),
  card text not null,
  body text not null,
  primary key (take_back, card)
) strict;
-- Dated adjustments of the ledger: so many records of that line moved from stored to rejected.
create table adjustment (
  take_back integer not null references take_back (id),
  source text not null,
  element text not null,
  day text not null,
  records integer not null check (records > 0),
  primary key (take_back, source, element, day)
) strict;

-- One-time tokens for the pages that were asked for while the hub runs, and alarms of the door that somebody put
-- aside until something new happens.
create table entry_token (
  sha256 text primary key,
  expires_ms integer not null
) strict;

create table alarm_aside (
  node text not null,
  code text not null,
  at_ms integer not null,
  reason text not null,
  primary key (node, code)
) strict;
