//! Closed code sets: one list of (code, 中文, English) each, with its source. Refuses any code map
//! of another family of specs; those stand in the dialects.

use crate::short::same;

/// A closed set of codes.
#[derive(Debug)]
pub struct CodeSet {
    /// Identifier, e.g. `item_type`.
    pub name: &'static str,
    /// Chinese name.
    pub zh: &'static str,
    /// Source: standard and annex, or "proposal".
    pub ground: &'static str,
    /// `(code, 中文, English)`.
    pub codes: &'static [(&'static str, &'static str, &'static str)],
}

impl CodeSet {
    /// Whether the set has the code.
    pub fn has(&self, code: &str) -> bool {
        let code = code.as_bytes();
        self.codes.iter().any(|(c, _, _)| same(c.as_bytes(), code))
    }

    /// The Chinese and English meaning of a code.
    pub fn meaning(&self, code: &str) -> Option<(&'static str, &'static str)> {
        self.codes
            .iter()
            .find(|(c, _, _)| *c == code)
            .map(|(_, zh, en)| (*zh, *en))
    }
}

/// 事项类型代码.
pub static ITEM_TYPE: CodeSet = CodeSet {
    name: "item_type",
    zh: "事项类型代码",
    ground: "GB/T 39046-2020 A.1; its extension codes (11-19, 21 and up) are mapped by dialects",
    codes: &[
        ("00", "行政权力", "administrative power"),
        ("01", "行政许可", "licence"),
        ("02", "行政处罚", "penalty"),
        ("03", "行政强制", "coercion"),
        ("04", "行政征收", "levy"),
        ("05", "行政给付", "benefit"),
        ("06", "行政检查", "inspection"),
        ("07", "行政确认", "confirmation"),
        ("08", "行政奖励", "reward"),
        ("09", "行政裁决", "adjudication"),
        ("10", "其他行政权力", "other power"),
        ("20", "公共服务", "public service"),
    ],
};

/// 行使层级代码.
pub static LEVEL: CodeSet = CodeSet {
    name: "level",
    zh: "行使层级代码",
    ground: "GB/T 39046-2020 A.2",
    codes: &[
        ("1", "国家级", "national"),
        ("2", "省级", "province"),
        ("3", "市级", "city"),
        ("4", "县级", "county"),
        ("5", "镇（乡、街道）级", "town"),
        ("6", "村（社区）级", "village"),
        ("7", "分级管理", "by several levels"),
    ],
};

/// 实施主体性质代码.
pub static ORGAN_NATURE: CodeSet = CodeSet {
    name: "organ_nature",
    zh: "实施主体性质代码",
    ground: "GB/T 39046-2020 A.3",
    codes: &[
        ("1", "法定机关", "statutory organ"),
        ("2", "授权组织", "authorised body"),
        ("3", "受委托组织", "entrusted body"),
        ("9", "其他", "other"),
    ],
};

/// 服务对象代码.
pub static SERVED: CodeSet = CodeSet {
    name: "served",
    zh: "服务对象代码",
    ground: "GB/T 39046-2020 A.4",
    codes: &[
        ("1", "自然人", "natural person"),
        ("2", "企业法人", "enterprise"),
        ("3", "事业法人", "public institution"),
        ("4", "社会组织法人", "social organisation"),
        ("5", "行政机关", "administrative organ"),
        ("6", "其他组织", "other organisation"),
    ],
};

/// 办理形式代码.
pub static FORM: CodeSet = CodeSet {
    name: "form",
    zh: "办理形式代码",
    ground: "GB/T 39046-2020 A.5",
    codes: &[
        ("1", "窗口", "counter"),
        ("2", "电脑端", "computer"),
        ("3", "移动端", "mobile"),
        ("4", "快递", "courier"),
        ("9", "其他", "other"),
    ],
};

/// 办件类型代码.
pub static CASE_TYPE: CodeSet = CodeSet {
    name: "case_type",
    zh: "办件类型代码",
    ground: "GB/T 39046-2020 A.6 with the local codes 3 and 4 of Shandong APPROVALTYPE",
    codes: &[
        ("1", "即办件", "done at once"),
        ("2", "承诺件", "promised term"),
        ("3", "联办件", "joint handling"),
        ("4", "上报件", "reported upward"),
        ("9", "其他", "other"),
    ],
};

/// 满意度代码.
pub static SATISFACTION: CodeSet = CodeSet {
    name: "satisfaction",
    zh: "满意度代码",
    ground: "GB/T 39046-2020 A.8; 1 is best",
    codes: &[
        ("1", "非常满意", "very satisfied"),
        ("2", "满意", "satisfied"),
        ("3", "基本满意", "fairly satisfied"),
        ("4", "不满意", "dissatisfied"),
        ("5", "非常不满意", "very dissatisfied"),
    ],
};

/// 时限单位代码.
pub static TIME_UNIT: CodeSet = CodeSet {
    name: "time_unit",
    zh: "时限单位代码",
    ground: "proposal; from Shandong PROMISETIMEUNIT 1-5 and Guangdong G/Z",
    codes: &[
        ("W", "工作日", "working days"),
        ("D", "自然日", "natural days"),
        ("H", "小时", "hours"),
        ("N", "分钟", "minutes"),
        ("M", "月", "months"),
    ],
};

/// 文件类型代码.
pub static CARRIER: CodeSet = CodeSet {
    name: "carrier",
    zh: "文件类型代码",
    ground: "Guangdong WJLX",
    codes: &[("0", "纸质", "paper"), ("1", "电子", "electronic")],
};

/// 材料类型代码.
pub static COPY_KIND: CodeSet = CodeSet {
    name: "copy_kind",
    zh: "材料类型代码",
    ground: "Guangdong CLLX",
    codes: &[
        ("0", "原件", "original"),
        ("1", "复印件", "copy"),
        ("2", "电子件", "electronic"),
    ],
};

/// 预受理状态代码.
pub static PRE_STATE: CodeSet = CodeSet {
    name: "pre_state",
    zh: "预受理状态代码",
    ground: "Guangdong YSLZTDM",
    codes: &[
        ("1", "通过", "passed"),
        ("2", "不受理", "not taken"),
        ("3", "补交补正", "to be completed"),
    ],
};

/// 受理状态代码.
pub static ACCEPT_STATE: CodeSet = CodeSet {
    name: "accept_state",
    zh: "受理状态代码",
    ground: "Guangdong SLZTDM",
    codes: &[
        ("1", "受理", "accepted"),
        ("2", "不受理", "not taken"),
        ("3", "补齐补正", "to be completed"),
        ("4", "不予受理", "refused"),
    ],
};

/// 审批环节代码.
pub static STEP_CODE: CodeSet = CodeSet {
    name: "step_code",
    zh: "审批环节代码",
    ground: "Guangdong SPHJDM 1-3; 4 and 9 proposal",
    codes: &[
        ("1", "承办", "handling"),
        ("2", "审核", "review"),
        ("3", "批准", "approval"),
        ("4", "下级初审上报", "first review by the lower level"),
        ("9", "其他", "other"),
    ],
};

/// 环节类型代码.
pub static STEP_POS: CodeSet = CodeSet {
    name: "step_pos",
    zh: "环节类型代码",
    ground: "Shandong NODETYPE",
    codes: &[
        ("1", "开始", "first"),
        ("2", "中间", "middle"),
        ("3", "结束", "last"),
        ("4", "唯一", "only"),
    ],
};

/// 环节办理状态代码.
pub static STEP_STATE: CodeSet = CodeSet {
    name: "step_state",
    zh: "环节办理状态代码",
    ground: "GB/T 39046-2020 T7",
    codes: &[("1", "待办", "to do"), ("2", "已办", "done")],
};

/// 环节处理结果代码.
pub static STEP_RESULT: CodeSet = CodeSet {
    name: "step_result",
    zh: "环节处理结果代码",
    ground: "Shandong NODERESULT without the acceptance results 2-4",
    codes: &[
        ("0", "不同意", "not agreed"),
        ("1", "同意", "agreed"),
        ("5", "补齐补正", "correction"),
        ("6", "特别程序", "special procedure"),
        ("7", "退回", "sent back"),
    ],
};

/// 特别程序种类代码.
pub static SPECIAL_KIND: CodeSet = CodeSet {
    name: "special_kind",
    zh: "特别程序种类代码",
    ground: "行政许可法 art. 42 and 45; Guangdong TBCXZL A/B, Shandong NODERESULT 1-6",
    codes: &[
        ("01", "延长审批", "extension"),
        ("02", "听证", "hearing"),
        ("03", "招标", "tender"),
        ("04", "拍卖", "auction"),
        ("05", "检验", "inspection"),
        ("06", "检测", "testing"),
        ("07", "检疫", "quarantine"),
        ("08", "鉴定", "appraisal"),
        ("09", "专家评审", "expert review"),
        ("10", "公示", "public notice"),
        ("11", "核实", "verification"),
        ("99", "其他", "other"),
    ],
};

/// 缴费状态代码.
pub static FEE_STATE: CodeSet = CodeSet {
    name: "fee_state",
    zh: "缴费状态代码",
    ground: "Shandong FEEINFO.STATE",
    codes: &[("1", "已缴", "paid"), ("2", "未缴", "unpaid")],
};

/// 币种代码.
pub static CURRENCY: CodeSet = CodeSet {
    name: "currency",
    zh: "币种代码",
    ground: "GB/T 12406 (ISO 4217); amounts are yuan",
    codes: &[("CNY", "人民币元", "yuan renminbi")],
};

/// 办结结果代码.
pub static CONCLUSION: CodeSet = CodeSet {
    name: "conclusion",
    zh: "办结结果代码",
    ground: "canonical; Guangdong BJJGDM and Shandong DONERESULT are mapped by dialects",
    codes: &[
        ("10", "准予（出证）", "granted, with document"),
        ("11", "准予（不出证）", "granted, without document"),
        ("20", "不予许可", "not granted"),
        ("30", "不予受理", "not accepted"),
        ("40", "退回或申请人撤回", "sent back or withdrawn"),
        ("41", "补正逾期", "correction overdue"),
        ("50", "转报", "passed on upward"),
        ("90", "作废", "void"),
        ("91", "删除", "deleted"),
    ],
};

/// 结果类型代码.
pub static DOC_KIND: CodeSet = CodeSet {
    name: "doc_kind",
    zh: "结果类型代码",
    ground: "proposal",
    codes: &[
        ("1", "证照", "licence"),
        ("2", "批文", "approval document"),
        ("3", "其他", "other"),
    ],
};

/// 领取方式代码.
pub static DELIVERY_WAY: CodeSet = CodeSet {
    name: "delivery_way",
    zh: "领取方式代码",
    ground: "Guangdong OBTAIN_PAPER_WAY",
    codes: &[
        ("0", "窗口领取", "counter"),
        ("1", "邮寄", "post"),
        ("2", "网上", "online"),
    ],
};

/// 整改状态代码.
pub static RECTIFY_STATE: CodeSet = CodeSet {
    name: "rectify_state",
    zh: "整改状态代码",
    ground: "proposal; GB/T 39734-2020 9.3",
    codes: &[
        ("0", "未整改", "not rectified"),
        ("1", "已整改", "rectified"),
    ],
};

/// 无此要素的原因代码.
pub static NONE_REASON: CodeSet = CodeSet {
    name: "none_reason",
    zh: "无此要素的原因代码",
    ground: "proposal; reason of none=\"true\"",
    codes: &[
        ("1", "事项不涉及", "not part of the item"),
        ("2", "未发生", "has not happened"),
        ("3", "由其他系统报送", "reported by another system"),
        ("4", "尚未采集", "not collected"),
        ("9", "其他", "other"),
    ],
};

/// All sets, for the reference pages.
pub static ALL: &[&CodeSet] = &[
    &ITEM_TYPE,
    &LEVEL,
    &ORGAN_NATURE,
    &SERVED,
    &FORM,
    &CASE_TYPE,
    &SATISFACTION,
    &TIME_UNIT,
    &CARRIER,
    &COPY_KIND,
    &PRE_STATE,
    &ACCEPT_STATE,
    &STEP_CODE,
    &STEP_POS,
    &STEP_STATE,
    &STEP_RESULT,
    &SPECIAL_KIND,
    &FEE_STATE,
    &CURRENCY,
    &CONCLUSION,
    &DOC_KIND,
    &DELIVERY_WAY,
    &RECTIFY_STATE,
    &NONE_REASON,
];
