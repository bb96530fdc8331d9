//! Every text of the pages, Chinese and English side by side: the one place for both. Refuses the texts
//! of findings, rules, elements and cards; those stand with what they describe.

use crate::lang::Lang;

macro_rules! table {
    ($($name:ident: $zh:literal, $en:literal;)*) => {
        /// The texts of one language.
        pub(crate) struct Text { $(pub $name: &'static str,)* }
        static ZH: Text = Text { $($name: $zh,)* };
        static EN: Text = Text { $($name: $en,)* };
        /// Name, Chinese, English: for the test that looks for forgotten ones.
        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $zh, $en),)*];
    };
}

impl Text {
    /// The texts of a language.
    pub(crate) fn of(lang: Lang) -> &'static Text {
        match lang {
            Lang::Zh => &ZH,
            Lang::En => &EN,
        }
    }
}

table! {
    product: "通察", "Tongcha";
    subtitle: "政务服务数据交换与电子监察", "case exchange and electronic supervision";
    skip: "跳到正文", "Skip to content";
    other_lang: "English", "中文";
    live_on: "实时更新", "live";
    live_off: "已断开，正在重连", "disconnected, reconnecting";
    live_fresh: "有新内容", "something is new";
    live_paused: "已暂停更新", "paused";
    pause: "暂停", "Pause";
    resume: "继续", "Go on";
    as_of: "截至", "as of";
    hub: "中心", "hub";
    nav_overview: "总览", "Overview";
    nav_nodes: "节点", "Nodes";
    nav_envelopes: "信封", "Envelopes";
    nav_cases: "办件", "Cases";
    nav_cards: "监察牌", "Cards";
    nav_scores: "评分", "Scores";
    nav_ledger: "台账", "Ledger";
    nav_work: "缺项清单", "Work list";

    received: "收到", "received";
    stored: "入库", "stored";
    rejected: "拒收", "rejected";
    duplicate: "重复", "duplicate";
    pending: "待入库", "pending";
    records: "条记录", "records";
    balanced: "账平", "balances";
    unbalanced: "账不平", "does not balance";
    ledger_title: "收到的每一条记录都有去向", "Every record received is accounted for";
    today: "其中今日收到", "of these received today";

    cases: "办件", "Cases";
    cases_open: "在办", "open";
    cases_overdue: "在办且超期", "open, overdue";
    cases_concluded: "已办结", "concluded";
    cases_late: "逾期办结", "concluded late";
    cases_unjudged: "件等待研判", "waiting to be judged";
    cards: "监察牌", "Cards";
    nodes_alive: "近 24 小时来过信封的节点", "nodes that sent within 24 h";
    nodes_of: "共", "of";
    inbox: "入库队列", "Inbox";
    inbox_empty: "没有等待的记录", "nothing waits";
    inbox_bundles: "批", "bundles";
    forward: "上报上级中心", "Forwarded upward";
    forward_stored: "条已由上级入库", "stored above";
    forward_waiting: "批待上级答复", "batches await an answer";
    trouble_held: "上报被拒的记录", "records refused above";
    trouble_quarantine: "隔离待查的记录", "records in quarantine";
    trouble_job: "定时任务失败", "a job fails";
    forward_none: "本中心没有上级", "this hub has no upper hub";
    by_element: "14 要素入库情况", "The 14 elements in the ledger";
    latest_envelopes: "最新信封", "Latest envelopes";
    latest_cards: "最新监察牌", "Latest cards";
    all: "全部", "all";
    no_envelopes: "还没有收到信封。", "No envelope has arrived yet.";
    no_envelopes_do: "请在前置机启动采集程序（tongcha agent），并确认其密钥已在本中心登记；到达的信封会自动出现在这里。",
        "Start the agent on a front-end machine (tongcha agent) and check that its key is registered here; envelopes appear by themselves.";
    find: "查找", "Find";
    find_what: "信封号、回执号或文件名", "envelope, receipt or file name";
    received_from: "收到自", "received from";
    received_to: "至", "to";
    no_match: "没有符合条件的信封。", "No envelope fits.";
    no_match_do: "请核对号码或文件名，放宽日期，或点“清除”查看全部。", "Compare the number or the file's name, widen the days, or press Clear to see all.";
    no_cards: "没有监察牌。", "No cards.";
    no_cards_do: "到期、超期或违规时系统自动发牌，会自动出现在这里。",
        "Cards are issued by themselves when something falls due, is late or breaks a rule.";

    node: "节点", "Node";
    node_front: "前置机", "front-end machine";
    node_hub: "下级中心", "lower hub";
    organ: "机构", "Organ";
    last_seen: "最近来件", "Last seen";
    key_revoked: "密钥已吊销", "key revoked";
    key_expired: "密钥已过期", "key expired";
    pending_title: "待批准的登记", "Enrolments that wait for approval";
    pending_note: "请与前置机的人当面或电话核对指纹，一致再执行命令；不一致请勿批准。",
        "Compare the fingerprint with whoever sits at the machine, in person or by voice; run the command only if they agree.";
    heard: "心跳", "heartbeat";
    waiting_there: "待发送", "waiting there";
    never: "从未", "never";
    alive: "正常", "alive";
    silent: "静默", "silent";
    envelopes: "信封", "Envelopes";
    repeats: "重发", "repeats";
    fingerprint: "密钥指纹", "Key fingerprint";
    dialects: "数据方言", "Dialects";
    registered: "登记时间", "Registered";
    no_nodes: "还没有登记节点。", "No node is registered.";
    no_nodes_do: "用 tongcha keys 为前置机生成密钥，把公钥登记到本中心。",
        "Make a key for the front-end machine with tongcha keys and register its public key here.";
    alarm: "告警", "alarm";
    alarms_title: "门口告警", "Alarms of the door";
    alarms_note: "近 24 小时在门口被退回的信封：有人冒名，或该部门报送不通，请尽快处理。", "Turned away within 24 hours: somebody uses another's name, or a department does not get through. See to it soon.";
    alarms_look: "查看并处理", "look and act";
    no_node: "未登记者", "no node";
    times: "次数", "Times";
    last_time: "最近一次", "Last";
    away_ever: "启用以来累计：", "Since the beginning:";
    away_title: "门口退回", "Turned away at the door";
    away_note: "未通过身份、签名或完整性检查的信封，不入账、不留存数据。",
        "Envelopes that failed identity, signature or integrity: not counted, no data kept.";
    away_none: "近期没有退回的信封。", "None recently.";
    time: "时间", "Time";
    cause: "原因", "Cause";
    next_step: "怎么办", "Next step";

    envelope: "信封", "Envelope";
    envelope_no: "信封编号", "Envelope id";
    receipt: "回执", "Receipt";
    verdict: "结论", "Verdict";
    v_accepted: "全部接收", "accepted";
    v_partly: "部分接收", "partly";
    v_refused: "拒收", "refused";
    label: "标签", "Label";
    dialect: "方言", "Dialect";
    received_at: "收到时间", "Received";
    completed_at: "入库完成", "Completed";
    not_completed: "尚未完成", "not yet";
    seen: "送达次数", "Times delivered";
    items: "信封内容", "Contents";
    item: "件", "Item";
    item_name: "名称", "Name";
    size: "大小", "Size";
    digest: "摘要", "Digest";
    raw: "原始字节", "Raw bytes";
    raw_preview: "查看", "view";
    raw_download: "下载", "download";
    by_element_short: "按要素", "By element";
    element: "要素", "Element";
    unknown_element: "未识别", "unknown";
    findings: "问题清单", "Findings";
    no_findings: "没有发现问题。", "No findings.";
    s_error: "错误", "error";
    s_warn: "警告", "warning";
    s_fault: "缺失", "fault";
    code: "代码", "Code";
    place: "位置", "Place";
    file: "文件", "File";
    line: "行", "line";
    column: "列", "column";
    record: "记录", "Record";
    field: "字段", "Field";
    value: "值", "Value";
    unlisted: "回执未逐条列出的问题", "Findings not listed in the receipt";
    aside: "冲突与拒收的文档", "Conflicts and refused documents";
    r_conflict: "版本冲突：同一版本内容不同，两份都保留", "conflict: same version, other content; both kept";
    r_document: "整份文档拒收，原始字节已保留", "whole document refused, its bytes are kept";
    raw_title: "原始字节", "Raw bytes";
    no_excerpt: "这一行不在可查找的范围内，或该件不是文本；请下载后查看。", "That line is not within what is searched, or the item is no text; download it.";
    raw_note: "这里可能含有个人信息。每次查看和下载都记入中心的运行日志。",
        "These bytes may hold personal data. Every view and download is written to the hub's log.";
    raw_first: "前", "First";
    raw_bytes: "字节", "bytes";
    raw_as_text: "按文本显示，编码", "As text, encoding";
    raw_binary: "不是文本，仅显示字节。", "Not text: bytes only.";
    raw_hex: "按字节显示", "As bytes";
    empty_item: "空文件", "empty";

    case_no: "办件编号", "Case number";
    space: "编号空间", "Numbering space";
    source: "来源", "Source";
    title: "事项 / 项目", "Item / project";
    item_title: "事项", "Item";
    project: "项目", "Project";
    stage: "阶段", "Stage";
    accepted: "受理", "Accepted";
    applied: "申请", "Applied";
    due: "到期日", "Due";
    concluded: "办结", "Concluded";
    late: "逾期", "late";
    overdue: "超期", "overdue";
    colour: "牌", "Card";
    colour_any: "有牌", "any card";
    updated: "最近更新", "Updated";
    search: "查询", "Search";
    clear: "清除", "Clear";
    no_cases: "没有符合条件的办件。", "No case matches.";
    no_cases_do: "请放宽条件，或等待前置机送来数据。", "Widen the filters, or wait for data from the front-end machines.";
    not_judged: "未研判的规则", "Rules not judged";
    not_judged_note: "来源声明不提供所需数据", "the source declares the facts absent";
    st_applied: "已申请", "applied";
    st_correcting: "补正中", "correcting";
    st_refused: "未受理", "not accepted";
    st_accepted: "办理中", "in progress";
    st_paused: "暂停计时", "paused";
    st_concluded: "已办结", "concluded";
    st_new: "待研判", "not looked at";
    h_any: "暂缓发牌", "held, no card";
    h_refused: "数据被拒，待更正", "data refused";
    h_calendar: "缺少年历", "calendar missing";
    h_fault: "交换故障", "exchange fault";
    held_title: "暂缓发牌的办件", "Cases that are held, without a card";
    no_calendar: "没有载入这些年份的年历：", "The calendar of these years is not loaded: ";
    no_calendar_cases: "件在办件到期日在该年", "open cases fall due in it";
    no_calendar_do: "请把该年的 holiday-cn JSON 放进 [hub] calendars 的目录，用 tongcha calendar check 检验后重启中心；在此之前相关办件暂缓发牌。",
        "Put that year's JSON of holiday-cn into the folder [hub] calendars, try it with tongcha calendar check, restart the hub; until then no card rests on it.";
    due_computed: "按承诺时限计算", "computed from the promised limit";
    due_reported: "部门上报（时限未知）", "as reported (no limit known)";
    reported_due: "部门上报", "Reported";
    computed_due: "系统计算", "Computed";
    legal_due: "法定到期", "Legal limit";
    remaining: "剩余工作日", "Working days left";
    result: "办理结果", "Result";
    provisional: "日历尚未公布的年份，到期日为暂算：", "No calendar yet for the year, the due day is provisional: ";
    missing: "应有而缺的要素", "Elements due and missing";
    arithmetic: "时限是这样算的", "How the due day was computed";
    no_arithmetic: "还没有受理，时限未起算。", "Not accepted yet: the clock has not begun.";
    waits_for_look: "有新数据，等待研判。", "New facts wait to be judged.";
    next_look: "下次研判", "Next look";
    case_cards: "本件的监察牌", "Cards of this case";
    timeline: "全部版本的时间线", "Timeline of all versions";
    timeline_note: "每个版本都保留；个人信息已遮盖。", "Every version is kept; personal data is masked.";
    versions_count: "个版本", "versions";
    base_facts: "基本情况", "Base facts";
    version: "版本", "version";
    seq: "序号", "no.";
    rs_live: "现行", "in force";
    rs_superseded: "已被取代", "superseded";
    rs_late: "迟到的旧版本", "late older version";
    rs_deleted: "已删除", "deleted";
    op_delete: "来源撤回了这条记录", "the source took this record back";
    declared_none: "声明“无”，原因", "declared none, reason";
    masked: "已遮盖", "masked";
    changed: "与上一版本不同", "differs from the version before";
    step_no: "环节", "step";
    fee_no: "收费", "fee";
    approval: "批准环节", "approval step";
    arrived: "到达", "arrived";
    ratio_page: "第", "Page";
    older: "下一页", "Next";
    newer: "上一页", "Previous";

    card_no: "监察编号", "Card id";
    rule: "规则", "Rule";
    state: "状态", "State";
    cs_open: "有效", "open";
    cs_lifted: "已解除", "lifted";
    cs_withdrawn: "已撤销", "withdrawn";
    c_fault: "数据缺失", "data fault";
    c_warn: "预警", "warning";
    c_yellow: "黄牌", "yellow";
    c_red: "红牌", "red";
    issued: "发出", "Issued";
    occurrence: "所涉环节", "Occurrence";
    no_cards_match: "没有符合条件的监察牌。", "No card matches.";
    how_made: "这张牌是这样算出来的", "The arithmetic that made this card";
    law: "规则与依据", "Rule and law";
    trigger: "触发条件", "Trigger";
    ground: "依据", "Ground";
    rule_version: "规则版本", "Rule version";
    profile: "地方规则", "Profile";
    calendar: "年历版本", "Calendar";
    known_at: "依据到达", "Evidence arrived";
    begins: "起点", "Colour begins";
    basis: "认定事实", "Facts it rests on";
    issued_late: "监察部门发牌晚于一个工作日", "issued later than one working day: the supervisor's own lateness";
    evidence: "证据", "Evidence";
    no_evidence: "这张牌依据的是应有而未到的记录。", "This card rests on a record that should be there and is not.";
    life: "经过", "Life";
    k_issued: "发出", "issued";
    k_reissued: "再次发出", "issued again";
    k_lifted: "解除", "lifted";
    k_withdrawn: "撤销", "withdrawn";

    month: "月份", "Month";
    organ_unknown: "机构未报送", "organ not reported";
    bonus: "提前办结加分", "Bonus for early conclusion";
    by_scheme: "按方案应扣", "by the scheme";
    spent: "本部分已扣完、不再扣分的", "Not deducted, the part is used up:";
    spent_shown: "显示前", "the first";
    organ_cards: "该机构的监察牌", "Cards of this organ";
    part_exhausted: "本部分已扣完", "the part is used up";
    scheme: "方案", "Scheme";
    part: "部分", "Part";
    deduction: "扣分", "Deduction";
    computed: "计算时间", "Computed";
    no_scores: "还没有评分。", "No scores yet.";
    no_scores_do: "有监察牌或办结后，系统按月为每个机构计算。", "They are computed per organ and month once there are cards or conclusions.";
    no_deductions: "没有扣分。", "No deductions.";
    not_measured: "未测", "not measured";
    measured_note: "没有规则研判的部分为“未测”，不计入总分；其余部分按百分折算，再加提前办结加分。",
        "Parts that no rule measured are left out; what is left of the others is brought to a hundred, then the bonus is added.";
    capped: "定级受限", "Grade limited";
    scores_below: "本中心不发牌，不评分：同一机构的评分以发牌的下级中心为准。",
        "This hub issues no cards and scores nobody: the score of an organ is that of the hub that issues its cards.";
    because: "事由", "Reason";

    day: "日期", "Day";
    sums: "合计", "Sum";
    no_ledger: "台账里还没有记录。", "The ledger is empty.";
    identity: "收到 = 入库 + 拒收 + 重复 + 待入库。", "received = stored + rejected + duplicate + pending.";
    ledger_note: "按来源、要素和收到日（本中心时区）逐行平衡，由数据库强制保证。",
        "Each line, per source, element and receive day (the hub's zone), balances; the database enforces it.";

    work_note: "方言尚未对应的必填字段和代码，以及来源声明无法提供的内容。每项一行、计次。",
        "Required fields and codes that no dialect maps yet, and what sources declare they cannot supply: one line each, counted.";
    work_open: "待处理：记录因此被退回", "To be mended: records are rejected for it";
    work_open_note: "在方言中补充代码映射或字段位置，或请来源补报；然后请来源重新报送被退回的记录。",
        "Map the code or the place in the dialect, or have the source send it; then have it send the rejected records again.";
    work_declared: "已声明：照收、计次", "Declared: accepted and counted";
    no_work: "没有待处理的项。", "Nothing is open.";
    blind_title: "各来源不能研判的规则", "Rules that are not judged, by source";
    blind_note: "来源的方言声明不提供所需数据，这些规则对该来源不起作用。请确认确实无法提供；能提供的，请改方言。",
        "The source's dialect declares the facts absent, so these rules do nothing for it. See that it is so; mend the dialect where the source can supply them.";
    blind_none: "所有来源都按全部规则研判。", "Every source is judged by every rule.";
    blind_cases: "未研判办件", "Cases passed over";
    blind_why: "原因：方言声明缺少", "Why: declared absent";
    blind_depends: "视个案所缺而定", "depends on what the single case lacks";
    source_place: "来源字段", "place of the source";
    count: "次数", "Count";
    first: "首次", "First";
    last: "最近", "Last";
    whole_element: "整个要素", "the whole element";
    reason: "理由", "Reason";

    login: "登录", "Sign in";
    login_token: "一次性令牌", "One-time token";
    login_note: "启动时在终端打印，只能用一次，只能在本机使用。需要新的令牌时，在中心服务器上运行：tongcha admin token --config hub.toml", "It was printed in the terminal at start; it works once, and on this machine only. For a new one, run on the hub's machine: tongcha admin token --config hub.toml";
    login_wrong: "令牌不对或已过期，请核对终端里打印的那一行。", "The token is wrong or too old; compare it with the line in the terminal.";
    login_used: "令牌已经用过，请按下面的命令再取一个。", "The token has been used; ask for a new one by the command below.";
    login_left: "已退出。", "Signed out.";
    logout: "退出", "Sign out";
    aside_do: "已处理的可搁置：", "Once it is settled, put it aside: ";
    login_done: "已登录，正在打开总览。", "Signed in; opening the overview.";
    enter: "进入", "Enter";
    not_found: "没有这一页", "Not found";
    not_found_do: "它可能属于另一个中心，或地址不完整。", "It may belong to another hub, or the address is incomplete.";
    back_home: "回到总览", "Back to the overview";
    failed: "暂时打不开这一页", "This page cannot be opened now";
    failed_do: "数据库没有回答。请稍后重试；若一直如此，请看程序日志。",
        "The database did not answer. Try again; if it goes on, read the program's log.";
    retry: "重试", "Try again";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_empty_and_each_language_is_itself() {
        for (name, zh, en) in ALL {
            assert!(!zh.is_empty() && !en.is_empty(), "{name}");
            let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
            assert!(
                zh.contains(chinese) || *name == "other_lang",
                "{name} has no Chinese"
            );
            assert!(
                !en.contains(chinese) || *name == "other_lang",
                "{name} has no English"
            );
        }
    }
}
