-- The secret from which the keys of an encrypted envelope come, sealed. Forgotten once it is settled: whoever
-- takes the seal key of this file later cannot open what was overheard before.
alter table parcel add column secret blob;
