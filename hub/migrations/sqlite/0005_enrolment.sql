-- Nodes are invited with a code, enrol with a key of their own, are approved, lapse and are revoked.
alter table node add column until_ms integer;
alter table node add column revoked_ms integer;
create table enrolment (
  node text primary key,
  code_sha256 text not null,
  kind text not null default 'front' check (kind in ('front', 'hub')),
  organ_code text not null default '',
  organ_name text not null default '',
  invited_ms integer not null,
  expires_ms integer not null,
  public_key text not null default '',
  enrolled_ms integer,
  approved_ms integer
);
