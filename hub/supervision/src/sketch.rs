//! A compact notation for cases in tests, so that they read like a story:
//!
//! ```text
//! item 5W legal 20W free
//! accept 2024-03-04 09:00 by 2024-03-11   | got 2024-03-04 10:00
//! step 1 承办 2024-03-05 09:00 to 2024-03-06 10:00 limit 2W
//! pause 02 2024-03-06 09:00 to 2024-03-08 09:00
//! conclude 2024-03-12 09:00 result 10     | got 2024-03-12 09:05 v 2
//! ```
//!
//! Times are +08:00 unless written `2024-03-05T15:30Z` or with an offset. What follows `|` belongs
//! to the record: `got` (received; else its latest time), `v` (version), `seq`, `deleted`, `from`
//! (source). Refuses, by panicking, what it does not know.

use crate::calendar::Calendar;
use crate::card::{Card, CardState};
use crate::docket::{Judgement, Move, apply, judge};
use crate::profile::Profile;
use crate::scene::{Absents, Fact, FaultWindow, RowState, Scene};
use std::collections::VecDeque;
use time::format_description::well_known::Rfc3339;
use time::macros::datetime;
use time::{Date, OffsetDateTime};
use tongcha_schema::element::ElementId;
use tongcha_schema::field::Kind;
use tongcha_schema::record::{Op, Origin, Record, Version};
use tongcha_schema::stamp::canonical;
use tongcha_schema::value::Value;

/// The source of every record unless it says otherwise.
pub const DESK: &str = "430102/desk";

/// A case in the making, with its cards.
#[derive(Clone)]
pub struct Sketch {
    pub facts: Vec<Fact>,
    pub cards: Vec<Card>,
    pub absents: Absents,
    pub faults: Vec<FaultWindow>,
    pub profile: Profile,
    pub calendar: Calendar,
}

impl Sketch {
    /// A case told line by line, under profile huating without D-01.
    pub fn read(text: &str) -> Sketch {
        let profile = "name = \"test\"\nedition = 1\nextends = \"huating\"\n";
        let mut sketch = Sketch {
            facts: Vec::new(),
            cards: Vec::new(),
            absents: Absents::default(),
            faults: Vec::new(),
            profile: Profile::parse(&format!("{profile}[rules.D-01]\nenabled = false\n")).unwrap(),
            calendar: Calendar::cn().unwrap(),
        };
        sketch.add(text);
        sketch
    }

    /// Judges D-01 too.
    pub fn judge_data(&mut self) {
        self.profile = Profile::shipped("huating").unwrap();
    }

    /// Adds lines.
    pub fn add(&mut self, text: &str) {
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
            let record = Words::of(line).record();
            let state = match record.op {
                Op::Delete => RowState::Deleted,
                Op::Insert | Op::Update => RowState::Live,
            };
            for fact in &mut self.facts {
                let (old, new) = (&fact.record, &record);
                if (old.element, old.seq, &old.source) == (new.element, new.seq, &new.source) {
                    fact.state = RowState::Superseded;
                }
            }
            self.facts.push(Fact { record, state });
        }
    }

    /// Declares `element` or `element.field` absent.
    pub fn absent(&mut self, what: &str) {
        let (element, field) = match what.split_once('.') {
            Some((element, field)) => (element, Some(field)),
            None => (what, None),
        };
        let element = ElementId::parse(element).unwrap();
        assert!(self.absents.declare(DESK, element, field), "{what}");
    }

    /// The feed was unhealthy.
    pub fn fault(&mut self, from: &str, until: Option<&str>) {
        let window = FaultWindow {
            source: DESK.into(),
            from: stamp(from),
            until: until.map(stamp),
        };
        self.faults.push(window);
    }

    /// Forgets facts and cards.
    pub fn clear(&mut self) {
        self.facts.clear();
        self.cards.clear();
    }

    /// An appeal withdraws the cards of a rule.
    pub fn withdraw(&mut self, rule: &str) {
        for card in self.cards.iter_mut().filter(|c| c.rule.as_str() == rule) {
            card.state = CardState::Withdrawn {
                at: card.issued_at,
                reason: "申诉成立".into(),
            };
        }
    }

    /// Looks at an instant.
    pub fn look(&self, now: &str) -> Look {
        self.look_at(stamp(now))
    }

    /// Looks at an instant.
    pub fn look_at(&self, now: OffsetDateTime) -> Look {
        let scene = Scene {
            space: "cn",
            case_no: "A-1",
            facts: &self.facts,
            absents: &self.absents,
            faults: &self.faults,
        };
        let judgement = judge(&scene, &self.profile, &self.calendar, &self.cards, now);
        Look {
            judgement,
            before: self.cards.clone(),
        }
    }
}

/// What a look found, in words that a test can compare.
pub struct Look {
    pub judgement: Judgement,
    before: Vec<Card>,
}

impl Look {
    /// `T-02 yellow`, with the occurrence behind it, per card issued or issued again.
    pub fn cards(&self) -> Vec<String> {
        let issued = self.judgement.moves.iter().filter_map(|m| match m {
            Move::Issue(card) | Move::Reissue(card) => Some(card),
            Move::Lift { .. } => None,
        });
        issued
            .map(|c| {
                format!("{} {} {}", c.rule, c.colour.name(), c.occurrence)
                    .trim()
                    .to_owned()
            })
            .collect()
    }

    /// `T-02 false_alarm` per card lifted.
    pub fn lifts(&self) -> Vec<String> {
        let rule = |id| {
            self.before
                .iter()
                .find(|c| c.id == id)
                .unwrap()
                .rule
                .to_string()
        };
        let lifts = self.judgement.moves.iter().filter_map(|m| match m {
            Move::Lift { id, reason, .. } => {
                let reason = serde_json::to_string(reason).unwrap();
                Some(format!("{} {}", rule(id.clone()), reason.trim_matches('"')))
            }
            Move::Issue(_) | Move::Reissue(_) => None,
        });
        lifts.collect()
    }

    /// Rules not judged.
    pub fn not_judged(&self) -> Vec<String> {
        self.judgement
            .not_judged
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    /// Rules held back by an exchange fault.
    pub fn suspended(&self) -> Vec<String> {
        self.judgement
            .suspended
            .iter()
            .map(|s| s.rule.to_string())
            .collect()
    }

    /// The next look, empty where there is none.
    pub fn next(&self) -> String {
        self.judgement.next_look.map(canonical).unwrap_or_default()
    }

    /// Stores the moves in the sketch.
    pub fn settle(&self, sketch: &mut Sketch) {
        apply(&mut sketch.cards, &self.judgement.moves);
    }
}

/// An instant: `2024-03-04 09:00[:ss]` in +08:00, or one word with its own offset.
pub fn stamp(text: &str) -> OffsetDateTime {
    let text = text.replace(' ', "T");
    let (day, clock) = text.split_once('T').unwrap();
    let zone = clock
        .find(['Z', '+', '-'])
        .map_or("+08:00", |at| &clock[at..]);
    let clock = clock.trim_end_matches(zone);
    let seconds = if clock.len() == 5 { ":00" } else { "" };
    let text = format!("{day}T{clock}{seconds}{zone}");
    OffsetDateTime::parse(&text, &Rfc3339).unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// The words of one line, and the record that they make.
struct Words<'a> {
    words: VecDeque<&'a str>,
    tail: VecDeque<&'a str>,
    element: ElementId,
    values: Vec<Option<Value>>,
    latest: OffsetDateTime,
    seq: i64,
    none: Option<Box<str>>,
}

impl<'a> Words<'a> {
    fn of(line: &'a str) -> Words<'a> {
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

    fn record(mut self) -> Record {
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
        let mut record = Record {
            source: source.into(),
            space: "cn".into(),
            case_no: "A-1".into(),
            org_bus_no: "".into(),
            element: self.element,
            seq: self.seq,
            version: Version::Given(version),
            op,
            none: self.none,
            values: self.values,
            digest: [0; 32],
            marks: Vec::new(),
            origin: Origin::default(),
            received_at: got.unwrap_or(self.latest),
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
