-- Several codes of one invitation work beside each other, each until its own end: who packs again harms no pack.
create table enrolment_code (
  node text not null references enrolment (node) on delete cascade,
  code_sha256 text not null,
  expires_ms integer not null,
  primary key (node, code_sha256)
) strict;
insert into enrolment_code (node, code_sha256, expires_ms)
select node, code_sha256, expires_ms from enrolment where approved_ms is null;
alter table enrolment drop column code_sha256;
