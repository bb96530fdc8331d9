-- What only the store can know of an item's records: a completion receipt counts them for each file.
alter table envelope_item add column duplicate integer not null default 0;
alter table envelope_item add column conflicted integer not null default 0;
