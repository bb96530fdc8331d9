-- Generated from the element specs by tongcha-schema (schema/src/ddl.rs); do not edit.
-- 由要素规范生成，请勿手工修改。每条记录至多一个现行版本。

update el_organ as t set "row_state" = 'superseded' where t."row_state" = 'live' and exists (
  select 1 from el_organ as n where n."space" = t."space" and n."case_no" = t."case_no" and n."source" = t."source" and n."seq" = t."seq" and n."row_state" = 'live' and n."version" > t."version");
create unique index el_organ_live on el_organ ("space", "case_no", "source", "seq") where "row_state" = 'live';

update el_item as t set "row_state" = 'superseded' where t."row_state" = 'live' and exists (
  select 1 from el_item as n where n."space" = t."space" and n."case_no" = t."case_no" and n."source" = t."source" and n."seq" = t."seq" and n."row_state" = 'live' and n."version" > t."version");
create unique index el_item_live on el_item ("space", "case_no", "source", "seq") where "row_state" = 'live';

update el_case_base as t set "row_state" = 'superseded' where t."row_state" = 'live' and exists (
  select 1 from el_case_base as n where n."space" = t."space" and n."case_no" = t."case_no" and n."source" = t."source" and n."seq" = t."seq" and n."row_state" = 'live' and n."version" > t."version");
create unique index el_case_base_live on el_case_base ("space", "case_no", "source", "seq") where "row_state" = 'live';

update el_applicant as t set "row_state" = 'superseded' where t."row_state" = 'live' and exists (
  select 1 from el_applicant as n where n."space" = t."space" and n."case_no" = t."case_no" and n."source" = t."source" and n."seq" = t."seq" and n."row_state" = 'live' and n."version" > t."version");
create unique index el_applicant_live on el_applicant ("space", "case_no", "source", "seq") where "row_state" = 'live';

update el_material as t set "row_state" = 'superseded' where t."row_state" = 'live' and exists (
  select 1 from el_material as n where n."space" = t."space" and n."case_no" = t."case_no" and n."source" = t."source" and n."seq" = t."seq" and n."row_state" = 'live' and n."version" > t."version");
create unique index el_material_live on el_material ("space", "case_no", "source", "seq") where "row_state" = 'live';

update el_acceptance as t set "row_state" = 'superseded' where t."row_state" = 'live' and exists (
  select 1 from el_acceptance as n where n."space" = t."space" and n."case_no" = t."case_no" and n."source" = t."source" and n."seq" = t."seq" and n."row_state" = 'live' and n."version" > t."version");
create unique index el_acceptance_live on el_acceptance ("space", "case_no", "source", "seq") where "row_state" = 'live';

update el_process as t set "row_state" = 'superseded' where t."row_state" = 'live' and exists (
  select 1 from el_process as n where n."space" = t."space" and n."case_no" = t."case_no" and n."source" = t."source" and n."seq" = t."seq" and n."row_state" = 'live' and n."version" > t."version");
create unique index el_process_live on el_process ("space", "case_no", "source", "seq") where "row_state" = 'live';

update el_correction as t set "row_state" = 'superseded' where t."row_state" = 'live' and exists (
  select 1 from el_correction as n where n."space" = t."space" and n."case_no" = t."case_no" and n."source" = t."source" and n."seq" = t."seq" and n."row_state" = 'live' and n."version" > t."version");
create unique index el_correction_live on el_correction ("space", "case_no", "source", "seq") where "row_state" = 'live';

update el_special as t set "row_state" = 'superseded' where t."row_state" = 'live' and exists (
  select 1 from el_special as n where n."space" = t."space" and n."case_no" = t."case_no" and n."source" = t."source" and n."seq" = t."seq" and n."row_state" = 'live' and n."version" > t."version");
create unique index el_special_live on el_special ("space", "case_no", "source", "seq") where "row_state" = 'live';

update el_fee as t set "row_state" = 'superseded' where t."row_state" = 'live' and exists (
  select 1 from el_fee as n where n."space" = t."space" and n."case_no" = t."case_no" and n."source" = t."source" and n."seq" = t."seq" and n."row_state" = 'live' and n."version" > t."version");
create unique index el_fee_live on el_fee ("space", "case_no", "source", "seq") where "row_state" = 'live';

update el_conclusion as t set "row_state" = 'superseded' where t."row_state" = 'live' and exists (
  select 1 from el_conclusion as n where n."space" = t."space" and n."case_no" = t."case_no" and n."source" = t."source" and n."seq" = t."seq" and n."row_state" = 'live' and n."version" > t."version");
create unique index el_conclusion_live on el_conclusion ("space", "case_no", "source", "seq") where "row_state" = 'live';

update el_result_doc as t set "row_state" = 'superseded' where t."row_state" = 'live' and exists (
  select 1 from el_result_doc as n where n."space" = t."space" and n."case_no" = t."case_no" and n."source" = t."source" and n."seq" = t."seq" and n."row_state" = 'live' and n."version" > t."version");
create unique index el_result_doc_live on el_result_doc ("space", "case_no", "source", "seq") where "row_state" = 'live';

update el_delivery as t set "row_state" = 'superseded' where t."row_state" = 'live' and exists (
  select 1 from el_delivery as n where n."space" = t."space" and n."case_no" = t."case_no" and n."source" = t."source" and n."seq" = t."seq" and n."row_state" = 'live' and n."version" > t."version");
create unique index el_delivery_live on el_delivery ("space", "case_no", "source", "seq") where "row_state" = 'live';

update el_evaluation as t set "row_state" = 'superseded' where t."row_state" = 'live' and exists (
  select 1 from el_evaluation as n where n."space" = t."space" and n."case_no" = t."case_no" and n."source" = t."source" and n."seq" = t."seq" and n."row_state" = 'live' and n."version" > t."version");
create unique index el_evaluation_live on el_evaluation ("space", "case_no", "source", "seq") where "row_state" = 'live';
