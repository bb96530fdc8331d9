//! A receipt in words, for the person at the department: Chinese first, each finding in English below it.
//! Refuses to decide anything.

use super::{ItemReceipt, Receipt, Verdict, graver_first};
use crate::finding::Finding;

/// Findings in the text: more than a person reads; all of them stand in the JSON beside it.
const LISTED: usize = 200;
/// Items whose dialect is named.
const ITEMS: usize = 20;

/// The receipt in words; `rest` says where the findings stand that it does not list.
pub fn to_words(receipt: &Receipt, rest: &str) -> String {
    let verdict = match receipt.verdict {
        Verdict::Accepted => "已接收",
        Verdict::Partly => "部分接收（其余记录已收下；请处理下列被拒记录后重新报送）",
        Verdict::Refused => "未接收（请处理下列问题后重新报送）",
    };
    let c = &receipt.counts;
    let repeated = match receipt.repeated {
        true => "（重复送达，原回执）",
        false => "",
    };
    let mut text = format!(
        "回执编号：{}\n接收中心：{}\n接收时间：{}\n结论：{verdict}{repeated}\n",
        receipt.number, receipt.hub, receipt.received_at,
    );
    if let Some(at) = &receipt.completed_at {
        text.push_str(&format!("入库时间：{at}\n"));
    }
    text.push_str(&format!(
        "记录：收到{}条，入库{}条，待入库{}条，重复{}条，拒绝{}条\n",
        c.received, c.stored, c.pending, c.duplicate, c.rejected
    ));
    for item in receipt.items.iter().take(ITEMS) {
        text.push_str(&item_line(item));
    }
    for finding in graver_first(receipt).into_iter().take(LISTED) {
        text.push_str(&finding_line(finding));
    }
    let more = receipt.findings.len().saturating_sub(LISTED) as u64;
    let more = more + receipt.unlisted.values().sum::<u64>();
    if more > 0 {
        text.push_str(&format!("……另有{more}条问题，见{rest}\n"));
    }
    text
}

/// What read a file, and how much of it was taken.
fn item_line(item: &ItemReceipt) -> String {
    let dialect = match item.dialect.as_str() {
        "" => "没有方言认得",
        name => name,
    };
    let taken = item.received.saturating_sub(item.rejected);
    format!(
        "文件：{}；方言：{dialect}；记录{}条，收下{taken}条\n",
        item.name, item.received
    )
}

fn finding_line(finding: &Finding) -> String {
    let place = &finding.place;
    let (zh, _) = finding.severity.title();
    let mut line = format!("[{}] {zh}：{}", finding.code, finding.cause_zh());
    if !place.file.is_empty() {
        line.push_str(&format!("；文件{}", place.file));
    }
    if !place.case_no.is_empty() {
        line.push_str(&format!("；办件{}", place.case_no));
    }
    if let Some(element) = place.element {
        line.push_str(&format!("；{}", element.spec().zh));
    }
    if !place.field.is_empty() {
        let fields = place.element.map_or(&[][..], |e| e.spec().fields);
        let title = fields.iter().find(|f| f.name == place.field);
        line.push_str(&format!("；字段{}", title.map_or(&*place.field, |f| f.zh)));
    }
    if !place.own.is_empty() {
        line.push_str(&format!("（原列{}）", place.own));
    }
    if place.record > 0 {
        line.push_str(&format!("；第{}条记录", place.record));
    }
    if place.line > 0 {
        line.push_str(&format!("；第{}行", place.line));
    }
    if let Some(value) = &finding.value {
        line.push_str(&format!("；值“{value}”"));
    }
    line.push_str(&format!("。{}\n", finding.hint_zh()));
    line.push_str(&format!(
        "       {}. {}.\n",
        finding.cause_en(),
        finding.hint_en()
    ));
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{element, field, transport};
    use crate::element::ElementId;
    use crate::finding::Place;
    use crate::receipt::Counts;
    use std::collections::BTreeMap;

    #[test]
    fn errors_come_first_and_each_finding_says_where_in_the_senders_words() {
        let place = Place {
            file: "a.zip/b.csv".to_owned(),
            line: 6,
            record: 3,
            element: Some(ElementId::Process),
            field: "start_time".to_owned(),
            own: "SPSJ".to_owned(),
            ..Place::default()
        };
        let warn = Finding::new(element::SAME_KEY, Place::default());
        let receipt = Receipt {
            v: 1,
            number: "n".to_owned(),
            envelope: "e".to_owned(),
            hub: "431321/hub".to_owned(),
            received_at: "t".to_owned(),
            completed_at: None,
            verdict: Verdict::Partly,
            repeated: false,
            counts: Counts::default(),
            elements: BTreeMap::new(),
            items: vec![ItemReceipt {
                name: "a.zip/b.csv".to_owned(),
                verdict: Verdict::Partly,
                dialect: "guangdong-csv".to_owned(),
                received: 5,
                rejected: 2,
                duplicate: 0,
                rows: Vec::new(),
            }],
            findings: vec![warn, Finding::new(field::BAD_STAMP, place)],
            unlisted: BTreeMap::from([("X402".to_owned(), 7)]),
        };
        let text = to_words(&receipt, "别处");
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
        assert!(at("[X407] 错误") < at("[X315] 警告"));
        at("文件：a.zip/b.csv；方言：guangdong-csv；记录5条，收下3条");
        at("；文件a.zip/b.csv；");
        at("（原列SPSJ）；第3条记录；第6行");
        at("另有7条问题，见别处");
        let finding = Finding::new(
            transport::COUNT_DIFFERS,
            Place {
                line: 6,
                record: 3,
                ..Place::default()
            },
        )
        .with("declared", 4)
        .with("found", 3);
        assert_eq!(
            finding_line(&finding),
            "[X110] 错误：声明4条，实有3条；第3条记录；第6行。请核对生成程序后重新发送\n       \
             4 records declared, 3 found. check the program that writes the file, and send again.\n"
        );
    }
}
