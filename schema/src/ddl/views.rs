//! The views over an element's table: names in the place of numbers. Refuses the tables (`ddl.rs`).

use super::{Engine, FIXED, columns};
use crate::element::ElementSpec;
use std::fmt::Write;

/// What the views show of a table, besides its fields: expression, name, Chinese comment.
pub(super) const SHOWN: [(&str, &str, &str); 14] = [
    (
        "coalesce(c.space, p.name)",
        "space",
        "办件编号的编号空间（cn为全国统一编号）",
    ),
    ("coalesce(c.case_no, '')", "case_no", "办件编号"),
    ("s.name", "source", "来源节点（区划/节点名）"),
    ("t.seq", "seq", "要素内序号"),
    ("t.version", "version", "数据版本号"),
    (
        "case t.op when 1 then 'I' when 2 then 'U' else 'D' end",
        "op",
        "数据操作：I 新增，U 修改，D 删除",
    ),
    (
        "coalesce(t.org_bus_no, '')",
        "org_bus_no",
        "原系统业务流水号",
    ),
    ("t.none_reason", "none_reason", "声明“无”的原因代码"),
    ("t.digest", "digest", "规范内容的SHA-256摘要"),
    ("coalesce(t.marks, '')", "marks", "警告代码，逗号分隔"),
    ("e.id", "envelope", "信封编号"),
    ("t.item_no", "item_no", "信封内件号，从0起"),
    ("t.record_no", "record_no", "件内记录号，从1起"),
    ("t.line_no", "line_no", "件内行号，从1起"),
];

/// The state of a row in words.
const STATE_SHOWN: &str = "case t.row_state when 1 then 'live' when 2 then 'superseded' \
     when 3 then 'late' else 'deleted' end as row_state";

/// When a row's envelope was received, per engine.
fn received_at(engine: Engine) -> &'static str {
    match engine {
        Engine::Pg => "to_timestamp(e.received_ms / 1000.0)",
        Engine::Sqlite => "strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch')",
    }
}

/// The views of an element: what is live, and every version.
pub(super) fn view(out: &mut String, spec: &ElementSpec, engine: Engine) {
    let shown = SHOWN
        .iter()
        .map(|(what, name, _)| match what.strip_prefix("t.") {
            Some(own) if own == *name => (*what).to_owned(),
            _ => format!("{what} as {name}"),
        });
    let mut columns_shown: Vec<String> = shown.collect();
    columns_shown.push(format!("{} as received_at", received_at(engine)));
    let fields = columns(spec.id).iter().skip(FIXED.len());
    columns_shown.extend(fields.map(|c| format!("t.{}", c.quoted())));
    let (table, name) = (spec.table(), spec.name);
    let joined = format!(
        "from {table} t left join cases c on c.id = t.case_id left join space p on p.id = -t.case_id\n  \
         join source s on s.id = t.source_id join envelope e on e.no = t.envelope_no"
    );
    let columns_shown = columns_shown.join(", ");
    let _ = writeln!(
        out,
        "create view {name} as\n  select {columns_shown}\n  {joined} where t.row_state = 1;\n\
         create view {name}_history as\n  select {STATE_SHOWN}, {columns_shown}\n  {joined};"
    );
}
