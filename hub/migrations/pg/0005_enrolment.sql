-- Nodes are invited with a code, enrol with a key of their own, are approved, lapse and are revoked.
alter table node add column until_ms bigint;
alter table node add column revoked_ms bigint;
create table enrolment (
  node text primary key,
  code_sha256 text not null,
  kind text not null default 'front' check (kind in ('front', 'hub')),
  organ_code text not null default '',
  organ_name text not null default '',
  invited_ms bigint not null,
  expires_ms bigint not null,
  public_key text not null default '',
  enrolled_ms bigint,
  approved_ms bigint
);
comment on table enrolment is '入网登记：邀请码（只存摘要）、待批准的公钥';
comment on column node.until_ms is '密钥有效期止';
comment on column node.revoked_ms is '密钥吊销时间';
