//! F-01: a fee on an item that charges none.

use crate::card::{Bilingual, Colour, Evidence};
use crate::rule::{Case, Kind, Onset, Rule, Verdict};
use tongcha_schema::element::ElementId;
use tongcha_schema::money;
use tongcha_schema::record::Record;
use tongcha_schema::value::Value;

/// The rule.
pub static RULE: Rule = Rule {
    code: "F-01",
    version: 1,
    kind: Kind::Fee,
    title: ("不收费事项收费", "fee on a free item"),
    trigger: (
        "事项登记为不收费,而有应收或实收金额大于零的收费",
        "the item charges nothing, and a fee row has an amount due or paid above zero",
    ),
    ground: (
        "湖南电子监察:违规收费;《行政许可法》第五十八条",
        "supervision of fees (Hunan); Administrative Licensing Law, article 58",
    ),
    colour: Colour::Red,
    rung: 1,
    incident: "fee",
    built_on: None,
    ends_with_cause: false,
    begins,
};

fn begins(case: &Case<'_>) -> Verdict {
    let absents = case.scene.absents;
    let mut charged = case
        .timeline
        .live(ElementId::Fee)
        .filter(|fee| amount(fee) > 0)
        .peekable();
    if charged.peek().is_none() {
        return if case.timeline.absent(absents, ElementId::Fee) {
            Verdict::NotJudged
        } else {
            Verdict::QUIET
        };
    }
    if case.timeline.lacks(absents, ElementId::Item, "is_fee") {
        return Verdict::NotJudged;
    }
    let free = case
        .terms
        .item
        .filter(|item| item.get("is_fee").and_then(Value::int) == Some(0));
    let Some(item) = free else {
        return Verdict::QUIET;
    };
    Verdict::Judged(charged.map(|fee| onset(case, item, fee)).collect())
}

/// What was demanded or paid, the larger, in fen.
fn amount(fee: &Record) -> i64 {
    let fen = |field| fee.get(field).and_then(Value::int).unwrap_or(0);
    fen("due").max(fen("paid"))
}

fn onset(case: &Case<'_>, item: &Record, fee: &Record) -> Onset {
    let yuan = money::canonical(amount(fee));
    let name = fee.text("fee_name").unwrap_or("?");
    Onset {
        occurrence: format!("fee:{}@{}", fee.seq, fee.head.source),
        begins: fee
            .stamp("pay_time")
            .unwrap_or(fee.head.received_at)
            .to_offset(case.terms.zone),
        until: None,
        basis: format!("free, charged {yuan}"),
        gap: None,
        silence: false,
        lines: vec![Bilingual::new(
            format!("事项不收费,收取 {name} {yuan} 元"),
            format!("the item is free, {name} charged {yuan} yuan"),
        )],
        evidence: vec![Evidence::of(item), Evidence::of(fee)],
    }
}

#[cfg(test)]
mod tests {
    use crate::sketch::Sketch;

    #[test]
    fn fires_per_fee_row_of_a_free_item() {
        let sketch = Sketch::read(
            "
            item 5W free
            accept 2024-03-04 09:00 by 2024-03-11
            fee 1 120.00 2024-03-05 09:00
            fee 2 30.50 2024-03-05 09:00",
        );
        let look = sketch.look("2024-03-05 09:00");
        let cards = ["F-01 red fee:1@430102/desk", "F-01 red fee:2@430102/desk"];
        assert_eq!(look.cards(), cards);
    }

    #[test]
    fn is_quiet_where_the_item_charges() {
        let sketch = Sketch::read("item 5W paid\n fee 1 120.00 2024-03-05 09:00");
        assert_eq!(sketch.look("2024-03-05 10:00").cards(), [""; 0]);
    }

    #[test]
    fn at_the_edge_a_fee_of_nothing_is_no_fee() {
        let sketch = Sketch::read("item 5W free\n fee 1 0.00 2024-03-05 09:00");
        assert_eq!(sketch.look("2024-03-05 10:00").cards(), [""; 0]);
        let sketch = Sketch::read("item 5W free\n fee 1 0.01 2024-03-05 09:00");
        assert_eq!(
            sketch.look("2024-03-05 10:00").cards(),
            ["F-01 red fee:1@430102/desk"]
        );
    }

    #[test]
    fn without_fee_rows_or_flag_it_is_not_judged_where_declared() {
        let mut sketch = Sketch::read("accept 2024-03-04 09:00 by 2024-03-11");
        sketch.absent("fee");
        assert!(
            sketch
                .look("2024-03-05 10:00")
                .not_judged()
                .contains(&"F-01".to_owned())
        );
        let mut sketch = Sketch::read("fee 1 5.00 2024-03-05 09:00");
        sketch.absent("item");
        assert!(
            sketch
                .look("2024-03-05 10:00")
                .not_judged()
                .contains(&"F-01".to_owned())
        );
    }
}
