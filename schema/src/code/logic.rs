//! X5xx: what contradicts itself between fields and records of one case in one item. Always a
//! warning: a contradictory record is evidence, not rubbish.
crate::code::codes! {
    /// A day before 2000-01-01.
    BEFORE_2000 = 501 Warn ("时间早于2000年", "before 2000")
        cause("字段“{zh}”早于2000年1月1日", "{en} is before 2000-01-01")
        hint("请核对年份", "check the year");
    /// A time later than its arrival at the hub.
    IN_FUTURE = 502 Warn ("时间在将来", "in the future")
        cause("字段“{zh}”晚于收到时间{received}", "{en} is later than its arrival at {received}")
        hint("请核对时间与本机时钟", "check the time, and the clock of the machine");
    /// Accepted before it was applied for.
    ACCEPT_BEFORE_APPLY = 503 Warn ("受理早于申请", "accepted before applied")
        cause("受理时间早于申请时间{other}", "the acceptance is before the application at {other}")
        hint("请核对两个时间", "check both times");
    /// A step that starts before the acceptance.
    STEP_BEFORE_ACCEPT = 504 Warn ("环节早于受理", "step before acceptance")
        cause("环节开始时间早于受理时间{other}", "the step starts before the acceptance at {other}")
        hint("请核对两个时间", "check both times");
    /// A step that ends before it starts.
    STEP_ENDS_FIRST = 505 Warn ("环节结束早于开始", "step ends before it starts")
        cause("环节结束时间早于开始时间{other}", "the step ends before its start at {other}")
        hint("请核对两个时间", "check both times");
    /// A step that ends after the conclusion.
    STEP_AFTER_DONE = 506 Warn ("环节晚于办结", "step after the conclusion")
        cause("环节结束时间晚于办结时间{other}", "the step ends after the conclusion at {other}")
        hint("请核对两个时间", "check both times");
    /// Concluded before accepted (or, without an acceptance, before applied for).
    DONE_BEFORE_ACCEPT = 507 Warn ("办结早于受理", "concluded before accepted")
        cause("办结时间早于受理或申请时间{other}",
            "the conclusion is before the acceptance or application at {other}")
        hint("请核对两个时间", "check both times");
    /// Delivered before concluded.
    DELIVERED_BEFORE_DONE = 508 Warn ("送达早于办结", "delivered before concluded")
        cause("领取时间早于办结时间{other}", "the delivery is before the conclusion at {other}")
        hint("请核对两个时间", "check both times");
    /// A conclusion in an item that carries the case from its start, without an acceptance.
    NO_ACCEPTANCE = 509 Warn ("有办结无受理", "conclusion without acceptance")
        cause("同一文件有该办件的起始信息和办结信息，没有受理信息",
            "the item carries the start and the conclusion of the case, and no acceptance")
        hint("请补报受理信息", "send the acceptance");
    /// Granted with a document, and no document in an item that carries the whole case.
    NO_DOCUMENT = 510 Warn ("出证而无证照", "granted without its document")
        cause("办结结果为准予（出证），没有结果证照信息",
            "the conclusion is granted with a document, and there is none")
        hint("请补报结果证照信息", "send the resulting document");
    /// The charged flag of the conclusion against the fees.
    FEE_FLAG = 511 Warn ("是否收费与收费信息不符", "charged flag against fees")
        cause("办结信息的是否收费为{flag}，收费信息有{found}条",
            "the conclusion's charged flag is {flag}, with {found} fees")
        hint("请核对是否收费与收费信息", "check the flag and the fees");
    /// The approver is the one who handled.
    SAME_PERSON = 512 Warn ("承办与批准为同一人", "handler approves")
        cause("批准环节与承办环节的处理人工号相同",
            "the step of approval has the same official as the step of handling")
        hint("请核对处理人", "check the officials");
    /// A special procedure that ends and never starts.
    SPECIAL_NO_START = 513 Warn ("特别程序有结束无开始", "special procedure without start")
        cause("特别程序有结束时间，没有开始时间", "the special procedure has an end and no start")
        hint("请补报开始时间", "send its start");
    /// A special procedure that ends before it starts.
    SPECIAL_ENDS_FIRST = 514 Warn ("特别程序结束早于开始", "special procedure ends before it starts")
        cause("特别程序结束时间早于开始时间{other}", "the special procedure ends before its start at {other}")
        hint("请核对两个时间", "check both times");
    /// The organ's division is no part of the case's, nor the other way round.
    REGION_DIFFERS = 515 Warn ("机构区划与办件区划不符", "division of organ and case")
        cause("办件区划与机构区划{other}互不包含",
            "the case's division and the organ's, {other}, do not contain each other")
        hint("请核对两个区划代码", "check both division codes");
    /// Paid is not due less remitted.
    FEE_SUM = 516 Warn ("实收不等于应收减减免", "paid is not due less remitted")
        cause("实收{paid}，应收{due}，减免{derate}", "paid {paid}, due {due}, remitted {derate}")
        hint("请核对金额", "check the amounts");
    /// Corrected materials received before they were asked for.
    CORRECTED_FIRST = 517 Warn ("补正受理早于告知", "corrected before asked")
        cause("补正受理时间早于告知时间{other}", "the correction was received before the notice at {other}")
        hint("请核对两个时间", "check both times");
}
