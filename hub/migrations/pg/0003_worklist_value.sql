-- The work list tells codes apart: which code of which place has no counterpart.
alter table worklist add column value text not null default '';
alter table worklist drop constraint worklist_pkey;
alter table worklist add primary key (dialect, code, element, field, value);
comment on column worklist.value is '待映射或待更正的代码值';
