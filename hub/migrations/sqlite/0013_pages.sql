-- One-time tokens for the pages that were asked for while the hub runs, and alarms of the door that somebody put
-- aside until something new happens.
create table entry_token (
  sha256 text primary key,
  expires_ms integer not null
);

create table alarm_aside (
  node text not null,
  code text not null,
  at_ms integer not null,
  reason text not null,
  primary key (node, code)
);
