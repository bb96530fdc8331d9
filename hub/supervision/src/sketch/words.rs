//! The words of one line of a sketch, and the record that they make. Refuses, by panicking, what it
//! does not know.

use super::{DESK, stamp};
use std::collections::VecDeque;
use std::sync::Arc;
use time::macros::datetime;
use time::{Date, OffsetDateTime};
use tongcha_schema::element::ElementId;
use tongcha_schema::field::Kind;
use tongcha_schema::record::{CaseHead, Op, Record, Version};
use tongcha_schema::value::Value;

/// The words of one line, and the record that they make.
pub(super) struct Words<'a> {
    words: VecDeque<&'a str>,
    tail: VecDeque<&'a str>,
    element: ElementId,
    values: Vec<Option<Value>>,
    latest: OffsetDateTime,
    seq: i64,
    none: Option<Box<str>>,
}

impl<'a> Words<'a> {
    /// Reads a line.
    pub(super) fn of(line: &'a str) -> Words<'a> {
        let (head, tail) = line.split_once('|').unwrap_or((line, ""));
        let mut words: VecDeque<&str> = head.split_whitespace().collect();
        let verb = words.pop_front().unwrap();
        let element = match verb {
            "item" => ElementId::Item,
            "base" => ElementId::CaseBase,
            "accept" => ElementId::Acceptance,
            "step" => ElementId::Process,
            "pause" | "extend" => ElementId::Special,
            "correct" => ElementId::Correction,
            "fee" => ElementId::Fee,
            "conclude" => ElementId::Conclusion,
            "fill" | "none" => ElementId::parse(words.front().unwrap()).unwrap(),
            _ => panic!("unknown verb {verb}"),
        };
        let mut this = Words {
            words,
            tail: tail.split_whitespace().collect(),
            element,
            values: vec![None; element.spec().fields.len()],
            latest: datetime!(2000-01-01 0:00 +8),
            seq: 1,
            none: None,
        };
        this.head(verb);
        assert!(this.words.is_empty(), "{line}: {:?} left", this.words);
        this
    }

    fn head(&mut self, verb: &str) {
        match verb {
            "item" => {
                self.limit("promise_limit", "promise_unit");
                self.set("item_code", "430102-0001");
                self.set("item_name", "测试事项");
                self.set("item_type", "01");
            }
            "base" => {
                self.word("case_type");
                self.word("project_name");
                self.time("apply_time");
            }
            "accept" => {
                self.time("accept_time");
                self.set("accept_state", "1");
            }
            "step" => {
                self.seq = self.words.pop_front().unwrap().parse().unwrap();
                let code = match self.words.front() {
                    Some(&"承办") => "1",
                    Some(&"审核") => "2",
                    Some(&"批准") => "3",
                    _ => "9",
                };
                self.set("step_code", code);
                self.word("step_name");
                self.time("start_time");
            }
            "pause" => {
                self.word("kind");
                self.time("start_time");
            }
            "extend" => {
                self.set("kind", "01");
                self.time("start_time");
            }
            "correct" => self.time("notice_time"),
            "fee" => {
                self.seq = self.words.pop_front().unwrap().parse().unwrap();
                let yuan = self.words.pop_front().unwrap().replace('.', "");
                self.set("paid", &yuan);
                self.time("pay_time");
            }
            "conclude" => {
                self.time("done_time");
                self.set("result", "10");
            }
            "none" => {
                self.none = Some("1".into());
                self.words.pop_front();
            }
            _ => {
                self.words.pop_front();
            }
        }
        while let Some(word) = self.words.pop_front() {
            self.option(word);
        }
    }

    fn option(&mut self, word: &str) {
        let element = self.element;
        match (word, element) {
            ("legal", _) => self.limit("legal_limit", "legal_unit"),
            ("free", _) => self.set("is_fee", "0"),
            ("paid", _) => self.set("is_fee", "1"),
            ("ver", _) => self.word("item_ver"),
            ("by", ElementId::Acceptance) => self.word("promise_date"),
            ("by", _) => self.limit("limit", "limit_unit"),
            ("state", _) => self.word("accept_state"),
            ("why", ElementId::Acceptance) => self.word("refuse_reason"),
            ("why", _) => self.word("reason"),
            ("to", ElementId::Correction) => self.time("received_time"),
            ("to", _) => self.time("end_time"),
            ("limit", _) => self.limit("step_limit", "step_unit"),
            ("due", _) => self.time("due_time"),
            ("result", _) => self.word("result"),
            ("at", _) => self.word("org_code"),
            _ => panic!("unknown word {word}"),
        }
    }

    /// The record that the words make.
    pub(super) fn record(mut self) -> Record {
        let (mut version, mut op) = (1, Op::Insert);
        let mut source = DESK;
        let mut got = None;
        while let Some(word) = self.tail.pop_front() {
            match word {
                "got" => {
                    let day = self.tail.pop_front().unwrap();
                    let clock = self.tail.pop_front().unwrap();
                    got = Some(stamp(&format!("{day} {clock}")));
                }
                "v" => version = self.tail.pop_front().unwrap().parse().unwrap(),
                "seq" => self.seq = self.tail.pop_front().unwrap().parse().unwrap(),
                "from" => source = self.tail.pop_front().unwrap(),
                "deleted" => op = Op::Delete,
                _ => panic!("unknown word {word}"),
            }
        }
        let head = CaseHead::bare(&source, "cn", "A-1", got.unwrap_or(self.latest));
        let mut record = Record {
            head: Arc::new(head),
            element: self.element,
            seq: self.seq,
            version: Version::Given(version),
            op,
            none: self.none,
            values: self.values,
            digest: [0; 32],
            marks: Vec::new(),
            number: 0,
            line: 0,
        };
        record.digest = record.compute_digest();
        record
    }

    fn set(&mut self, field: &str, text: &str) {
        let spec = self.element.spec();
        let index = spec
            .field_index(field)
            .unwrap_or_else(|| panic!("no field {field}"));
        let value = match spec.fields[index].kind {
            Kind::Int(..) => Value::Int(text.parse().unwrap()),
            Kind::Money => Value::Money(text.parse().unwrap()),
            Kind::Flag => Value::Flag(text == "1"),
            Kind::Date => Value::Date(
                Date::parse(
                    text,
                    &time::macros::format_description!("[year]-[month]-[day]"),
                )
                .unwrap(),
            ),
            Kind::DateTime => Value::Stamp(stamp(text)),
            _ => Value::Text(text.into()),
        };
        self.values[index] = Some(value);
    }

    fn word(&mut self, field: &str) {
        let word = self.words.pop_front().unwrap();
        self.set(field, word);
    }

    fn time(&mut self, field: &str) {
        let mut text = self.words.pop_front().unwrap().to_owned();
        if !text.contains('T') {
            text = format!("{text} {}", self.words.pop_front().unwrap());
        }
        self.latest = self.latest.max(stamp(&text));
        self.set(field, &text);
    }

    /// `5W` into a count and a unit.
    fn limit(&mut self, count: &str, unit: &str) {
        let word = self.words.pop_front().unwrap();
        let (number, code) = word.split_at(word.len() - 1);
        self.set(count, number);
        self.set(unit, code);
    }
}
