-- The work list tells codes apart: which code of which place has no counterpart.
create table worklist_new (
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
insert into worklist_new (dialect, code, element, field, count, first_ms, last_ms)
select dialect, code, element, field, count, first_ms, last_ms from worklist;
drop table worklist;
alter table worklist_new rename to worklist;
