-- Generated from the element specs by tongcha-schema (schema/src/ddl.rs); do not edit.
-- 由要素规范生成，请勿手工修改。

create table el_organ (
  "case_id" bigint not null,
  "seq" bigint not null,
  "version" bigint not null,
  "envelope_no" bigint not null,
  "source_id" int not null,
  "item_no" int not null,
  "record_no" int not null,
  "line_no" int not null,
  "row_state" smallint not null,
  "op" smallint not null,
  "org_bus_no" text,
  "none_reason" text,
  "marks" text,
  "digest" bytea not null,
  "org_code" text,
  "legacy_org_code" text,
  "org_name" text,
  "org_nature" text,
  "org_level" text,
  "region" text,
  "parent_org_code" text,
  "window_code" text,
  "window_name" text,
  "supervise_phone" text,
  constraint el_organ_row_state check (row_state between 1 and 4),
  constraint el_organ_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
);
create unique index el_organ_live on el_organ (case_id, source_id, seq) where row_state = 1;
create view organ as
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."org_code", t."legacy_org_code", t."org_name", t."org_nature", t."org_level", t."region", t."parent_org_code", t."window_code", t."window_name", t."supervise_phone"
  from el_organ t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view organ_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."org_code", t."legacy_org_code", t."org_name", t."org_nature", t."org_level", t."region", t."parent_org_code", t."window_code", t."window_name", t."supervise_phone"
  from el_organ t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;
comment on table el_organ is '机构信息（要素1）：全部版本';
comment on view organ is '机构信息（要素1）：现行数据';
comment on view organ_history is '机构信息（要素1）：全部版本';
comment on column el_organ."case_id" is '办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数';
comment on column el_organ."seq" is '要素内序号';
comment on column el_organ."version" is '数据版本号';
comment on column el_organ."envelope_no" is '信封的受理次序号（见envelope）';
comment on column el_organ."source_id" is '来源节点内部编号（见source）';
comment on column el_organ."item_no" is '信封内件号，从0起';
comment on column el_organ."record_no" is '件内记录号，从1起';
comment on column el_organ."line_no" is '件内行号，从1起';
comment on column el_organ."row_state" is '行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除';
comment on column el_organ."op" is '数据操作：1 新增，2 修改，3 删除';
comment on column el_organ."org_bus_no" is '原系统业务流水号';
comment on column el_organ."none_reason" is '声明“无”的原因代码';
comment on column el_organ."marks" is '警告代码，逗号分隔';
comment on column el_organ."digest" is '规范内容的SHA-256摘要';
comment on column el_organ."org_code" is '统一社会信用代码';
comment on column el_organ."legacy_org_code" is '组织机构代码';
comment on column el_organ."org_name" is '机构名称';
comment on column el_organ."org_nature" is '实施主体性质：1 法定机关，2 授权组织，3 受委托组织，9 其他';
comment on column el_organ."org_level" is '行政层级：1 国家级，2 省级，3 市级，4 县级，5 镇（乡、街道）级，6 村（社区）级，7 分级管理';
comment on column el_organ."region" is '行政区划代码';
comment on column el_organ."parent_org_code" is '上级机构代码';
comment on column el_organ."window_code" is '窗口编码';
comment on column el_organ."window_name" is '窗口名称';
comment on column el_organ."supervise_phone" is '监督电话';
comment on column organ."space" is '办件编号的编号空间（cn为全国统一编号）';
comment on column organ."case_no" is '办件编号';
comment on column organ."source" is '来源节点（区划/节点名）';
comment on column organ."seq" is '要素内序号';
comment on column organ."version" is '数据版本号';
comment on column organ."op" is '数据操作：I 新增，U 修改，D 删除';
comment on column organ."org_bus_no" is '原系统业务流水号';
comment on column organ."none_reason" is '声明“无”的原因代码';
comment on column organ."digest" is '规范内容的SHA-256摘要';
comment on column organ."marks" is '警告代码，逗号分隔';
comment on column organ."envelope" is '信封编号';
comment on column organ."item_no" is '信封内件号，从0起';
comment on column organ."record_no" is '件内记录号，从1起';
comment on column organ."line_no" is '件内行号，从1起';
comment on column organ."received_at" is '本中心收到时间';
comment on column organ."org_code" is '统一社会信用代码';
comment on column organ."legacy_org_code" is '组织机构代码';
comment on column organ."org_name" is '机构名称';
comment on column organ."org_nature" is '实施主体性质：1 法定机关，2 授权组织，3 受委托组织，9 其他';
comment on column organ."org_level" is '行政层级：1 国家级，2 省级，3 市级，4 县级，5 镇（乡、街道）级，6 村（社区）级，7 分级管理';
comment on column organ."region" is '行政区划代码';
comment on column organ."parent_org_code" is '上级机构代码';
comment on column organ."window_code" is '窗口编码';
comment on column organ."window_name" is '窗口名称';
comment on column organ."supervise_phone" is '监督电话';

create table el_item (
  "case_id" bigint not null,
  "seq" bigint not null,
  "version" bigint not null,
  "envelope_no" bigint not null,
  "source_id" int not null,
  "item_no" int not null,
  "record_no" int not null,
  "line_no" int not null,
  "row_state" smallint not null,
  "op" smallint not null,
  "org_bus_no" text,
  "none_reason" text,
  "marks" text,
  "digest" bytea not null,
  "item_code" text,
  "basic_code" text,
  "handle_code" text,
  "item_name" text,
  "item_type" text,
  "use_level" text,
  "legal_limit" bigint,
  "legal_unit" text,
  "promise_limit" bigint,
  "promise_unit" text,
  "is_fee" boolean,
  "fee_basis" text,
  "fee_standard" text,
  "item_ver" bigint,
  constraint el_item_row_state check (row_state between 1 and 4),
  constraint el_item_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
);
create unique index el_item_live on el_item (case_id, source_id, seq) where row_state = 1;
create view item as
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."item_code", t."basic_code", t."handle_code", t."item_name", t."item_type", t."use_level", t."legal_limit", t."legal_unit", t."promise_limit", t."promise_unit", t."is_fee", t."fee_basis", t."fee_standard", t."item_ver"
  from el_item t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view item_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."item_code", t."basic_code", t."handle_code", t."item_name", t."item_type", t."use_level", t."legal_limit", t."legal_unit", t."promise_limit", t."promise_unit", t."is_fee", t."fee_basis", t."fee_standard", t."item_ver"
  from el_item t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;
comment on table el_item is '事项信息（要素2）：全部版本';
comment on view item is '事项信息（要素2）：现行数据';
comment on view item_history is '事项信息（要素2）：全部版本';
comment on column el_item."case_id" is '办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数';
comment on column el_item."seq" is '要素内序号';
comment on column el_item."version" is '数据版本号';
comment on column el_item."envelope_no" is '信封的受理次序号（见envelope）';
comment on column el_item."source_id" is '来源节点内部编号（见source）';
comment on column el_item."item_no" is '信封内件号，从0起';
comment on column el_item."record_no" is '件内记录号，从1起';
comment on column el_item."line_no" is '件内行号，从1起';
comment on column el_item."row_state" is '行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除';
comment on column el_item."op" is '数据操作：1 新增，2 修改，3 删除';
comment on column el_item."org_bus_no" is '原系统业务流水号';
comment on column el_item."none_reason" is '声明“无”的原因代码';
comment on column el_item."marks" is '警告代码，逗号分隔';
comment on column el_item."digest" is '规范内容的SHA-256摘要';
comment on column el_item."item_code" is '实施编码';
comment on column el_item."basic_code" is '基本编码';
comment on column el_item."handle_code" is '业务办理项编码';
comment on column el_item."item_name" is '事项名称';
comment on column el_item."item_type" is '事项类型代码：00 行政权力，01 行政许可，02 行政处罚，03 行政强制，04 行政征收，05 行政给付，06 行政检查，07 行政确认，08 行政奖励，09 行政裁决，10 其他行政权力，20 公共服务';
comment on column el_item."use_level" is '行使层级代码：1 国家级，2 省级，3 市级，4 县级，5 镇（乡、街道）级，6 村（社区）级，7 分级管理';
comment on column el_item."legal_limit" is '法定办结时限';
comment on column el_item."legal_unit" is '法定办结时限单位：W 工作日，D 自然日，H 小时，N 分钟，M 月';
comment on column el_item."promise_limit" is '承诺办结时限';
comment on column el_item."promise_unit" is '承诺办结时限单位：W 工作日，D 自然日，H 小时，N 分钟，M 月';
comment on column el_item."is_fee" is '是否收费（是/否）';
comment on column el_item."fee_basis" is '收费依据';
comment on column el_item."fee_standard" is '收费标准';
comment on column el_item."item_ver" is '事项版本号';
comment on column item."space" is '办件编号的编号空间（cn为全国统一编号）';
comment on column item."case_no" is '办件编号';
comment on column item."source" is '来源节点（区划/节点名）';
comment on column item."seq" is '要素内序号';
comment on column item."version" is '数据版本号';
comment on column item."op" is '数据操作：I 新增，U 修改，D 删除';
comment on column item."org_bus_no" is '原系统业务流水号';
comment on column item."none_reason" is '声明“无”的原因代码';
comment on column item."digest" is '规范内容的SHA-256摘要';
comment on column item."marks" is '警告代码，逗号分隔';
comment on column item."envelope" is '信封编号';
comment on column item."item_no" is '信封内件号，从0起';
comment on column item."record_no" is '件内记录号，从1起';
comment on column item."line_no" is '件内行号，从1起';
comment on column item."received_at" is '本中心收到时间';
comment on column item."item_code" is '实施编码';
comment on column item."basic_code" is '基本编码';
comment on column item."handle_code" is '业务办理项编码';
comment on column item."item_name" is '事项名称';
comment on column item."item_type" is '事项类型代码：00 行政权力，01 行政许可，02 行政处罚，03 行政强制，04 行政征收，05 行政给付，06 行政检查，07 行政确认，08 行政奖励，09 行政裁决，10 其他行政权力，20 公共服务';
comment on column item."use_level" is '行使层级代码：1 国家级，2 省级，3 市级，4 县级，5 镇（乡、街道）级，6 村（社区）级，7 分级管理';
comment on column item."legal_limit" is '法定办结时限';
comment on column item."legal_unit" is '法定办结时限单位：W 工作日，D 自然日，H 小时，N 分钟，M 月';
comment on column item."promise_limit" is '承诺办结时限';
comment on column item."promise_unit" is '承诺办结时限单位：W 工作日，D 自然日，H 小时，N 分钟，M 月';
comment on column item."is_fee" is '是否收费（是/否）';
comment on column item."fee_basis" is '收费依据';
comment on column item."fee_standard" is '收费标准';
comment on column item."item_ver" is '事项版本号';

create table el_case_base (
  "case_id" bigint not null,
  "seq" bigint not null,
  "version" bigint not null,
  "envelope_no" bigint not null,
  "source_id" int not null,
  "item_no" int not null,
  "record_no" int not null,
  "line_no" int not null,
  "row_state" smallint not null,
  "op" smallint not null,
  "org_bus_no" text,
  "none_reason" text,
  "marks" text,
  "digest" bytea not null,
  "case_type" text,
  "project_name" text,
  "invest_code" text,
  "apply_time" timestamptz,
  "apply_time_zone" smallint,
  "source_form" text,
  "receipt_no" text,
  "region" text,
  "prev_case_id" text,
  "query_pwd_hash" text,
  constraint el_case_base_row_state check (row_state between 1 and 4),
  constraint el_case_base_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
);
create unique index el_case_base_live on el_case_base (case_id, source_id, seq) where row_state = 1;
create view case_base as
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."case_type", t."project_name", t."invest_code", t."apply_time", t."apply_time_zone", t."source_form", t."receipt_no", t."region", t."prev_case_id", t."query_pwd_hash"
  from el_case_base t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view case_base_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."case_type", t."project_name", t."invest_code", t."apply_time", t."apply_time_zone", t."source_form", t."receipt_no", t."region", t."prev_case_id", t."query_pwd_hash"
  from el_case_base t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;
comment on table el_case_base is '审批基本信息（要素3）：全部版本';
comment on view case_base is '审批基本信息（要素3）：现行数据';
comment on view case_base_history is '审批基本信息（要素3）：全部版本';
comment on column el_case_base."case_id" is '办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数';
comment on column el_case_base."seq" is '要素内序号';
comment on column el_case_base."version" is '数据版本号';
comment on column el_case_base."envelope_no" is '信封的受理次序号（见envelope）';
comment on column el_case_base."source_id" is '来源节点内部编号（见source）';
comment on column el_case_base."item_no" is '信封内件号，从0起';
comment on column el_case_base."record_no" is '件内记录号，从1起';
comment on column el_case_base."line_no" is '件内行号，从1起';
comment on column el_case_base."row_state" is '行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除';
comment on column el_case_base."op" is '数据操作：1 新增，2 修改，3 删除';
comment on column el_case_base."org_bus_no" is '原系统业务流水号';
comment on column el_case_base."none_reason" is '声明“无”的原因代码';
comment on column el_case_base."marks" is '警告代码，逗号分隔';
comment on column el_case_base."digest" is '规范内容的SHA-256摘要';
comment on column el_case_base."case_type" is '办件类型代码：1 即办件，2 承诺件，3 联办件，4 上报件，9 其他';
comment on column el_case_base."project_name" is '申办项目名称';
comment on column el_case_base."invest_code" is '投资项目编号';
comment on column el_case_base."apply_time" is '申请时间';
comment on column el_case_base."apply_time_zone" is '申请时间的时区（东经为正，分钟）';
comment on column el_case_base."source_form" is '申报来源（办理形式）：1 窗口，2 电脑端，3 移动端，4 快递，9 其他';
comment on column el_case_base."receipt_no" is '申办回执号';
comment on column el_case_base."region" is '行政区划';
comment on column el_case_base."prev_case_id" is '原办件编号';
comment on column el_case_base."query_pwd_hash" is '查询密码';
comment on column case_base."space" is '办件编号的编号空间（cn为全国统一编号）';
comment on column case_base."case_no" is '办件编号';
comment on column case_base."source" is '来源节点（区划/节点名）';
comment on column case_base."seq" is '要素内序号';
comment on column case_base."version" is '数据版本号';
comment on column case_base."op" is '数据操作：I 新增，U 修改，D 删除';
comment on column case_base."org_bus_no" is '原系统业务流水号';
comment on column case_base."none_reason" is '声明“无”的原因代码';
comment on column case_base."digest" is '规范内容的SHA-256摘要';
comment on column case_base."marks" is '警告代码，逗号分隔';
comment on column case_base."envelope" is '信封编号';
comment on column case_base."item_no" is '信封内件号，从0起';
comment on column case_base."record_no" is '件内记录号，从1起';
comment on column case_base."line_no" is '件内行号，从1起';
comment on column case_base."received_at" is '本中心收到时间';
comment on column case_base."case_type" is '办件类型代码：1 即办件，2 承诺件，3 联办件，4 上报件，9 其他';
comment on column case_base."project_name" is '申办项目名称';
comment on column case_base."invest_code" is '投资项目编号';
comment on column case_base."apply_time" is '申请时间';
comment on column case_base."apply_time_zone" is '申请时间的时区（东经为正，分钟）';
comment on column case_base."source_form" is '申报来源（办理形式）：1 窗口，2 电脑端，3 移动端，4 快递，9 其他';
comment on column case_base."receipt_no" is '申办回执号';
comment on column case_base."region" is '行政区划';
comment on column case_base."prev_case_id" is '原办件编号';
comment on column case_base."query_pwd_hash" is '查询密码';

create table el_applicant (
  "case_id" bigint not null,
  "seq" bigint not null,
  "version" bigint not null,
  "envelope_no" bigint not null,
  "source_id" int not null,
  "item_no" int not null,
  "record_no" int not null,
  "line_no" int not null,
  "row_state" smallint not null,
  "op" smallint not null,
  "org_bus_no" text,
  "none_reason" text,
  "marks" text,
  "digest" bytea not null,
  "kind" text,
  "name" bytea,
  "id_type" text,
  "id_no" bytea,
  "legal_person" bytea,
  "contact_name" bytea,
  "contact_id_type" text,
  "contact_id_no" bytea,
  "mobile" bytea,
  "address" bytea,
  "postcode" text,
  constraint el_applicant_row_state check (row_state between 1 and 4),
  constraint el_applicant_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
);
create unique index el_applicant_live on el_applicant (case_id, source_id, seq) where row_state = 1;
create view applicant as
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."kind", t."name", t."id_type", t."id_no", t."legal_person", t."contact_name", t."contact_id_type", t."contact_id_no", t."mobile", t."address", t."postcode"
  from el_applicant t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view applicant_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."kind", t."name", t."id_type", t."id_no", t."legal_person", t."contact_name", t."contact_id_type", t."contact_id_no", t."mobile", t."address", t."postcode"
  from el_applicant t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;
comment on table el_applicant is '申请人信息（要素4）：全部版本';
comment on view applicant is '申请人信息（要素4）：现行数据';
comment on view applicant_history is '申请人信息（要素4）：全部版本';
comment on column el_applicant."case_id" is '办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数';
comment on column el_applicant."seq" is '要素内序号';
comment on column el_applicant."version" is '数据版本号';
comment on column el_applicant."envelope_no" is '信封的受理次序号（见envelope）';
comment on column el_applicant."source_id" is '来源节点内部编号（见source）';
comment on column el_applicant."item_no" is '信封内件号，从0起';
comment on column el_applicant."record_no" is '件内记录号，从1起';
comment on column el_applicant."line_no" is '件内行号，从1起';
comment on column el_applicant."row_state" is '行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除';
comment on column el_applicant."op" is '数据操作：1 新增，2 修改，3 删除';
comment on column el_applicant."org_bus_no" is '原系统业务流水号';
comment on column el_applicant."none_reason" is '声明“无”的原因代码';
comment on column el_applicant."marks" is '警告代码，逗号分隔';
comment on column el_applicant."digest" is '规范内容的SHA-256摘要';
comment on column el_applicant."kind" is '服务对象代码：1 自然人，2 企业法人，3 事业法人，4 社会组织法人，5 行政机关，6 其他组织';
comment on column el_applicant."name" is '申请者名称（个人信息，加密存储）';
comment on column el_applicant."id_type" is '证件类型代码';
comment on column el_applicant."id_no" is '证件号码（个人信息，加密存储）';
comment on column el_applicant."legal_person" is '法定代表人（个人信息，加密存储）';
comment on column el_applicant."contact_name" is '联系人姓名（个人信息，加密存储）';
comment on column el_applicant."contact_id_type" is '联系人证件类型';
comment on column el_applicant."contact_id_no" is '联系人证件号码（个人信息，加密存储）';
comment on column el_applicant."mobile" is '手机号码（个人信息，加密存储）';
comment on column el_applicant."address" is '通讯地址（个人信息，加密存储）';
comment on column el_applicant."postcode" is '邮政编码';
comment on column applicant."space" is '办件编号的编号空间（cn为全国统一编号）';
comment on column applicant."case_no" is '办件编号';
comment on column applicant."source" is '来源节点（区划/节点名）';
comment on column applicant."seq" is '要素内序号';
comment on column applicant."version" is '数据版本号';
comment on column applicant."op" is '数据操作：I 新增，U 修改，D 删除';
comment on column applicant."org_bus_no" is '原系统业务流水号';
comment on column applicant."none_reason" is '声明“无”的原因代码';
comment on column applicant."digest" is '规范内容的SHA-256摘要';
comment on column applicant."marks" is '警告代码，逗号分隔';
comment on column applicant."envelope" is '信封编号';
comment on column applicant."item_no" is '信封内件号，从0起';
comment on column applicant."record_no" is '件内记录号，从1起';
comment on column applicant."line_no" is '件内行号，从1起';
comment on column applicant."received_at" is '本中心收到时间';
comment on column applicant."kind" is '服务对象代码：1 自然人，2 企业法人，3 事业法人，4 社会组织法人，5 行政机关，6 其他组织';
comment on column applicant."name" is '申请者名称（个人信息，加密存储）';
comment on column applicant."id_type" is '证件类型代码';
comment on column applicant."id_no" is '证件号码（个人信息，加密存储）';
comment on column applicant."legal_person" is '法定代表人（个人信息，加密存储）';
comment on column applicant."contact_name" is '联系人姓名（个人信息，加密存储）';
comment on column applicant."contact_id_type" is '联系人证件类型';
comment on column applicant."contact_id_no" is '联系人证件号码（个人信息，加密存储）';
comment on column applicant."mobile" is '手机号码（个人信息，加密存储）';
comment on column applicant."address" is '通讯地址（个人信息，加密存储）';
comment on column applicant."postcode" is '邮政编码';

create table el_material (
  "case_id" bigint not null,
  "seq" bigint not null,
  "version" bigint not null,
  "envelope_no" bigint not null,
  "source_id" int not null,
  "item_no" int not null,
  "record_no" int not null,
  "line_no" int not null,
  "row_state" smallint not null,
  "op" smallint not null,
  "org_bus_no" text,
  "none_reason" text,
  "marks" text,
  "digest" bytea not null,
  "material_no" text,
  "material_name" text,
  "must_have" boolean,
  "received" boolean,
  "carrier" text,
  "copy_kind" text,
  "quantity" bigint,
  "receive_time" timestamptz,
  "receive_time_zone" smallint,
  "file_name" text,
  "file_type" text,
  "file_path" text,
  "file_digest" text,
  constraint el_material_row_state check (row_state between 1 and 4),
  constraint el_material_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
);
create unique index el_material_live on el_material (case_id, source_id, seq) where row_state = 1;
create view material as
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."material_no", t."material_name", t."must_have", t."received", t."carrier", t."copy_kind", t."quantity", t."receive_time", t."receive_time_zone", t."file_name", t."file_type", t."file_path", t."file_digest"
  from el_material t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view material_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."material_no", t."material_name", t."must_have", t."received", t."carrier", t."copy_kind", t."quantity", t."receive_time", t."receive_time_zone", t."file_name", t."file_type", t."file_path", t."file_digest"
  from el_material t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;
comment on table el_material is '材料信息（要素5）：全部版本';
comment on view material is '材料信息（要素5）：现行数据';
comment on view material_history is '材料信息（要素5）：全部版本';
comment on column el_material."case_id" is '办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数';
comment on column el_material."seq" is '要素内序号';
comment on column el_material."version" is '数据版本号';
comment on column el_material."envelope_no" is '信封的受理次序号（见envelope）';
comment on column el_material."source_id" is '来源节点内部编号（见source）';
comment on column el_material."item_no" is '信封内件号，从0起';
comment on column el_material."record_no" is '件内记录号，从1起';
comment on column el_material."line_no" is '件内行号，从1起';
comment on column el_material."row_state" is '行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除';
comment on column el_material."op" is '数据操作：1 新增，2 修改，3 删除';
comment on column el_material."org_bus_no" is '原系统业务流水号';
comment on column el_material."none_reason" is '声明“无”的原因代码';
comment on column el_material."marks" is '警告代码，逗号分隔';
comment on column el_material."digest" is '规范内容的SHA-256摘要';
comment on column el_material."material_no" is '材料编号';
comment on column el_material."material_name" is '材料名称';
comment on column el_material."must_have" is '是否必备（是/否）';
comment on column el_material."received" is '是否收取（是/否）';
comment on column el_material."carrier" is '文件类型：0 纸质，1 电子';
comment on column el_material."copy_kind" is '材料类型：0 原件，1 复印件，2 电子件';
comment on column el_material."quantity" is '数量';
comment on column el_material."receive_time" is '收取时间';
comment on column el_material."receive_time_zone" is '收取时间的时区（东经为正，分钟）';
comment on column el_material."file_name" is '附件名称';
comment on column el_material."file_type" is '附件类型';
comment on column el_material."file_path" is '附件路径';
comment on column el_material."file_digest" is '附件摘要';
comment on column material."space" is '办件编号的编号空间（cn为全国统一编号）';
comment on column material."case_no" is '办件编号';
comment on column material."source" is '来源节点（区划/节点名）';
comment on column material."seq" is '要素内序号';
comment on column material."version" is '数据版本号';
comment on column material."op" is '数据操作：I 新增，U 修改，D 删除';
comment on column material."org_bus_no" is '原系统业务流水号';
comment on column material."none_reason" is '声明“无”的原因代码';
comment on column material."digest" is '规范内容的SHA-256摘要';
comment on column material."marks" is '警告代码，逗号分隔';
comment on column material."envelope" is '信封编号';
comment on column material."item_no" is '信封内件号，从0起';
comment on column material."record_no" is '件内记录号，从1起';
comment on column material."line_no" is '件内行号，从1起';
comment on column material."received_at" is '本中心收到时间';
comment on column material."material_no" is '材料编号';
comment on column material."material_name" is '材料名称';
comment on column material."must_have" is '是否必备（是/否）';
comment on column material."received" is '是否收取（是/否）';
comment on column material."carrier" is '文件类型：0 纸质，1 电子';
comment on column material."copy_kind" is '材料类型：0 原件，1 复印件，2 电子件';
comment on column material."quantity" is '数量';
comment on column material."receive_time" is '收取时间';
comment on column material."receive_time_zone" is '收取时间的时区（东经为正，分钟）';
comment on column material."file_name" is '附件名称';
comment on column material."file_type" is '附件类型';
comment on column material."file_path" is '附件路径';
comment on column material."file_digest" is '附件摘要';

create table el_acceptance (
  "case_id" bigint not null,
  "seq" bigint not null,
  "version" bigint not null,
  "envelope_no" bigint not null,
  "source_id" int not null,
  "item_no" int not null,
  "record_no" int not null,
  "line_no" int not null,
  "row_state" smallint not null,
  "op" smallint not null,
  "org_bus_no" text,
  "none_reason" text,
  "marks" text,
  "digest" bytea not null,
  "pre_state" text,
  "pre_time" timestamptz,
  "pre_time_zone" smallint,
  "accept_state" text,
  "refuse_reason" text,
  "accept_org" text,
  "accept_org_name" text,
  "accept_person" text,
  "accept_person_no" text,
  "accept_time" timestamptz,
  "accept_time_zone" smallint,
  "accept_doc_no" text,
  "promise_date" date,
  "region" text,
  constraint el_acceptance_row_state check (row_state between 1 and 4),
  constraint el_acceptance_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
);
create unique index el_acceptance_live on el_acceptance (case_id, source_id, seq) where row_state = 1;
create view acceptance as
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."pre_state", t."pre_time", t."pre_time_zone", t."accept_state", t."refuse_reason", t."accept_org", t."accept_org_name", t."accept_person", t."accept_person_no", t."accept_time", t."accept_time_zone", t."accept_doc_no", t."promise_date", t."region"
  from el_acceptance t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view acceptance_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."pre_state", t."pre_time", t."pre_time_zone", t."accept_state", t."refuse_reason", t."accept_org", t."accept_org_name", t."accept_person", t."accept_person_no", t."accept_time", t."accept_time_zone", t."accept_doc_no", t."promise_date", t."region"
  from el_acceptance t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;
comment on table el_acceptance is '受理信息（要素6）：全部版本';
comment on view acceptance is '受理信息（要素6）：现行数据';
comment on view acceptance_history is '受理信息（要素6）：全部版本';
comment on column el_acceptance."case_id" is '办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数';
comment on column el_acceptance."seq" is '要素内序号';
comment on column el_acceptance."version" is '数据版本号';
comment on column el_acceptance."envelope_no" is '信封的受理次序号（见envelope）';
comment on column el_acceptance."source_id" is '来源节点内部编号（见source）';
comment on column el_acceptance."item_no" is '信封内件号，从0起';
comment on column el_acceptance."record_no" is '件内记录号，从1起';
comment on column el_acceptance."line_no" is '件内行号，从1起';
comment on column el_acceptance."row_state" is '行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除';
comment on column el_acceptance."op" is '数据操作：1 新增，2 修改，3 删除';
comment on column el_acceptance."org_bus_no" is '原系统业务流水号';
comment on column el_acceptance."none_reason" is '声明“无”的原因代码';
comment on column el_acceptance."marks" is '警告代码，逗号分隔';
comment on column el_acceptance."digest" is '规范内容的SHA-256摘要';
comment on column el_acceptance."pre_state" is '预受理状态：1 通过，2 不受理，3 补交补正';
comment on column el_acceptance."pre_time" is '预受理时间';
comment on column el_acceptance."pre_time_zone" is '预受理时间的时区（东经为正，分钟）';
comment on column el_acceptance."accept_state" is '受理状态代码：1 受理，2 不受理，3 补齐补正，4 不予受理';
comment on column el_acceptance."refuse_reason" is '不受理原因';
comment on column el_acceptance."accept_org" is '受理单位代码';
comment on column el_acceptance."accept_org_name" is '受理单位名称';
comment on column el_acceptance."accept_person" is '受理人员';
comment on column el_acceptance."accept_person_no" is '受理人员工号';
comment on column el_acceptance."accept_time" is '受理时间';
comment on column el_acceptance."accept_time_zone" is '受理时间的时区（东经为正，分钟）';
comment on column el_acceptance."accept_doc_no" is '受理文书编号';
comment on column el_acceptance."promise_date" is '承诺办结时间';
comment on column el_acceptance."region" is '受理地区划';
comment on column acceptance."space" is '办件编号的编号空间（cn为全国统一编号）';
comment on column acceptance."case_no" is '办件编号';
comment on column acceptance."source" is '来源节点（区划/节点名）';
comment on column acceptance."seq" is '要素内序号';
comment on column acceptance."version" is '数据版本号';
comment on column acceptance."op" is '数据操作：I 新增，U 修改，D 删除';
comment on column acceptance."org_bus_no" is '原系统业务流水号';
comment on column acceptance."none_reason" is '声明“无”的原因代码';
comment on column acceptance."digest" is '规范内容的SHA-256摘要';
comment on column acceptance."marks" is '警告代码，逗号分隔';
comment on column acceptance."envelope" is '信封编号';
comment on column acceptance."item_no" is '信封内件号，从0起';
comment on column acceptance."record_no" is '件内记录号，从1起';
comment on column acceptance."line_no" is '件内行号，从1起';
comment on column acceptance."received_at" is '本中心收到时间';
comment on column acceptance."pre_state" is '预受理状态：1 通过，2 不受理，3 补交补正';
comment on column acceptance."pre_time" is '预受理时间';
comment on column acceptance."pre_time_zone" is '预受理时间的时区（东经为正，分钟）';
comment on column acceptance."accept_state" is '受理状态代码：1 受理，2 不受理，3 补齐补正，4 不予受理';
comment on column acceptance."refuse_reason" is '不受理原因';
comment on column acceptance."accept_org" is '受理单位代码';
comment on column acceptance."accept_org_name" is '受理单位名称';
comment on column acceptance."accept_person" is '受理人员';
comment on column acceptance."accept_person_no" is '受理人员工号';
comment on column acceptance."accept_time" is '受理时间';
comment on column acceptance."accept_time_zone" is '受理时间的时区（东经为正，分钟）';
comment on column acceptance."accept_doc_no" is '受理文书编号';
comment on column acceptance."promise_date" is '承诺办结时间';
comment on column acceptance."region" is '受理地区划';

create table el_process (
  "case_id" bigint not null,
  "seq" bigint not null,
  "version" bigint not null,
  "envelope_no" bigint not null,
  "source_id" int not null,
  "item_no" int not null,
  "record_no" int not null,
  "line_no" int not null,
  "row_state" smallint not null,
  "op" smallint not null,
  "org_bus_no" text,
  "none_reason" text,
  "marks" text,
  "digest" bytea not null,
  "step_no" bigint,
  "step_code" text,
  "step_name" text,
  "step_pos" text,
  "handler" text,
  "handler_no" text,
  "handler_post" text,
  "unit_code" text,
  "unit_name" text,
  "state" text,
  "start_time" timestamptz,
  "start_time_zone" smallint,
  "end_time" timestamptz,
  "end_time_zone" smallint,
  "result" text,
  "opinion" text,
  "step_limit" bigint,
  "step_unit" text,
  "due_time" timestamptz,
  "due_time_zone" smallint,
  "branch" text,
  constraint el_process_row_state check (row_state between 1 and 4),
  constraint el_process_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
);
create unique index el_process_live on el_process (case_id, source_id, seq) where row_state = 1;
create view process as
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."step_no", t."step_code", t."step_name", t."step_pos", t."handler", t."handler_no", t."handler_post", t."unit_code", t."unit_name", t."state", t."start_time", t."start_time_zone", t."end_time", t."end_time_zone", t."result", t."opinion", t."step_limit", t."step_unit", t."due_time", t."due_time_zone", t."branch"
  from el_process t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view process_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."step_no", t."step_code", t."step_name", t."step_pos", t."handler", t."handler_no", t."handler_post", t."unit_code", t."unit_name", t."state", t."start_time", t."start_time_zone", t."end_time", t."end_time_zone", t."result", t."opinion", t."step_limit", t."step_unit", t."due_time", t."due_time_zone", t."branch"
  from el_process t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;
comment on table el_process is '审批过程信息（要素7）：全部版本';
comment on view process is '审批过程信息（要素7）：现行数据';
comment on view process_history is '审批过程信息（要素7）：全部版本';
comment on column el_process."case_id" is '办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数';
comment on column el_process."seq" is '要素内序号';
comment on column el_process."version" is '数据版本号';
comment on column el_process."envelope_no" is '信封的受理次序号（见envelope）';
comment on column el_process."source_id" is '来源节点内部编号（见source）';
comment on column el_process."item_no" is '信封内件号，从0起';
comment on column el_process."record_no" is '件内记录号，从1起';
comment on column el_process."line_no" is '件内行号，从1起';
comment on column el_process."row_state" is '行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除';
comment on column el_process."op" is '数据操作：1 新增，2 修改，3 删除';
comment on column el_process."org_bus_no" is '原系统业务流水号';
comment on column el_process."none_reason" is '声明“无”的原因代码';
comment on column el_process."marks" is '警告代码，逗号分隔';
comment on column el_process."digest" is '规范内容的SHA-256摘要';
comment on column el_process."step_no" is '环节序号';
comment on column el_process."step_code" is '审批环节代码：1 承办，2 审核，3 批准，4 下级初审上报，9 其他';
comment on column el_process."step_name" is '环节名称';
comment on column el_process."step_pos" is '环节类型：1 开始，2 中间，3 结束，4 唯一';
comment on column el_process."handler" is '处理人';
comment on column el_process."handler_no" is '处理人工号';
comment on column el_process."handler_post" is '处理人职务';
comment on column el_process."unit_code" is '处理单位代码';
comment on column el_process."unit_name" is '处理单位名称';
comment on column el_process."state" is '环节办理状态：1 待办，2 已办';
comment on column el_process."start_time" is '环节开始时间';
comment on column el_process."start_time_zone" is '环节开始时间的时区（东经为正，分钟）';
comment on column el_process."end_time" is '环节结束时间';
comment on column el_process."end_time_zone" is '环节结束时间的时区（东经为正，分钟）';
comment on column el_process."result" is '环节处理结果：0 不同意，1 同意，5 补齐补正，6 特别程序，7 退回';
comment on column el_process."opinion" is '环节处理意见';
comment on column el_process."step_limit" is '环节时限';
comment on column el_process."step_unit" is '环节时限单位：W 工作日，D 自然日，H 小时，N 分钟，M 月';
comment on column el_process."due_time" is '环节应办结时间';
comment on column el_process."due_time_zone" is '环节应办结时间的时区（东经为正，分钟）';
comment on column el_process."branch" is '流程分支';
comment on column process."space" is '办件编号的编号空间（cn为全国统一编号）';
comment on column process."case_no" is '办件编号';
comment on column process."source" is '来源节点（区划/节点名）';
comment on column process."seq" is '要素内序号';
comment on column process."version" is '数据版本号';
comment on column process."op" is '数据操作：I 新增，U 修改，D 删除';
comment on column process."org_bus_no" is '原系统业务流水号';
comment on column process."none_reason" is '声明“无”的原因代码';
comment on column process."digest" is '规范内容的SHA-256摘要';
comment on column process."marks" is '警告代码，逗号分隔';
comment on column process."envelope" is '信封编号';
comment on column process."item_no" is '信封内件号，从0起';
comment on column process."record_no" is '件内记录号，从1起';
comment on column process."line_no" is '件内行号，从1起';
comment on column process."received_at" is '本中心收到时间';
comment on column process."step_no" is '环节序号';
comment on column process."step_code" is '审批环节代码：1 承办，2 审核，3 批准，4 下级初审上报，9 其他';
comment on column process."step_name" is '环节名称';
comment on column process."step_pos" is '环节类型：1 开始，2 中间，3 结束，4 唯一';
comment on column process."handler" is '处理人';
comment on column process."handler_no" is '处理人工号';
comment on column process."handler_post" is '处理人职务';
comment on column process."unit_code" is '处理单位代码';
comment on column process."unit_name" is '处理单位名称';
comment on column process."state" is '环节办理状态：1 待办，2 已办';
comment on column process."start_time" is '环节开始时间';
comment on column process."start_time_zone" is '环节开始时间的时区（东经为正，分钟）';
comment on column process."end_time" is '环节结束时间';
comment on column process."end_time_zone" is '环节结束时间的时区（东经为正，分钟）';
comment on column process."result" is '环节处理结果：0 不同意，1 同意，5 补齐补正，6 特别程序，7 退回';
comment on column process."opinion" is '环节处理意见';
comment on column process."step_limit" is '环节时限';
comment on column process."step_unit" is '环节时限单位：W 工作日，D 自然日，H 小时，N 分钟，M 月';
comment on column process."due_time" is '环节应办结时间';
comment on column process."due_time_zone" is '环节应办结时间的时区（东经为正，分钟）';
comment on column process."branch" is '流程分支';

create table el_correction (
  "case_id" bigint not null,
  "seq" bigint not null,
  "version" bigint not null,
  "envelope_no" bigint not null,
  "source_id" int not null,
  "item_no" int not null,
  "record_no" int not null,
  "line_no" int not null,
  "row_state" smallint not null,
  "op" smallint not null,
  "org_bus_no" text,
  "none_reason" text,
  "marks" text,
  "digest" bytea not null,
  "notice_time" timestamptz,
  "notice_time_zone" smallint,
  "notice_person" text,
  "reason" text,
  "material_list" text,
  "notice_doc_no" text,
  "round" bigint,
  "received_time" timestamptz,
  "received_time_zone" smallint,
  "received_person" text,
  "place" text,
  constraint el_correction_row_state check (row_state between 1 and 4),
  constraint el_correction_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
);
create unique index el_correction_live on el_correction (case_id, source_id, seq) where row_state = 1;
create view correction as
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."notice_time", t."notice_time_zone", t."notice_person", t."reason", t."material_list", t."notice_doc_no", t."round", t."received_time", t."received_time_zone", t."received_person", t."place"
  from el_correction t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view correction_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."notice_time", t."notice_time_zone", t."notice_person", t."reason", t."material_list", t."notice_doc_no", t."round", t."received_time", t."received_time_zone", t."received_person", t."place"
  from el_correction t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;
comment on table el_correction is '补正信息（要素8）：全部版本';
comment on view correction is '补正信息（要素8）：现行数据';
comment on view correction_history is '补正信息（要素8）：全部版本';
comment on column el_correction."case_id" is '办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数';
comment on column el_correction."seq" is '要素内序号';
comment on column el_correction."version" is '数据版本号';
comment on column el_correction."envelope_no" is '信封的受理次序号（见envelope）';
comment on column el_correction."source_id" is '来源节点内部编号（见source）';
comment on column el_correction."item_no" is '信封内件号，从0起';
comment on column el_correction."record_no" is '件内记录号，从1起';
comment on column el_correction."line_no" is '件内行号，从1起';
comment on column el_correction."row_state" is '行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除';
comment on column el_correction."op" is '数据操作：1 新增，2 修改，3 删除';
comment on column el_correction."org_bus_no" is '原系统业务流水号';
comment on column el_correction."none_reason" is '声明“无”的原因代码';
comment on column el_correction."marks" is '警告代码，逗号分隔';
comment on column el_correction."digest" is '规范内容的SHA-256摘要';
comment on column el_correction."notice_time" is '补正告知时间';
comment on column el_correction."notice_time_zone" is '补正告知时间的时区（东经为正，分钟）';
comment on column el_correction."notice_person" is '告知发出人';
comment on column el_correction."reason" is '补正告知原因';
comment on column el_correction."material_list" is '补正材料清单';
comment on column el_correction."notice_doc_no" is '补正告知书编号';
comment on column el_correction."round" is '第几次';
comment on column el_correction."received_time" is '补正受理时间';
comment on column el_correction."received_time_zone" is '补正受理时间的时区（东经为正，分钟）';
comment on column el_correction."received_person" is '补正受理人';
comment on column el_correction."place" is '补正受理地点';
comment on column correction."space" is '办件编号的编号空间（cn为全国统一编号）';
comment on column correction."case_no" is '办件编号';
comment on column correction."source" is '来源节点（区划/节点名）';
comment on column correction."seq" is '要素内序号';
comment on column correction."version" is '数据版本号';
comment on column correction."op" is '数据操作：I 新增，U 修改，D 删除';
comment on column correction."org_bus_no" is '原系统业务流水号';
comment on column correction."none_reason" is '声明“无”的原因代码';
comment on column correction."digest" is '规范内容的SHA-256摘要';
comment on column correction."marks" is '警告代码，逗号分隔';
comment on column correction."envelope" is '信封编号';
comment on column correction."item_no" is '信封内件号，从0起';
comment on column correction."record_no" is '件内记录号，从1起';
comment on column correction."line_no" is '件内行号，从1起';
comment on column correction."received_at" is '本中心收到时间';
comment on column correction."notice_time" is '补正告知时间';
comment on column correction."notice_time_zone" is '补正告知时间的时区（东经为正，分钟）';
comment on column correction."notice_person" is '告知发出人';
comment on column correction."reason" is '补正告知原因';
comment on column correction."material_list" is '补正材料清单';
comment on column correction."notice_doc_no" is '补正告知书编号';
comment on column correction."round" is '第几次';
comment on column correction."received_time" is '补正受理时间';
comment on column correction."received_time_zone" is '补正受理时间的时区（东经为正，分钟）';
comment on column correction."received_person" is '补正受理人';
comment on column correction."place" is '补正受理地点';

create table el_special (
  "case_id" bigint not null,
  "seq" bigint not null,
  "version" bigint not null,
  "envelope_no" bigint not null,
  "source_id" int not null,
  "item_no" int not null,
  "record_no" int not null,
  "line_no" int not null,
  "row_state" smallint not null,
  "op" smallint not null,
  "org_bus_no" text,
  "none_reason" text,
  "marks" text,
  "digest" bytea not null,
  "kind" text,
  "start_time" timestamptz,
  "start_time_zone" smallint,
  "approver" text,
  "reason" text,
  "limit" bigint,
  "limit_unit" text,
  "notify_time" timestamptz,
  "notify_time_zone" smallint,
  "end_time" timestamptz,
  "end_time_zone" smallint,
  "result" text,
  "opinion" text,
  "fee" numeric(16,2),
  constraint el_special_row_state check (row_state between 1 and 4),
  constraint el_special_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
);
create unique index el_special_live on el_special (case_id, source_id, seq) where row_state = 1;
create view special as
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."kind", t."start_time", t."start_time_zone", t."approver", t."reason", t."limit", t."limit_unit", t."notify_time", t."notify_time_zone", t."end_time", t."end_time_zone", t."result", t."opinion", t."fee"
  from el_special t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view special_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."kind", t."start_time", t."start_time_zone", t."approver", t."reason", t."limit", t."limit_unit", t."notify_time", t."notify_time_zone", t."end_time", t."end_time_zone", t."result", t."opinion", t."fee"
  from el_special t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;
comment on table el_special is '特别程序信息（要素9）：全部版本';
comment on view special is '特别程序信息（要素9）：现行数据';
comment on view special_history is '特别程序信息（要素9）：全部版本';
comment on column el_special."case_id" is '办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数';
comment on column el_special."seq" is '要素内序号';
comment on column el_special."version" is '数据版本号';
comment on column el_special."envelope_no" is '信封的受理次序号（见envelope）';
comment on column el_special."source_id" is '来源节点内部编号（见source）';
comment on column el_special."item_no" is '信封内件号，从0起';
comment on column el_special."record_no" is '件内记录号，从1起';
comment on column el_special."line_no" is '件内行号，从1起';
comment on column el_special."row_state" is '行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除';
comment on column el_special."op" is '数据操作：1 新增，2 修改，3 删除';
comment on column el_special."org_bus_no" is '原系统业务流水号';
comment on column el_special."none_reason" is '声明“无”的原因代码';
comment on column el_special."marks" is '警告代码，逗号分隔';
comment on column el_special."digest" is '规范内容的SHA-256摘要';
comment on column el_special."kind" is '特别程序种类：01 延长审批，02 听证，03 招标，04 拍卖，05 检验，06 检测，07 检疫，08 鉴定，09 专家评审，10 公示，11 核实，99 其他';
comment on column el_special."start_time" is '开始时间';
comment on column el_special."start_time_zone" is '开始时间的时区（东经为正，分钟）';
comment on column el_special."approver" is '批准人';
comment on column el_special."reason" is '启动理由或依据';
comment on column el_special."limit" is '时限';
comment on column el_special."limit_unit" is '时限单位：W 工作日，D 自然日，H 小时，N 分钟，M 月';
comment on column el_special."notify_time" is '告知申请人时间';
comment on column el_special."notify_time_zone" is '告知申请人时间的时区（东经为正，分钟）';
comment on column el_special."end_time" is '结束时间';
comment on column el_special."end_time_zone" is '结束时间的时区（东经为正，分钟）';
comment on column el_special."result" is '结果';
comment on column el_special."opinion" is '办理意见';
comment on column el_special."fee" is '特别程序收费（元）';
comment on column special."space" is '办件编号的编号空间（cn为全国统一编号）';
comment on column special."case_no" is '办件编号';
comment on column special."source" is '来源节点（区划/节点名）';
comment on column special."seq" is '要素内序号';
comment on column special."version" is '数据版本号';
comment on column special."op" is '数据操作：I 新增，U 修改，D 删除';
comment on column special."org_bus_no" is '原系统业务流水号';
comment on column special."none_reason" is '声明“无”的原因代码';
comment on column special."digest" is '规范内容的SHA-256摘要';
comment on column special."marks" is '警告代码，逗号分隔';
comment on column special."envelope" is '信封编号';
comment on column special."item_no" is '信封内件号，从0起';
comment on column special."record_no" is '件内记录号，从1起';
comment on column special."line_no" is '件内行号，从1起';
comment on column special."received_at" is '本中心收到时间';
comment on column special."kind" is '特别程序种类：01 延长审批，02 听证，03 招标，04 拍卖，05 检验，06 检测，07 检疫，08 鉴定，09 专家评审，10 公示，11 核实，99 其他';
comment on column special."start_time" is '开始时间';
comment on column special."start_time_zone" is '开始时间的时区（东经为正，分钟）';
comment on column special."approver" is '批准人';
comment on column special."reason" is '启动理由或依据';
comment on column special."limit" is '时限';
comment on column special."limit_unit" is '时限单位：W 工作日，D 自然日，H 小时，N 分钟，M 月';
comment on column special."notify_time" is '告知申请人时间';
comment on column special."notify_time_zone" is '告知申请人时间的时区（东经为正，分钟）';
comment on column special."end_time" is '结束时间';
comment on column special."end_time_zone" is '结束时间的时区（东经为正，分钟）';
comment on column special."result" is '结果';
comment on column special."opinion" is '办理意见';
comment on column special."fee" is '特别程序收费（元）';

create table el_fee (
  "case_id" bigint not null,
  "seq" bigint not null,
  "version" bigint not null,
  "envelope_no" bigint not null,
  "source_id" int not null,
  "item_no" int not null,
  "record_no" int not null,
  "line_no" int not null,
  "row_state" smallint not null,
  "op" smallint not null,
  "org_bus_no" text,
  "none_reason" text,
  "marks" text,
  "digest" bytea not null,
  "fee_seq" bigint,
  "fee_org" text,
  "fee_org_name" text,
  "bill_no" text,
  "fee_name" text,
  "standard" text,
  "basis" text,
  "due" numeric(16,2),
  "derate" numeric(16,2),
  "paid" numeric(16,2),
  "currency" text,
  "derate_reason" text,
  "derate_approver" text,
  "unit_price" numeric(16,2),
  "quantity" bigint,
  "payer" bytea,
  "pay_time" timestamptz,
  "pay_time_zone" smallint,
  "state" text,
  constraint el_fee_row_state check (row_state between 1 and 4),
  constraint el_fee_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
);
create unique index el_fee_live on el_fee (case_id, source_id, seq) where row_state = 1;
create view fee as
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."fee_seq", t."fee_org", t."fee_org_name", t."bill_no", t."fee_name", t."standard", t."basis", t."due", t."derate", t."paid", t."currency", t."derate_reason", t."derate_approver", t."unit_price", t."quantity", t."payer", t."pay_time", t."pay_time_zone", t."state"
  from el_fee t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view fee_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."fee_seq", t."fee_org", t."fee_org_name", t."bill_no", t."fee_name", t."standard", t."basis", t."due", t."derate", t."paid", t."currency", t."derate_reason", t."derate_approver", t."unit_price", t."quantity", t."payer", t."pay_time", t."pay_time_zone", t."state"
  from el_fee t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;
comment on table el_fee is '收费信息（要素10）：全部版本';
comment on view fee is '收费信息（要素10）：现行数据';
comment on view fee_history is '收费信息（要素10）：全部版本';
comment on column el_fee."case_id" is '办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数';
comment on column el_fee."seq" is '要素内序号';
comment on column el_fee."version" is '数据版本号';
comment on column el_fee."envelope_no" is '信封的受理次序号（见envelope）';
comment on column el_fee."source_id" is '来源节点内部编号（见source）';
comment on column el_fee."item_no" is '信封内件号，从0起';
comment on column el_fee."record_no" is '件内记录号，从1起';
comment on column el_fee."line_no" is '件内行号，从1起';
comment on column el_fee."row_state" is '行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除';
comment on column el_fee."op" is '数据操作：1 新增，2 修改，3 删除';
comment on column el_fee."org_bus_no" is '原系统业务流水号';
comment on column el_fee."none_reason" is '声明“无”的原因代码';
comment on column el_fee."marks" is '警告代码，逗号分隔';
comment on column el_fee."digest" is '规范内容的SHA-256摘要';
comment on column el_fee."fee_seq" is '收费序号';
comment on column el_fee."fee_org" is '收费单位代码';
comment on column el_fee."fee_org_name" is '收费单位名称';
comment on column el_fee."bill_no" is '缴款单号';
comment on column el_fee."fee_name" is '费用名称';
comment on column el_fee."standard" is '收费标准';
comment on column el_fee."basis" is '收费依据';
comment on column el_fee."due" is '应收金额（元）';
comment on column el_fee."derate" is '减免金额（元）';
comment on column el_fee."paid" is '实收金额（元）';
comment on column el_fee."currency" is '币种：CNY 人民币元';
comment on column el_fee."derate_reason" is '减免原因';
comment on column el_fee."derate_approver" is '减免审批人';
comment on column el_fee."unit_price" is '单价（元）';
comment on column el_fee."quantity" is '数量';
comment on column el_fee."payer" is '缴款人（个人信息，加密存储）';
comment on column el_fee."pay_time" is '缴款时间';
comment on column el_fee."pay_time_zone" is '缴款时间的时区（东经为正，分钟）';
comment on column el_fee."state" is '缴费状态：1 已缴，2 未缴';
comment on column fee."space" is '办件编号的编号空间（cn为全国统一编号）';
comment on column fee."case_no" is '办件编号';
comment on column fee."source" is '来源节点（区划/节点名）';
comment on column fee."seq" is '要素内序号';
comment on column fee."version" is '数据版本号';
comment on column fee."op" is '数据操作：I 新增，U 修改，D 删除';
comment on column fee."org_bus_no" is '原系统业务流水号';
comment on column fee."none_reason" is '声明“无”的原因代码';
comment on column fee."digest" is '规范内容的SHA-256摘要';
comment on column fee."marks" is '警告代码，逗号分隔';
comment on column fee."envelope" is '信封编号';
comment on column fee."item_no" is '信封内件号，从0起';
comment on column fee."record_no" is '件内记录号，从1起';
comment on column fee."line_no" is '件内行号，从1起';
comment on column fee."received_at" is '本中心收到时间';
comment on column fee."fee_seq" is '收费序号';
comment on column fee."fee_org" is '收费单位代码';
comment on column fee."fee_org_name" is '收费单位名称';
comment on column fee."bill_no" is '缴款单号';
comment on column fee."fee_name" is '费用名称';
comment on column fee."standard" is '收费标准';
comment on column fee."basis" is '收费依据';
comment on column fee."due" is '应收金额（元）';
comment on column fee."derate" is '减免金额（元）';
comment on column fee."paid" is '实收金额（元）';
comment on column fee."currency" is '币种：CNY 人民币元';
comment on column fee."derate_reason" is '减免原因';
comment on column fee."derate_approver" is '减免审批人';
comment on column fee."unit_price" is '单价（元）';
comment on column fee."quantity" is '数量';
comment on column fee."payer" is '缴款人（个人信息，加密存储）';
comment on column fee."pay_time" is '缴款时间';
comment on column fee."pay_time_zone" is '缴款时间的时区（东经为正，分钟）';
comment on column fee."state" is '缴费状态：1 已缴，2 未缴';

create table el_conclusion (
  "case_id" bigint not null,
  "seq" bigint not null,
  "version" bigint not null,
  "envelope_no" bigint not null,
  "source_id" int not null,
  "item_no" int not null,
  "record_no" int not null,
  "line_no" int not null,
  "row_state" smallint not null,
  "op" smallint not null,
  "org_bus_no" text,
  "none_reason" text,
  "marks" text,
  "digest" bytea not null,
  "result" text,
  "result_desc" text,
  "reason" text,
  "org_code" text,
  "org_name" text,
  "person" text,
  "done_time" timestamptz,
  "done_time_zone" smallint,
  "decision_no" text,
  "is_fee" boolean,
  "amount" numeric(16,2),
  "region" text,
  constraint el_conclusion_row_state check (row_state between 1 and 4),
  constraint el_conclusion_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
);
create unique index el_conclusion_live on el_conclusion (case_id, source_id, seq) where row_state = 1;
create view conclusion as
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."result", t."result_desc", t."reason", t."org_code", t."org_name", t."person", t."done_time", t."done_time_zone", t."decision_no", t."is_fee", t."amount", t."region"
  from el_conclusion t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view conclusion_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."result", t."result_desc", t."reason", t."org_code", t."org_name", t."person", t."done_time", t."done_time_zone", t."decision_no", t."is_fee", t."amount", t."region"
  from el_conclusion t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;
comment on table el_conclusion is '办结信息（要素11）：全部版本';
comment on view conclusion is '办结信息（要素11）：现行数据';
comment on view conclusion_history is '办结信息（要素11）：全部版本';
comment on column el_conclusion."case_id" is '办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数';
comment on column el_conclusion."seq" is '要素内序号';
comment on column el_conclusion."version" is '数据版本号';
comment on column el_conclusion."envelope_no" is '信封的受理次序号（见envelope）';
comment on column el_conclusion."source_id" is '来源节点内部编号（见source）';
comment on column el_conclusion."item_no" is '信封内件号，从0起';
comment on column el_conclusion."record_no" is '件内记录号，从1起';
comment on column el_conclusion."line_no" is '件内行号，从1起';
comment on column el_conclusion."row_state" is '行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除';
comment on column el_conclusion."op" is '数据操作：1 新增，2 修改，3 删除';
comment on column el_conclusion."org_bus_no" is '原系统业务流水号';
comment on column el_conclusion."none_reason" is '声明“无”的原因代码';
comment on column el_conclusion."marks" is '警告代码，逗号分隔';
comment on column el_conclusion."digest" is '规范内容的SHA-256摘要';
comment on column el_conclusion."result" is '办结结果代码：10 准予（出证），11 准予（不出证），20 不予许可，30 不予受理，40 退回或申请人撤回，41 补正逾期，50 转报，90 作废，91 删除';
comment on column el_conclusion."result_desc" is '结果描述';
comment on column el_conclusion."reason" is '不予、退回或作废原因';
comment on column el_conclusion."org_code" is '办结单位代码';
comment on column el_conclusion."org_name" is '办结单位名称';
comment on column el_conclusion."person" is '办结人';
comment on column el_conclusion."done_time" is '办结时间';
comment on column el_conclusion."done_time_zone" is '办结时间的时区（东经为正，分钟）';
comment on column el_conclusion."decision_no" is '决定书文号';
comment on column el_conclusion."is_fee" is '是否收费（是/否）';
comment on column el_conclusion."amount" is '处罚或给付金额（元）';
comment on column el_conclusion."region" is '办结地区划';
comment on column conclusion."space" is '办件编号的编号空间（cn为全国统一编号）';
comment on column conclusion."case_no" is '办件编号';
comment on column conclusion."source" is '来源节点（区划/节点名）';
comment on column conclusion."seq" is '要素内序号';
comment on column conclusion."version" is '数据版本号';
comment on column conclusion."op" is '数据操作：I 新增，U 修改，D 删除';
comment on column conclusion."org_bus_no" is '原系统业务流水号';
comment on column conclusion."none_reason" is '声明“无”的原因代码';
comment on column conclusion."digest" is '规范内容的SHA-256摘要';
comment on column conclusion."marks" is '警告代码，逗号分隔';
comment on column conclusion."envelope" is '信封编号';
comment on column conclusion."item_no" is '信封内件号，从0起';
comment on column conclusion."record_no" is '件内记录号，从1起';
comment on column conclusion."line_no" is '件内行号，从1起';
comment on column conclusion."received_at" is '本中心收到时间';
comment on column conclusion."result" is '办结结果代码：10 准予（出证），11 准予（不出证），20 不予许可，30 不予受理，40 退回或申请人撤回，41 补正逾期，50 转报，90 作废，91 删除';
comment on column conclusion."result_desc" is '结果描述';
comment on column conclusion."reason" is '不予、退回或作废原因';
comment on column conclusion."org_code" is '办结单位代码';
comment on column conclusion."org_name" is '办结单位名称';
comment on column conclusion."person" is '办结人';
comment on column conclusion."done_time" is '办结时间';
comment on column conclusion."done_time_zone" is '办结时间的时区（东经为正，分钟）';
comment on column conclusion."decision_no" is '决定书文号';
comment on column conclusion."is_fee" is '是否收费（是/否）';
comment on column conclusion."amount" is '处罚或给付金额（元）';
comment on column conclusion."region" is '办结地区划';

create table el_result_doc (
  "case_id" bigint not null,
  "seq" bigint not null,
  "version" bigint not null,
  "envelope_no" bigint not null,
  "source_id" int not null,
  "item_no" int not null,
  "record_no" int not null,
  "line_no" int not null,
  "row_state" smallint not null,
  "op" smallint not null,
  "org_bus_no" text,
  "none_reason" text,
  "marks" text,
  "digest" bytea not null,
  "doc_kind" text,
  "doc_name" text,
  "doc_no" text,
  "issuer" text,
  "issue_date" date,
  "valid_from" date,
  "valid_to" text,
  "holder" bytea,
  "file_digest" text,
  constraint el_result_doc_row_state check (row_state between 1 and 4),
  constraint el_result_doc_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
);
create unique index el_result_doc_live on el_result_doc (case_id, source_id, seq) where row_state = 1;
create view result_doc as
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."doc_kind", t."doc_name", t."doc_no", t."issuer", t."issue_date", t."valid_from", t."valid_to", t."holder", t."file_digest"
  from el_result_doc t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view result_doc_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."doc_kind", t."doc_name", t."doc_no", t."issuer", t."issue_date", t."valid_from", t."valid_to", t."holder", t."file_digest"
  from el_result_doc t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;
comment on table el_result_doc is '结果证照信息（要素12）：全部版本';
comment on view result_doc is '结果证照信息（要素12）：现行数据';
comment on view result_doc_history is '结果证照信息（要素12）：全部版本';
comment on column el_result_doc."case_id" is '办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数';
comment on column el_result_doc."seq" is '要素内序号';
comment on column el_result_doc."version" is '数据版本号';
comment on column el_result_doc."envelope_no" is '信封的受理次序号（见envelope）';
comment on column el_result_doc."source_id" is '来源节点内部编号（见source）';
comment on column el_result_doc."item_no" is '信封内件号，从0起';
comment on column el_result_doc."record_no" is '件内记录号，从1起';
comment on column el_result_doc."line_no" is '件内行号，从1起';
comment on column el_result_doc."row_state" is '行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除';
comment on column el_result_doc."op" is '数据操作：1 新增，2 修改，3 删除';
comment on column el_result_doc."org_bus_no" is '原系统业务流水号';
comment on column el_result_doc."none_reason" is '声明“无”的原因代码';
comment on column el_result_doc."marks" is '警告代码，逗号分隔';
comment on column el_result_doc."digest" is '规范内容的SHA-256摘要';
comment on column el_result_doc."doc_kind" is '结果类型：1 证照，2 批文，3 其他';
comment on column el_result_doc."doc_name" is '结果名称';
comment on column el_result_doc."doc_no" is '结果编号';
comment on column el_result_doc."issuer" is '发证单位';
comment on column el_result_doc."issue_date" is '发证日期';
comment on column el_result_doc."valid_from" is '有效期起';
comment on column el_result_doc."valid_to" is '有效期止（日期或“长期”）';
comment on column el_result_doc."holder" is '持有者（个人信息，加密存储）';
comment on column el_result_doc."file_digest" is '电子证照摘要';
comment on column result_doc."space" is '办件编号的编号空间（cn为全国统一编号）';
comment on column result_doc."case_no" is '办件编号';
comment on column result_doc."source" is '来源节点（区划/节点名）';
comment on column result_doc."seq" is '要素内序号';
comment on column result_doc."version" is '数据版本号';
comment on column result_doc."op" is '数据操作：I 新增，U 修改，D 删除';
comment on column result_doc."org_bus_no" is '原系统业务流水号';
comment on column result_doc."none_reason" is '声明“无”的原因代码';
comment on column result_doc."digest" is '规范内容的SHA-256摘要';
comment on column result_doc."marks" is '警告代码，逗号分隔';
comment on column result_doc."envelope" is '信封编号';
comment on column result_doc."item_no" is '信封内件号，从0起';
comment on column result_doc."record_no" is '件内记录号，从1起';
comment on column result_doc."line_no" is '件内行号，从1起';
comment on column result_doc."received_at" is '本中心收到时间';
comment on column result_doc."doc_kind" is '结果类型：1 证照，2 批文，3 其他';
comment on column result_doc."doc_name" is '结果名称';
comment on column result_doc."doc_no" is '结果编号';
comment on column result_doc."issuer" is '发证单位';
comment on column result_doc."issue_date" is '发证日期';
comment on column result_doc."valid_from" is '有效期起';
comment on column result_doc."valid_to" is '有效期止（日期或“长期”）';
comment on column result_doc."holder" is '持有者（个人信息，加密存储）';
comment on column result_doc."file_digest" is '电子证照摘要';

create table el_delivery (
  "case_id" bigint not null,
  "seq" bigint not null,
  "version" bigint not null,
  "envelope_no" bigint not null,
  "source_id" int not null,
  "item_no" int not null,
  "record_no" int not null,
  "line_no" int not null,
  "row_state" smallint not null,
  "op" smallint not null,
  "org_bus_no" text,
  "none_reason" text,
  "marks" text,
  "digest" bytea not null,
  "way" text,
  "receiver" bytea,
  "receiver_id_type" text,
  "receiver_id_no" bytea,
  "receive_time" timestamptz,
  "receive_time_zone" smallint,
  "waybill_no" text,
  "carrier" text,
  "region" text,
  constraint el_delivery_row_state check (row_state between 1 and 4),
  constraint el_delivery_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
);
create unique index el_delivery_live on el_delivery (case_id, source_id, seq) where row_state = 1;
create view delivery as
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."way", t."receiver", t."receiver_id_type", t."receiver_id_no", t."receive_time", t."receive_time_zone", t."waybill_no", t."carrier", t."region"
  from el_delivery t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view delivery_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."way", t."receiver", t."receiver_id_type", t."receiver_id_no", t."receive_time", t."receive_time_zone", t."waybill_no", t."carrier", t."region"
  from el_delivery t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;
comment on table el_delivery is '领取送达信息（要素13）：全部版本';
comment on view delivery is '领取送达信息（要素13）：现行数据';
comment on view delivery_history is '领取送达信息（要素13）：全部版本';
comment on column el_delivery."case_id" is '办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数';
comment on column el_delivery."seq" is '要素内序号';
comment on column el_delivery."version" is '数据版本号';
comment on column el_delivery."envelope_no" is '信封的受理次序号（见envelope）';
comment on column el_delivery."source_id" is '来源节点内部编号（见source）';
comment on column el_delivery."item_no" is '信封内件号，从0起';
comment on column el_delivery."record_no" is '件内记录号，从1起';
comment on column el_delivery."line_no" is '件内行号，从1起';
comment on column el_delivery."row_state" is '行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除';
comment on column el_delivery."op" is '数据操作：1 新增，2 修改，3 删除';
comment on column el_delivery."org_bus_no" is '原系统业务流水号';
comment on column el_delivery."none_reason" is '声明“无”的原因代码';
comment on column el_delivery."marks" is '警告代码，逗号分隔';
comment on column el_delivery."digest" is '规范内容的SHA-256摘要';
comment on column el_delivery."way" is '领取方式：0 窗口领取，1 邮寄，2 网上';
comment on column el_delivery."receiver" is '领取人（个人信息，加密存储）';
comment on column el_delivery."receiver_id_type" is '领取人证件类型';
comment on column el_delivery."receiver_id_no" is '领取人证件号码（个人信息，加密存储）';
comment on column el_delivery."receive_time" is '领取时间';
comment on column el_delivery."receive_time_zone" is '领取时间的时区（东经为正，分钟）';
comment on column el_delivery."waybill_no" is '物流单号';
comment on column el_delivery."carrier" is '物流公司';
comment on column el_delivery."region" is '领取地区划';
comment on column delivery."space" is '办件编号的编号空间（cn为全国统一编号）';
comment on column delivery."case_no" is '办件编号';
comment on column delivery."source" is '来源节点（区划/节点名）';
comment on column delivery."seq" is '要素内序号';
comment on column delivery."version" is '数据版本号';
comment on column delivery."op" is '数据操作：I 新增，U 修改，D 删除';
comment on column delivery."org_bus_no" is '原系统业务流水号';
comment on column delivery."none_reason" is '声明“无”的原因代码';
comment on column delivery."digest" is '规范内容的SHA-256摘要';
comment on column delivery."marks" is '警告代码，逗号分隔';
comment on column delivery."envelope" is '信封编号';
comment on column delivery."item_no" is '信封内件号，从0起';
comment on column delivery."record_no" is '件内记录号，从1起';
comment on column delivery."line_no" is '件内行号，从1起';
comment on column delivery."received_at" is '本中心收到时间';
comment on column delivery."way" is '领取方式：0 窗口领取，1 邮寄，2 网上';
comment on column delivery."receiver" is '领取人（个人信息，加密存储）';
comment on column delivery."receiver_id_type" is '领取人证件类型';
comment on column delivery."receiver_id_no" is '领取人证件号码（个人信息，加密存储）';
comment on column delivery."receive_time" is '领取时间';
comment on column delivery."receive_time_zone" is '领取时间的时区（东经为正，分钟）';
comment on column delivery."waybill_no" is '物流单号';
comment on column delivery."carrier" is '物流公司';
comment on column delivery."region" is '领取地区划';

create table el_evaluation (
  "case_id" bigint not null,
  "seq" bigint not null,
  "version" bigint not null,
  "envelope_no" bigint not null,
  "source_id" int not null,
  "item_no" int not null,
  "record_no" int not null,
  "line_no" int not null,
  "row_state" smallint not null,
  "op" smallint not null,
  "org_bus_no" text,
  "none_reason" text,
  "marks" text,
  "digest" bytea not null,
  "channel" text,
  "score" text,
  "eval_time" timestamptz,
  "eval_time_zone" smallint,
  "round" bigint,
  "text" bytea,
  "evaluator" bytea,
  "hall_code" text,
  "window_code" text,
  "person_code" text,
  "rectify_state" text,
  "rectify_time" timestamptz,
  "rectify_time_zone" smallint,
  constraint el_evaluation_row_state check (row_state between 1 and 4),
  constraint el_evaluation_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
);
create unique index el_evaluation_live on el_evaluation (case_id, source_id, seq) where row_state = 1;
create view evaluation as
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."channel", t."score", t."eval_time", t."eval_time_zone", t."round", t."text", t."evaluator", t."hall_code", t."window_code", t."person_code", t."rectify_state", t."rectify_time", t."rectify_time_zone"
  from el_evaluation t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view evaluation_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, to_timestamp(e.received_ms / 1000.0) as received_at, t."channel", t."score", t."eval_time", t."eval_time_zone", t."round", t."text", t."evaluator", t."hall_code", t."window_code", t."person_code", t."rectify_state", t."rectify_time", t."rectify_time_zone"
  from el_evaluation t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;
comment on table el_evaluation is '服务评价信息（要素14）：全部版本';
comment on view evaluation is '服务评价信息（要素14）：现行数据';
comment on view evaluation_history is '服务评价信息（要素14）：全部版本';
comment on column el_evaluation."case_id" is '办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数';
comment on column el_evaluation."seq" is '要素内序号';
comment on column el_evaluation."version" is '数据版本号';
comment on column el_evaluation."envelope_no" is '信封的受理次序号（见envelope）';
comment on column el_evaluation."source_id" is '来源节点内部编号（见source）';
comment on column el_evaluation."item_no" is '信封内件号，从0起';
comment on column el_evaluation."record_no" is '件内记录号，从1起';
comment on column el_evaluation."line_no" is '件内行号，从1起';
comment on column el_evaluation."row_state" is '行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除';
comment on column el_evaluation."op" is '数据操作：1 新增，2 修改，3 删除';
comment on column el_evaluation."org_bus_no" is '原系统业务流水号';
comment on column el_evaluation."none_reason" is '声明“无”的原因代码';
comment on column el_evaluation."marks" is '警告代码，逗号分隔';
comment on column el_evaluation."digest" is '规范内容的SHA-256摘要';
comment on column el_evaluation."channel" is '评价渠道';
comment on column el_evaluation."score" is '满意度代码：1 非常满意，2 满意，3 基本满意，4 不满意，5 非常不满意';
comment on column el_evaluation."eval_time" is '评价时间';
comment on column el_evaluation."eval_time_zone" is '评价时间的时区（东经为正，分钟）';
comment on column el_evaluation."round" is '第几次评价';
comment on column el_evaluation."text" is '文字评价（个人信息，加密存储）';
comment on column el_evaluation."evaluator" is '评价人（个人信息，加密存储）';
comment on column el_evaluation."hall_code" is '大厅编码';
comment on column el_evaluation."window_code" is '窗口编码';
comment on column el_evaluation."person_code" is '工作人员编码';
comment on column el_evaluation."rectify_state" is '整改状态：0 未整改，1 已整改';
comment on column el_evaluation."rectify_time" is '整改时间';
comment on column el_evaluation."rectify_time_zone" is '整改时间的时区（东经为正，分钟）';
comment on column evaluation."space" is '办件编号的编号空间（cn为全国统一编号）';
comment on column evaluation."case_no" is '办件编号';
comment on column evaluation."source" is '来源节点（区划/节点名）';
comment on column evaluation."seq" is '要素内序号';
comment on column evaluation."version" is '数据版本号';
comment on column evaluation."op" is '数据操作：I 新增，U 修改，D 删除';
comment on column evaluation."org_bus_no" is '原系统业务流水号';
comment on column evaluation."none_reason" is '声明“无”的原因代码';
comment on column evaluation."digest" is '规范内容的SHA-256摘要';
comment on column evaluation."marks" is '警告代码，逗号分隔';
comment on column evaluation."envelope" is '信封编号';
comment on column evaluation."item_no" is '信封内件号，从0起';
comment on column evaluation."record_no" is '件内记录号，从1起';
comment on column evaluation."line_no" is '件内行号，从1起';
comment on column evaluation."received_at" is '本中心收到时间';
comment on column evaluation."channel" is '评价渠道';
comment on column evaluation."score" is '满意度代码：1 非常满意，2 满意，3 基本满意，4 不满意，5 非常不满意';
comment on column evaluation."eval_time" is '评价时间';
comment on column evaluation."eval_time_zone" is '评价时间的时区（东经为正，分钟）';
comment on column evaluation."round" is '第几次评价';
comment on column evaluation."text" is '文字评价（个人信息，加密存储）';
comment on column evaluation."evaluator" is '评价人（个人信息，加密存储）';
comment on column evaluation."hall_code" is '大厅编码';
comment on column evaluation."window_code" is '窗口编码';
comment on column evaluation."person_code" is '工作人员编码';
comment on column evaluation."rectify_state" is '整改状态：0 未整改，1 已整改';
comment on column evaluation."rectify_time" is '整改时间';
comment on column evaluation."rectify_time_zone" is '整改时间的时区（东经为正，分钟）';
