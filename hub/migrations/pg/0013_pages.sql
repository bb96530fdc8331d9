-- One-time tokens for the pages that were asked for while the hub runs, and alarms of the door that somebody put
-- aside until something new happens.
create table entry_token (
  sha256 text primary key,
  expires_ms bigint not null
);
comment on table entry_token is '页面的一次性令牌（只存摘要）';

create table alarm_aside (
  node text not null,
  code text not null,
  at_ms bigint not null,
  reason text not null,
  primary key (node, code)
);
comment on table alarm_aside is '已搁置的告警：何时、为何';
