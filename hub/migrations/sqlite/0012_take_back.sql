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
-- Dialects that were agreed with a node, with commas; empty: any.
alter table node add column dialects text not null default '';
