-- What became of a parcel, so that it can be counted without opening the sealed receipts.
alter table parcel add column verdict text check (verdict in ('accepted', 'partly', 'refused'));
alter table parcel add column rejected integer not null default 0; -- records
-- Set aside: the hub can never take it. Its bytes stay for as long as its receipt does.
alter table parcel add column aside integer not null default 0 check (aside in (0, 1));
-- The number under which it was packed, where the hub has another envelope of that number.
alter table parcel add column first_sequence integer;
