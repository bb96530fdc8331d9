-- What only the store can know of an item's records: a completion receipt counts them for each file.
alter table envelope_item add column duplicate bigint not null default 0;
alter table envelope_item add column conflicted bigint not null default 0;
comment on column envelope_item.duplicate is '重复记录数（已有同版本同内容）';
comment on column envelope_item.conflicted is '冲突记录数（同版本内容不同）';
