-- Why a case is held, and how many records it has: a look is bounded by records, not by cases.
alter table cases add column held text not null default '' check (held in ('', 'refused', 'calendar', 'fault'));
alter table cases add column records integer not null default 0;
update cases set records = n.n from (select space, case_no, count(*) as n from (
  select space, case_no from el_organ
  union all select space, case_no from el_item
  union all select space, case_no from el_case_base
  union all select space, case_no from el_applicant
  union all select space, case_no from el_material
  union all select space, case_no from el_acceptance
  union all select space, case_no from el_process
  union all select space, case_no from el_correction
  union all select space, case_no from el_special
  union all select space, case_no from el_fee
  union all select space, case_no from el_conclusion
  union all select space, case_no from el_result_doc
  union all select space, case_no from el_delivery
  union all select space, case_no from el_evaluation
) as r group by space, case_no) as n where cases.space = n.space and cases.case_no = n.case_no;
create index cases_held on cases (held) where held <> '';
create index cases_organ on cases (organ_code, organ_name);
create index card_organ_name on card (organ_name) where organ_code = '';

-- Records of a case that were refused or set aside, until a later one of its element is accepted.
create table refusal (
  space text not null,
  case_no text not null,
  element text not null,
  envelope text not null,
  code text not null,
  at_ms integer not null,
  answered integer not null default 0,
  taken integer not null default 0,
  primary key (space, case_no, element, envelope)
) strict;
create index refusal_new on refusal (space, case_no) where taken = 0;

-- Organs whose scores are to be computed again.
create table score_due (
  organ_key text primary key,
  rev integer not null
) strict;

-- By what the cases were judged last: profile, rules and calendar together, and what each source declares.
create table judged_by (
  name text primary key,
  digest text not null
) strict;
insert into score_due (organ_key, rev) select distinct organ_code, 1 from score;
