-- Generated from the element specs by tongcha-schema (schema/src/ddl.rs); do not edit.
-- 由要素规范生成，请勿手工修改。

create table el_organ ( -- 机构信息（要素1）：全部版本
  "case_id" integer not null, -- 办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数
  "seq" integer not null, -- 要素内序号
  "version" integer not null, -- 数据版本号
  "envelope_no" integer not null, -- 信封的受理次序号（见envelope）
  "source_id" integer not null, -- 来源节点内部编号（见source）
  "item_no" integer not null, -- 信封内件号，从0起
  "record_no" integer not null, -- 件内记录号，从1起
  "line_no" integer not null, -- 件内行号，从1起
  "row_state" integer not null, -- 行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除
  "op" integer not null, -- 数据操作：1 新增，2 修改，3 删除
  "org_bus_no" text, -- 原系统业务流水号
  "none_reason" text, -- 声明“无”的原因代码
  "marks" text, -- 警告代码，逗号分隔
  "digest" blob not null, -- 规范内容的SHA-256摘要
  "org_code" text, -- 统一社会信用代码
  "legacy_org_code" text, -- 组织机构代码
  "org_name" text, -- 机构名称
  "org_nature" text, -- 实施主体性质：1 法定机关，2 授权组织，3 受委托组织，9 其他
  "org_level" text, -- 行政层级：1 国家级，2 省级，3 市级，4 县级，5 镇（乡、街道）级，6 村（社区）级，7 分级管理
  "region" text, -- 行政区划代码
  "parent_org_code" text, -- 上级机构代码
  "window_code" text, -- 窗口编码
  "window_name" text, -- 窗口名称
  "supervise_phone" text, -- 监督电话
  constraint el_organ_row_state check (row_state between 1 and 4),
  constraint el_organ_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
) strict;
create unique index el_organ_live on el_organ (case_id, source_id, seq) where row_state = 1;
create view organ as -- 机构信息（要素1）：现行数据
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."org_code", t."legacy_org_code", t."org_name", t."org_nature", t."org_level", t."region", t."parent_org_code", t."window_code", t."window_name", t."supervise_phone"
  from el_organ t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view organ_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."org_code", t."legacy_org_code", t."org_name", t."org_nature", t."org_level", t."region", t."parent_org_code", t."window_code", t."window_name", t."supervise_phone"
  from el_organ t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;

create table el_item ( -- 事项信息（要素2）：全部版本
  "case_id" integer not null, -- 办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数
  "seq" integer not null, -- 要素内序号
  "version" integer not null, -- 数据版本号
  "envelope_no" integer not null, -- 信封的受理次序号（见envelope）
  "source_id" integer not null, -- 来源节点内部编号（见source）
  "item_no" integer not null, -- 信封内件号，从0起
  "record_no" integer not null, -- 件内记录号，从1起
  "line_no" integer not null, -- 件内行号，从1起
  "row_state" integer not null, -- 行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除
  "op" integer not null, -- 数据操作：1 新增，2 修改，3 删除
  "org_bus_no" text, -- 原系统业务流水号
  "none_reason" text, -- 声明“无”的原因代码
  "marks" text, -- 警告代码，逗号分隔
  "digest" blob not null, -- 规范内容的SHA-256摘要
  "item_code" text, -- 实施编码
  "basic_code" text, -- 基本编码
  "handle_code" text, -- 业务办理项编码
  "item_name" text, -- 事项名称
  "item_type" text, -- 事项类型代码：00 行政权力，01 行政许可，02 行政处罚，03 行政强制，04 行政征收，05 行政给付，06 行政检查，07 行政确认，08 行政奖励，09 行政裁决，10 其他行政权力，20 公共服务
  "use_level" text, -- 行使层级代码：1 国家级，2 省级，3 市级，4 县级，5 镇（乡、街道）级，6 村（社区）级，7 分级管理
  "legal_limit" integer, -- 法定办结时限
  "legal_unit" text, -- 法定办结时限单位：W 工作日，D 自然日，H 小时，N 分钟，M 月
  "promise_limit" integer, -- 承诺办结时限
  "promise_unit" text, -- 承诺办结时限单位：W 工作日，D 自然日，H 小时，N 分钟，M 月
  "is_fee" integer, -- 是否收费（是/否）
  "fee_basis" text, -- 收费依据
  "fee_standard" text, -- 收费标准
  "item_ver" integer, -- 事项版本号
  constraint el_item_row_state check (row_state between 1 and 4),
  constraint el_item_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
) strict;
create unique index el_item_live on el_item (case_id, source_id, seq) where row_state = 1;
create view item as -- 事项信息（要素2）：现行数据
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."item_code", t."basic_code", t."handle_code", t."item_name", t."item_type", t."use_level", t."legal_limit", t."legal_unit", t."promise_limit", t."promise_unit", t."is_fee", t."fee_basis", t."fee_standard", t."item_ver"
  from el_item t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view item_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."item_code", t."basic_code", t."handle_code", t."item_name", t."item_type", t."use_level", t."legal_limit", t."legal_unit", t."promise_limit", t."promise_unit", t."is_fee", t."fee_basis", t."fee_standard", t."item_ver"
  from el_item t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;

create table el_case_base ( -- 审批基本信息（要素3）：全部版本
  "case_id" integer not null, -- 办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数
  "seq" integer not null, -- 要素内序号
  "version" integer not null, -- 数据版本号
  "envelope_no" integer not null, -- 信封的受理次序号（见envelope）
  "source_id" integer not null, -- 来源节点内部编号（见source）
  "item_no" integer not null, -- 信封内件号，从0起
  "record_no" integer not null, -- 件内记录号，从1起
  "line_no" integer not null, -- 件内行号，从1起
  "row_state" integer not null, -- 行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除
  "op" integer not null, -- 数据操作：1 新增，2 修改，3 删除
  "org_bus_no" text, -- 原系统业务流水号
  "none_reason" text, -- 声明“无”的原因代码
  "marks" text, -- 警告代码，逗号分隔
  "digest" blob not null, -- 规范内容的SHA-256摘要
  "case_type" text, -- 办件类型代码：1 即办件，2 承诺件，3 联办件，4 上报件，9 其他
  "project_name" text, -- 申办项目名称
  "invest_code" text, -- 投资项目编号
  "apply_time" text, -- 申请时间
  "apply_time_zone" integer, -- 申请时间的时区（东经为正，分钟）
  "source_form" text, -- 申报来源（办理形式）：1 窗口，2 电脑端，3 移动端，4 快递，9 其他
  "receipt_no" text, -- 申办回执号
  "region" text, -- 行政区划
  "prev_case_id" text, -- 原办件编号
  "query_pwd_hash" text, -- 查询密码
  constraint el_case_base_row_state check (row_state between 1 and 4),
  constraint el_case_base_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
) strict;
create unique index el_case_base_live on el_case_base (case_id, source_id, seq) where row_state = 1;
create view case_base as -- 审批基本信息（要素3）：现行数据
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."case_type", t."project_name", t."invest_code", t."apply_time", t."apply_time_zone", t."source_form", t."receipt_no", t."region", t."prev_case_id", t."query_pwd_hash"
  from el_case_base t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view case_base_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."case_type", t."project_name", t."invest_code", t."apply_time", t."apply_time_zone", t."source_form", t."receipt_no", t."region", t."prev_case_id", t."query_pwd_hash"
  from el_case_base t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;

create table el_applicant ( -- 申请人信息（要素4）：全部版本
  "case_id" integer not null, -- 办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数
  "seq" integer not null, -- 要素内序号
  "version" integer not null, -- 数据版本号
  "envelope_no" integer not null, -- 信封的受理次序号（见envelope）
  "source_id" integer not null, -- 来源节点内部编号（见source）
  "item_no" integer not null, -- 信封内件号，从0起
  "record_no" integer not null, -- 件内记录号，从1起
  "line_no" integer not null, -- 件内行号，从1起
  "row_state" integer not null, -- 行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除
  "op" integer not null, -- 数据操作：1 新增，2 修改，3 删除
  "org_bus_no" text, -- 原系统业务流水号
  "none_reason" text, -- 声明“无”的原因代码
  "marks" text, -- 警告代码，逗号分隔
  "digest" blob not null, -- 规范内容的SHA-256摘要
  "kind" text, -- 服务对象代码：1 自然人，2 企业法人，3 事业法人，4 社会组织法人，5 行政机关，6 其他组织
  "name" blob, -- 申请者名称（个人信息，加密存储）
  "id_type" text, -- 证件类型代码
  "id_no" blob, -- 证件号码（个人信息，加密存储）
  "legal_person" blob, -- 法定代表人（个人信息，加密存储）
  "contact_name" blob, -- 联系人姓名（个人信息，加密存储）
  "contact_id_type" text, -- 联系人证件类型
  "contact_id_no" blob, -- 联系人证件号码（个人信息，加密存储）
  "mobile" blob, -- 手机号码（个人信息，加密存储）
  "address" blob, -- 通讯地址（个人信息，加密存储）
  "postcode" text, -- 邮政编码
  constraint el_applicant_row_state check (row_state between 1 and 4),
  constraint el_applicant_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
) strict;
create unique index el_applicant_live on el_applicant (case_id, source_id, seq) where row_state = 1;
create view applicant as -- 申请人信息（要素4）：现行数据
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."kind", t."name", t."id_type", t."id_no", t."legal_person", t."contact_name", t."contact_id_type", t."contact_id_no", t."mobile", t."address", t."postcode"
  from el_applicant t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view applicant_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."kind", t."name", t."id_type", t."id_no", t."legal_person", t."contact_name", t."contact_id_type", t."contact_id_no", t."mobile", t."address", t."postcode"
  from el_applicant t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;

create table el_material ( -- 材料信息（要素5）：全部版本
  "case_id" integer not null, -- 办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数
  "seq" integer not null, -- 要素内序号
  "version" integer not null, -- 数据版本号
  "envelope_no" integer not null, -- 信封的受理次序号（见envelope）
  "source_id" integer not null, -- 来源节点内部编号（见source）
  "item_no" integer not null, -- 信封内件号，从0起
  "record_no" integer not null, -- 件内记录号，从1起
  "line_no" integer not null, -- 件内行号，从1起
  "row_state" integer not null, -- 行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除
  "op" integer not null, -- 数据操作：1 新增，2 修改，3 删除
  "org_bus_no" text, -- 原系统业务流水号
  "none_reason" text, -- 声明“无”的原因代码
  "marks" text, -- 警告代码，逗号分隔
  "digest" blob not null, -- 规范内容的SHA-256摘要
  "material_no" text, -- 材料编号
  "material_name" text, -- 材料名称
  "must_have" integer, -- 是否必备（是/否）
  "received" integer, -- 是否收取（是/否）
  "carrier" text, -- 文件类型：0 纸质，1 电子
  "copy_kind" text, -- 材料类型：0 原件，1 复印件，2 电子件
  "quantity" integer, -- 数量
  "receive_time" text, -- 收取时间
  "receive_time_zone" integer, -- 收取时间的时区（东经为正，分钟）
  "file_name" text, -- 附件名称
  "file_type" text, -- 附件类型
  "file_path" text, -- 附件路径
  "file_digest" text, -- 附件摘要
  constraint el_material_row_state check (row_state between 1 and 4),
  constraint el_material_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
) strict;
create unique index el_material_live on el_material (case_id, source_id, seq) where row_state = 1;
create view material as -- 材料信息（要素5）：现行数据
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."material_no", t."material_name", t."must_have", t."received", t."carrier", t."copy_kind", t."quantity", t."receive_time", t."receive_time_zone", t."file_name", t."file_type", t."file_path", t."file_digest"
  from el_material t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view material_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."material_no", t."material_name", t."must_have", t."received", t."carrier", t."copy_kind", t."quantity", t."receive_time", t."receive_time_zone", t."file_name", t."file_type", t."file_path", t."file_digest"
  from el_material t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;

create table el_acceptance ( -- 受理信息（要素6）：全部版本
  "case_id" integer not null, -- 办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数
  "seq" integer not null, -- 要素内序号
  "version" integer not null, -- 数据版本号
  "envelope_no" integer not null, -- 信封的受理次序号（见envelope）
  "source_id" integer not null, -- 来源节点内部编号（见source）
  "item_no" integer not null, -- 信封内件号，从0起
  "record_no" integer not null, -- 件内记录号，从1起
  "line_no" integer not null, -- 件内行号，从1起
  "row_state" integer not null, -- 行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除
  "op" integer not null, -- 数据操作：1 新增，2 修改，3 删除
  "org_bus_no" text, -- 原系统业务流水号
  "none_reason" text, -- 声明“无”的原因代码
  "marks" text, -- 警告代码，逗号分隔
  "digest" blob not null, -- 规范内容的SHA-256摘要
  "pre_state" text, -- 预受理状态：1 通过，2 不受理，3 补交补正
  "pre_time" text, -- 预受理时间
  "pre_time_zone" integer, -- 预受理时间的时区（东经为正，分钟）
  "accept_state" text, -- 受理状态代码：1 受理，2 不受理，3 补齐补正，4 不予受理
  "refuse_reason" text, -- 不受理原因
  "accept_org" text, -- 受理单位代码
  "accept_org_name" text, -- 受理单位名称
  "accept_person" text, -- 受理人员
  "accept_person_no" text, -- 受理人员工号
  "accept_time" text, -- 受理时间
  "accept_time_zone" integer, -- 受理时间的时区（东经为正，分钟）
  "accept_doc_no" text, -- 受理文书编号
  "promise_date" text, -- 承诺办结时间
  "region" text, -- 受理地区划
  constraint el_acceptance_row_state check (row_state between 1 and 4),
  constraint el_acceptance_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
) strict;
create unique index el_acceptance_live on el_acceptance (case_id, source_id, seq) where row_state = 1;
create view acceptance as -- 受理信息（要素6）：现行数据
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."pre_state", t."pre_time", t."pre_time_zone", t."accept_state", t."refuse_reason", t."accept_org", t."accept_org_name", t."accept_person", t."accept_person_no", t."accept_time", t."accept_time_zone", t."accept_doc_no", t."promise_date", t."region"
  from el_acceptance t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view acceptance_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."pre_state", t."pre_time", t."pre_time_zone", t."accept_state", t."refuse_reason", t."accept_org", t."accept_org_name", t."accept_person", t."accept_person_no", t."accept_time", t."accept_time_zone", t."accept_doc_no", t."promise_date", t."region"
  from el_acceptance t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;

create table el_process ( -- 审批过程信息（要素7）：全部版本
  "case_id" integer not null, -- 办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数
  "seq" integer not null, -- 要素内序号
  "version" integer not null, -- 数据版本号
  "envelope_no" integer not null, -- 信封的受理次序号（见envelope）
  "source_id" integer not null, -- 来源节点内部编号（见source）
  "item_no" integer not null, -- 信封内件号，从0起
  "record_no" integer not null, -- 件内记录号，从1起
  "line_no" integer not null, -- 件内行号，从1起
  "row_state" integer not null, -- 行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除
  "op" integer not null, -- 数据操作：1 新增，2 修改，3 删除
  "org_bus_no" text, -- 原系统业务流水号
  "none_reason" text, -- 声明“无”的原因代码
  "marks" text, -- 警告代码，逗号分隔
  "digest" blob not null, -- 规范内容的SHA-256摘要
  "step_no" integer, -- 环节序号
  "step_code" text, -- 审批环节代码：1 承办，2 审核，3 批准，4 下级初审上报，9 其他
  "step_name" text, -- 环节名称
  "step_pos" text, -- 环节类型：1 开始，2 中间，3 结束，4 唯一
  "handler" text, -- 处理人
  "handler_no" text, -- 处理人工号
  "handler_post" text, -- 处理人职务
  "unit_code" text, -- 处理单位代码
  "unit_name" text, -- 处理单位名称
  "state" text, -- 环节办理状态：1 待办，2 已办
  "start_time" text, -- 环节开始时间
  "start_time_zone" integer, -- 环节开始时间的时区（东经为正，分钟）
  "end_time" text, -- 环节结束时间
  "end_time_zone" integer, -- 环节结束时间的时区（东经为正，分钟）
  "result" text, -- 环节处理结果：0 不同意，1 同意，5 补齐补正，6 特别程序，7 退回
  "opinion" text, -- 环节处理意见
  "step_limit" integer, -- 环节时限
  "step_unit" text, -- 环节时限单位：W 工作日，D 自然日，H 小时，N 分钟，M 月
  "due_time" text, -- 环节应办结时间
  "due_time_zone" integer, -- 环节应办结时间的时区（东经为正，分钟）
  "branch" text, -- 流程分支
  constraint el_process_row_state check (row_state between 1 and 4),
  constraint el_process_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
) strict;
create unique index el_process_live on el_process (case_id, source_id, seq) where row_state = 1;
create view process as -- 审批过程信息（要素7）：现行数据
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."step_no", t."step_code", t."step_name", t."step_pos", t."handler", t."handler_no", t."handler_post", t."unit_code", t."unit_name", t."state", t."start_time", t."start_time_zone", t."end_time", t."end_time_zone", t."result", t."opinion", t."step_limit", t."step_unit", t."due_time", t."due_time_zone", t."branch"
  from el_process t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view process_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."step_no", t."step_code", t."step_name", t."step_pos", t."handler", t."handler_no", t."handler_post", t."unit_code", t."unit_name", t."state", t."start_time", t."start_time_zone", t."end_time", t."end_time_zone", t."result", t."opinion", t."step_limit", t."step_unit", t."due_time", t."due_time_zone", t."branch"
  from el_process t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;

create table el_correction ( -- 补正信息（要素8）：全部版本
  "case_id" integer not null, -- 办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数
  "seq" integer not null, -- 要素内序号
  "version" integer not null, -- 数据版本号
  "envelope_no" integer not null, -- 信封的受理次序号（见envelope）
  "source_id" integer not null, -- 来源节点内部编号（见source）
  "item_no" integer not null, -- 信封内件号，从0起
  "record_no" integer not null, -- 件内记录号，从1起
  "line_no" integer not null, -- 件内行号，从1起
  "row_state" integer not null, -- 行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除
  "op" integer not null, -- 数据操作：1 新增，2 修改，3 删除
  "org_bus_no" text, -- 原系统业务流水号
  "none_reason" text, -- 声明“无”的原因代码
  "marks" text, -- 警告代码，逗号分隔
  "digest" blob not null, -- 规范内容的SHA-256摘要
  "notice_time" text, -- 补正告知时间
  "notice_time_zone" integer, -- 补正告知时间的时区（东经为正，分钟）
  "notice_person" text, -- 告知发出人
  "reason" text, -- 补正告知原因
  "material_list" text, -- 补正材料清单
  "notice_doc_no" text, -- 补正告知书编号
  "round" integer, -- 第几次
  "received_time" text, -- 补正受理时间
  "received_time_zone" integer, -- 补正受理时间的时区（东经为正，分钟）
  "received_person" text, -- 补正受理人
  "place" text, -- 补正受理地点
  constraint el_correction_row_state check (row_state between 1 and 4),
  constraint el_correction_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
) strict;
create unique index el_correction_live on el_correction (case_id, source_id, seq) where row_state = 1;
create view correction as -- 补正信息（要素8）：现行数据
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."notice_time", t."notice_time_zone", t."notice_person", t."reason", t."material_list", t."notice_doc_no", t."round", t."received_time", t."received_time_zone", t."received_person", t."place"
  from el_correction t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view correction_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."notice_time", t."notice_time_zone", t."notice_person", t."reason", t."material_list", t."notice_doc_no", t."round", t."received_time", t."received_time_zone", t."received_person", t."place"
  from el_correction t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;

create table el_special ( -- 特别程序信息（要素9）：全部版本
  "case_id" integer not null, -- 办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数
  "seq" integer not null, -- 要素内序号
  "version" integer not null, -- 数据版本号
  "envelope_no" integer not null, -- 信封的受理次序号（见envelope）
  "source_id" integer not null, -- 来源节点内部编号（见source）
  "item_no" integer not null, -- 信封内件号，从0起
  "record_no" integer not null, -- 件内记录号，从1起
  "line_no" integer not null, -- 件内行号，从1起
  "row_state" integer not null, -- 行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除
  "op" integer not null, -- 数据操作：1 新增，2 修改，3 删除
  "org_bus_no" text, -- 原系统业务流水号
  "none_reason" text, -- 声明“无”的原因代码
  "marks" text, -- 警告代码，逗号分隔
  "digest" blob not null, -- 规范内容的SHA-256摘要
  "kind" text, -- 特别程序种类：01 延长审批，02 听证，03 招标，04 拍卖，05 检验，06 检测，07 检疫，08 鉴定，09 专家评审，10 公示，11 核实，99 其他
  "start_time" text, -- 开始时间
  "start_time_zone" integer, -- 开始时间的时区（东经为正，分钟）
  "approver" text, -- 批准人
  "reason" text, -- 启动理由或依据
  "limit" integer, -- 时限
  "limit_unit" text, -- 时限单位：W 工作日，D 自然日，H 小时，N 分钟，M 月
  "notify_time" text, -- 告知申请人时间
  "notify_time_zone" integer, -- 告知申请人时间的时区（东经为正，分钟）
  "end_time" text, -- 结束时间
  "end_time_zone" integer, -- 结束时间的时区（东经为正，分钟）
  "result" text, -- 结果
  "opinion" text, -- 办理意见
  "fee" text, -- 特别程序收费（元）
  constraint el_special_row_state check (row_state between 1 and 4),
  constraint el_special_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
) strict;
create unique index el_special_live on el_special (case_id, source_id, seq) where row_state = 1;
create view special as -- 特别程序信息（要素9）：现行数据
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."kind", t."start_time", t."start_time_zone", t."approver", t."reason", t."limit", t."limit_unit", t."notify_time", t."notify_time_zone", t."end_time", t."end_time_zone", t."result", t."opinion", t."fee"
  from el_special t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view special_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."kind", t."start_time", t."start_time_zone", t."approver", t."reason", t."limit", t."limit_unit", t."notify_time", t."notify_time_zone", t."end_time", t."end_time_zone", t."result", t."opinion", t."fee"
  from el_special t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;

create table el_fee ( -- 收费信息（要素10）：全部版本
  "case_id" integer not null, -- 办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数
  "seq" integer not null, -- 要素内序号
  "version" integer not null, -- 数据版本号
  "envelope_no" integer not null, -- 信封的受理次序号（见envelope）
  "source_id" integer not null, -- 来源节点内部编号（见source）
  "item_no" integer not null, -- 信封内件号，从0起
  "record_no" integer not null, -- 件内记录号，从1起
  "line_no" integer not null, -- 件内行号，从1起
  "row_state" integer not null, -- 行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除
  "op" integer not null, -- 数据操作：1 新增，2 修改，3 删除
  "org_bus_no" text, -- 原系统业务流水号
  "none_reason" text, -- 声明“无”的原因代码
  "marks" text, -- 警告代码，逗号分隔
  "digest" blob not null, -- 规范内容的SHA-256摘要
  "fee_seq" integer, -- 收费序号
  "fee_org" text, -- 收费单位代码
  "fee_org_name" text, -- 收费单位名称
  "bill_no" text, -- 缴款单号
  "fee_name" text, -- 费用名称
  "standard" text, -- 收费标准
  "basis" text, -- 收费依据
  "due" text, -- 应收金额（元）
  "derate" text, -- 减免金额（元）
  "paid" text, -- 实收金额（元）
  "currency" text, -- 币种：CNY 人民币元
  "derate_reason" text, -- 减免原因
  "derate_approver" text, -- 减免审批人
  "unit_price" text, -- 单价（元）
  "quantity" integer, -- 数量
  "payer" blob, -- 缴款人（个人信息，加密存储）
  "pay_time" text, -- 缴款时间
  "pay_time_zone" integer, -- 缴款时间的时区（东经为正，分钟）
  "state" text, -- 缴费状态：1 已缴，2 未缴
  constraint el_fee_row_state check (row_state between 1 and 4),
  constraint el_fee_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
) strict;
create unique index el_fee_live on el_fee (case_id, source_id, seq) where row_state = 1;
create view fee as -- 收费信息（要素10）：现行数据
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."fee_seq", t."fee_org", t."fee_org_name", t."bill_no", t."fee_name", t."standard", t."basis", t."due", t."derate", t."paid", t."currency", t."derate_reason", t."derate_approver", t."unit_price", t."quantity", t."payer", t."pay_time", t."pay_time_zone", t."state"
  from el_fee t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view fee_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."fee_seq", t."fee_org", t."fee_org_name", t."bill_no", t."fee_name", t."standard", t."basis", t."due", t."derate", t."paid", t."currency", t."derate_reason", t."derate_approver", t."unit_price", t."quantity", t."payer", t."pay_time", t."pay_time_zone", t."state"
  from el_fee t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;

create table el_conclusion ( -- 办结信息（要素11）：全部版本
  "case_id" integer not null, -- 办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数
  "seq" integer not null, -- 要素内序号
  "version" integer not null, -- 数据版本号
  "envelope_no" integer not null, -- 信封的受理次序号（见envelope）
  "source_id" integer not null, -- 来源节点内部编号（见source）
  "item_no" integer not null, -- 信封内件号，从0起
  "record_no" integer not null, -- 件内记录号，从1起
  "line_no" integer not null, -- 件内行号，从1起
  "row_state" integer not null, -- 行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除
  "op" integer not null, -- 数据操作：1 新增，2 修改，3 删除
  "org_bus_no" text, -- 原系统业务流水号
  "none_reason" text, -- 声明“无”的原因代码
  "marks" text, -- 警告代码，逗号分隔
  "digest" blob not null, -- 规范内容的SHA-256摘要
  "result" text, -- 办结结果代码：10 准予（出证），11 准予（不出证），20 不予许可，30 不予受理，40 退回或申请人撤回，41 补正逾期，50 转报，90 作废，91 删除
  "result_desc" text, -- 结果描述
  "reason" text, -- 不予、退回或作废原因
  "org_code" text, -- 办结单位代码
  "org_name" text, -- 办结单位名称
  "person" text, -- 办结人
  "done_time" text, -- 办结时间
  "done_time_zone" integer, -- 办结时间的时区（东经为正，分钟）
  "decision_no" text, -- 决定书文号
  "is_fee" integer, -- 是否收费（是/否）
  "amount" text, -- 处罚或给付金额（元）
  "region" text, -- 办结地区划
  constraint el_conclusion_row_state check (row_state between 1 and 4),
  constraint el_conclusion_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
) strict;
create unique index el_conclusion_live on el_conclusion (case_id, source_id, seq) where row_state = 1;
create view conclusion as -- 办结信息（要素11）：现行数据
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."result", t."result_desc", t."reason", t."org_code", t."org_name", t."person", t."done_time", t."done_time_zone", t."decision_no", t."is_fee", t."amount", t."region"
  from el_conclusion t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view conclusion_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."result", t."result_desc", t."reason", t."org_code", t."org_name", t."person", t."done_time", t."done_time_zone", t."decision_no", t."is_fee", t."amount", t."region"
  from el_conclusion t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;

create table el_result_doc ( -- 结果证照信息（要素12）：全部版本
  "case_id" integer not null, -- 办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数
  "seq" integer not null, -- 要素内序号
  "version" integer not null, -- 数据版本号
  "envelope_no" integer not null, -- 信封的受理次序号（见envelope）
  "source_id" integer not null, -- 来源节点内部编号（见source）
  "item_no" integer not null, -- 信封内件号，从0起
  "record_no" integer not null, -- 件内记录号，从1起
  "line_no" integer not null, -- 件内行号，从1起
  "row_state" integer not null, -- 行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除
  "op" integer not null, -- 数据操作：1 新增，2 修改，3 删除
  "org_bus_no" text, -- 原系统业务流水号
  "none_reason" text, -- 声明“无”的原因代码
  "marks" text, -- 警告代码，逗号分隔
  "digest" blob not null, -- 规范内容的SHA-256摘要
  "doc_kind" text, -- 结果类型：1 证照，2 批文，3 其他
  "doc_name" text, -- 结果名称
  "doc_no" text, -- 结果编号
  "issuer" text, -- 发证单位
  "issue_date" text, -- 发证日期
  "valid_from" text, -- 有效期起
  "valid_to" text, -- 有效期止（日期或“长期”）
  "holder" blob, -- 持有者（个人信息，加密存储）
  "file_digest" text, -- 电子证照摘要
  constraint el_result_doc_row_state check (row_state between 1 and 4),
  constraint el_result_doc_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
) strict;
create unique index el_result_doc_live on el_result_doc (case_id, source_id, seq) where row_state = 1;
create view result_doc as -- 结果证照信息（要素12）：现行数据
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."doc_kind", t."doc_name", t."doc_no", t."issuer", t."issue_date", t."valid_from", t."valid_to", t."holder", t."file_digest"
  from el_result_doc t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view result_doc_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."doc_kind", t."doc_name", t."doc_no", t."issuer", t."issue_date", t."valid_from", t."valid_to", t."holder", t."file_digest"
  from el_result_doc t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;

create table el_delivery ( -- 领取送达信息（要素13）：全部版本
  "case_id" integer not null, -- 办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数
  "seq" integer not null, -- 要素内序号
  "version" integer not null, -- 数据版本号
  "envelope_no" integer not null, -- 信封的受理次序号（见envelope）
  "source_id" integer not null, -- 来源节点内部编号（见source）
  "item_no" integer not null, -- 信封内件号，从0起
  "record_no" integer not null, -- 件内记录号，从1起
  "line_no" integer not null, -- 件内行号，从1起
  "row_state" integer not null, -- 行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除
  "op" integer not null, -- 数据操作：1 新增，2 修改，3 删除
  "org_bus_no" text, -- 原系统业务流水号
  "none_reason" text, -- 声明“无”的原因代码
  "marks" text, -- 警告代码，逗号分隔
  "digest" blob not null, -- 规范内容的SHA-256摘要
  "way" text, -- 领取方式：0 窗口领取，1 邮寄，2 网上
  "receiver" blob, -- 领取人（个人信息，加密存储）
  "receiver_id_type" text, -- 领取人证件类型
  "receiver_id_no" blob, -- 领取人证件号码（个人信息，加密存储）
  "receive_time" text, -- 领取时间
  "receive_time_zone" integer, -- 领取时间的时区（东经为正，分钟）
  "waybill_no" text, -- 物流单号
  "carrier" text, -- 物流公司
  "region" text, -- 领取地区划
  constraint el_delivery_row_state check (row_state between 1 and 4),
  constraint el_delivery_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
) strict;
create unique index el_delivery_live on el_delivery (case_id, source_id, seq) where row_state = 1;
create view delivery as -- 领取送达信息（要素13）：现行数据
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."way", t."receiver", t."receiver_id_type", t."receiver_id_no", t."receive_time", t."receive_time_zone", t."waybill_no", t."carrier", t."region"
  from el_delivery t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view delivery_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."way", t."receiver", t."receiver_id_type", t."receiver_id_no", t."receive_time", t."receive_time_zone", t."waybill_no", t."carrier", t."region"
  from el_delivery t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;

create table el_evaluation ( -- 服务评价信息（要素14）：全部版本
  "case_id" integer not null, -- 办件内部编号（见cases）；不属于任何办件的，为编号空间内部编号（见space）的负数
  "seq" integer not null, -- 要素内序号
  "version" integer not null, -- 数据版本号
  "envelope_no" integer not null, -- 信封的受理次序号（见envelope）
  "source_id" integer not null, -- 来源节点内部编号（见source）
  "item_no" integer not null, -- 信封内件号，从0起
  "record_no" integer not null, -- 件内记录号，从1起
  "line_no" integer not null, -- 件内行号，从1起
  "row_state" integer not null, -- 行状态：1 现行，2 已被新版本取代，3 迟到的旧版本，4 已删除
  "op" integer not null, -- 数据操作：1 新增，2 修改，3 删除
  "org_bus_no" text, -- 原系统业务流水号
  "none_reason" text, -- 声明“无”的原因代码
  "marks" text, -- 警告代码，逗号分隔
  "digest" blob not null, -- 规范内容的SHA-256摘要
  "channel" text, -- 评价渠道
  "score" text, -- 满意度代码：1 非常满意，2 满意，3 基本满意，4 不满意，5 非常不满意
  "eval_time" text, -- 评价时间
  "eval_time_zone" integer, -- 评价时间的时区（东经为正，分钟）
  "round" integer, -- 第几次评价
  "text" blob, -- 文字评价（个人信息，加密存储）
  "evaluator" blob, -- 评价人（个人信息，加密存储）
  "hall_code" text, -- 大厅编码
  "window_code" text, -- 窗口编码
  "person_code" text, -- 工作人员编码
  "rectify_state" text, -- 整改状态：0 未整改，1 已整改
  "rectify_time" text, -- 整改时间
  "rectify_time_zone" integer, -- 整改时间的时区（东经为正，分钟）
  constraint el_evaluation_row_state check (row_state between 1 and 4),
  constraint el_evaluation_op check (op between 1 and 3),
  primary key (case_id, source_id, seq, version)
) strict;
create unique index el_evaluation_live on el_evaluation (case_id, source_id, seq) where row_state = 1;
create view evaluation as -- 服务评价信息（要素14）：现行数据
  select coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."channel", t."score", t."eval_time", t."eval_time_zone", t."round", t."text", t."evaluator", t."hall_code", t."window_code", t."person_code", t."rectify_state", t."rectify_time", t."rectify_time_zone"
  from el_evaluation t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no where t.row_state = 1;
create view evaluation_history as
  select case t.row_state when 1 then 'live' when 2 then 'superseded' when 3 then 'late' else 'deleted' end as row_state, coalesce(c.space, p.name) as space, coalesce(c.case_no, '') as case_no, s.name as source, t.seq, t.version, case t.op when 1 then 'I' when 2 then 'U' else 'D' end as op, coalesce(t.org_bus_no, '') as org_bus_no, t.none_reason, t.digest, coalesce(t.marks, '') as marks, e.id as envelope, t.item_no, t.record_no, t.line_no, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') as received_at, t."channel", t."score", t."eval_time", t."eval_time_zone", t."round", t."text", t."evaluator", t."hall_code", t."window_code", t."person_code", t."rectify_state", t."rectify_time", t."rectify_time_zone"
  from el_evaluation t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id
  join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no;
