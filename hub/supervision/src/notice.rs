//! What is told about a card: the paper for the organ and the row of GB/T 39046-2020 Table 11
//! (电子监察). Refuses to send anything.

use crate::calendar::Calendar;
use crate::card::{Bilingual, Card, CardId, Colour, Subject};
use crate::profile::Profile;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use tongcha_schema::stamp::canonical_date;

time::serde::format_description!(day, Date, "[year]-[month]-[day]");

/// Characters of 督办内容 and 监察结果描述 (Table 11).
const TEXT_CHARS: usize = 1000;
/// Characters of 机构名称 and 责任部门.
const NAME_CHARS: usize = 100;
/// Characters of 办件编号.
const CASE_CHARS: usize = 50;

/// The paper that accompanies a card (效能问询通知书 and the like).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The card.
    pub card: CardId,
    /// Its colour.
    pub colour: Colour,
    /// Title of the paper.
    pub title: Bilingual,
    /// Name of the organ that it goes to; empty where unknown.
    pub organ: String,
    /// The text, a paragraph each.
    pub body: Vec<Bilingual>,
    /// The day by which the organ answers, if an answer is asked.
    #[serde(with = "day::option")]
    pub answer_by: Option<Date>,
}

impl Notice {
    /// The paper of a card under a profile; none for data faults and colours without a paper.
    pub fn of(card: &Card, profile: &Profile, calendar: &Calendar) -> Option<Notice> {
        let paper = profile.paper(card.colour)?;
        let issued = card.issued_at.date();
        let answer_by = paper
            .answer_days
            .map(|days| calendar.add(issued, i64::from(days)));
        let mut body = vec![finding(card)];
        body.extend(card.lines.iter().cloned());
        body.extend(answer_by.map(|by| {
            let by = canonical_date(by);
            Bilingual::new(
                format!("请查明原因,抓紧办理,并于 {by} 前书面答复。"),
                format!("Find the cause, complete the case and answer in writing by {by}."),
            )
        }));
        Some(Notice {
            card: card.id.clone(),
            colour: card.colour,
            title: Bilingual::new(paper.zh.clone(), paper.en.clone()),
            organ: card.organ_name.clone(),
            body,
            answer_by,
        })
    }
}

/// What was found: subject, rule, colour.
fn finding(card: &Card) -> Bilingual {
    let number = subject_number(&card.subject);
    let (zh, en) = crate::rules::by_code(card.rule.as_str())
        .map_or((card.rule.as_str(), card.rule.as_str()), |rule| rule.title);
    Bilingual::new(
        format!(
            "办件 {number} {}:{} {zh}。",
            card.item_name,
            card.colour.zh()
        ),
        format!(
            "Case {number} {}: {} card, {en}.",
            card.item_name,
            card.colour.name()
        ),
    )
}

fn subject_number(subject: &Subject) -> &str {
    match subject {
        Subject::Case { case_no, .. } => case_no,
        Subject::Organ { code } => code,
        Subject::Complaint { no } => no,
    }
}

/// A row of GB/T 39046-2020 Table 11, in the order of the standard; texts are cut at its lengths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table11 {
    /// 办件编号, an..50.
    pub case_no: String,
    /// 督办内容, an..1000.
    pub content: String,
    /// 机构名称, an..100: the supervised organ.
    pub organ_name: String,
    /// 事项类型代码, n2.
    pub item_type: String,
    /// 督办发出时间.
    #[serde(with = "time::serde::rfc3339")]
    pub issued_at: OffsetDateTime,
    /// 监察编号, an..20.
    pub number: String,
    /// 监察规则编号, an..20.
    pub rule: String,
    /// 监察预警类型代码, n1.
    pub kind: String,
    /// 状态产生时间.
    #[serde(with = "time::serde::rfc3339")]
    pub began_at: OffsetDateTime,
    /// 监察结果描述, an..1000.
    pub result: String,
    /// 责任部门, an..100.
    pub responsible: String,
}

impl Table11 {
    /// The row of a card.
    pub fn of(card: &Card) -> Table11 {
        let lines: Vec<&str> = card.lines.iter().map(|line| line.zh.as_str()).collect();
        Table11 {
            case_no: cut(subject_number(&card.subject), CASE_CHARS),
            content: cut(&finding(card).zh, TEXT_CHARS),
            organ_name: cut(&card.organ_name, NAME_CHARS),
            item_type: card.item_type.clone(),
            issued_at: card.issued_at,
            number: card.id.to_string(),
            rule: card.rule.to_string(),
            kind: card.colour.code().to_string(),
            began_at: card.begins_at,
            result: cut(&lines.join(";"), TEXT_CHARS),
            responsible: cut(&card.organ_name, NAME_CHARS),
        }
    }
}

fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use crate::sketch::Sketch;
    use time::macros::date;

    fn yellow() -> Card {
        let mut sketch = Sketch::read("item 5W free\n accept 2024-03-04 09:00 by 2024-03-11");
        sketch.look("2024-03-12 09:00").settle(&mut sketch);
        sketch.cards.remove(0)
    }

    #[test]
    fn a_yellow_card_has_its_paper_with_the_arithmetic() {
        let (card, calendar) = (yellow(), Calendar::cn().unwrap());
        let huating = Profile::shipped("huating").unwrap();
        let notice = Notice::of(&card, &huating, &calendar).unwrap();
        assert_eq!(notice.title.zh, "效能问询通知书");
        assert_eq!(notice.answer_by, Some(date!(2024 - 03 - 12)));
        let text: String = notice.body.iter().map(|l| l.zh.as_str()).collect();
        for part in [
            "A-1",
            "测试事项",
            "黄牌",
            "5 个工作日",
            "2024-03-11",
            "尚未办结",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let json = serde_json::to_string(&notice).unwrap();
        assert_eq!(serde_json::from_str::<Notice>(&json).unwrap(), notice);
    }

    #[test]
    fn a_data_fault_has_no_paper() {
        let (mut card, calendar) = (yellow(), Calendar::cn().unwrap());
        card.colour = Colour::Fault;
        assert_eq!(
            Notice::of(&card, &Profile::shipped("hunan").unwrap(), &calendar),
            None
        );
    }

    #[test]
    fn the_row_of_the_standard_keeps_to_its_lengths() {
        let mut card = yellow();
        card.organ_name = "局".repeat(300);
        card.lines = vec![Bilingual::new("因".repeat(3000), "x")];
        let row = Table11::of(&card);
        assert_eq!((row.rule.as_str(), row.kind.as_str()), ("T-02", "2"));
        assert_eq!(
            (row.case_no.as_str(), row.item_type.as_str()),
            ("A-1", "01")
        );
        assert!(row.number.len() <= 20);
        assert_eq!(row.organ_name.chars().count(), 100);
        assert_eq!(row.result.chars().count(), 1000);
    }
}
