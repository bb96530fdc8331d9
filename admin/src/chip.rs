//! Chips: a word with a colour, the same everywhere: verdicts, stages, card colours, row states,
//! severities. Refuses to convey anything by colour alone; the word is always there.

use crate::lang::Lang;
use crate::text::Text;
use tongcha_hub::view::cases::CaseLine;
use tongcha_supervision::RowState;

/// A word with a colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chip {
    /// Class of the style sheet.
    pub(crate) class: &'static str,
    /// The word.
    pub(crate) text: &'static str,
}

/// Makes one.
pub(crate) const fn chip(class: &'static str, text: &'static str) -> Chip {
    Chip { class, text }
}

/// Verdict of an envelope or item.
pub(crate) fn verdict(t: &'static Text, name: &str) -> Chip {
    match name {
        "accepted" => chip("good", t.v_accepted),
        "partly" => chip("part", t.v_partly),
        _ => chip("bad", t.v_refused),
    }
}

/// Colour of a card.
pub(crate) fn colour(t: &'static Text, name: &str) -> Chip {
    match name {
        "red" => chip("card-red", t.c_red),
        "yellow" => chip("card-yellow", t.c_yellow),
        "warn" => chip("card-warn", t.c_warn),
        _ => chip("card-fault", t.c_fault),
    }
}

/// State of a card.
pub(crate) fn card_state(t: &'static Text, name: &str) -> Chip {
    match name {
        "open" => chip("strong", t.cs_open),
        "lifted" => chip("plain", t.cs_lifted),
        _ => chip("plain", t.cs_withdrawn),
    }
}

/// Severity of a finding.
pub(crate) fn severity(t: &'static Text, name: &str) -> Chip {
    match name {
        "error" => chip("bad", t.s_error),
        "warn" => chip("part", t.s_warn),
        _ => chip("card-fault", t.s_fault),
    }
}

/// Stage of a case.
pub(crate) fn stage(t: &'static Text, name: &str) -> Chip {
    match name {
        "applied" => chip("plain", t.st_applied),
        "correcting" => chip("part", t.st_correcting),
        "refused" => chip("plain", t.st_refused),
        "accepted" => chip("run", t.st_accepted),
        "paused" => chip("part", t.st_paused),
        "concluded" => chip("good", t.st_concluded),
        _ => chip("plain", t.st_new),
    }
}

/// Whether a case is late or overdue.
pub(crate) fn lateness(t: &'static Text, case: &CaseLine) -> Option<Chip> {
    match (case.late, case.overdue) {
        (true, _) => Some(chip("bad", t.late)),
        (_, true) => Some(chip("bad", t.overdue)),
        _ => None,
    }
}

/// Why no card of a case is issued; `None` where it is not held.
pub(crate) fn held(t: &'static Text, name: &str) -> Option<Chip> {
    match name {
        "refused" => Some(chip("part", t.h_refused)),
        "calendar" => Some(chip("part", t.h_calendar)),
        "fault" => Some(chip("part", t.h_fault)),
        _ => None,
    }
}

/// State of a stored version.
pub(crate) fn row_state(t: &'static Text, state: RowState) -> Chip {
    match state {
        RowState::Live => chip("good", t.rs_live),
        RowState::Superseded => chip("plain", t.rs_superseded),
        RowState::Late => chip("part", t.rs_late),
        RowState::Deleted => chip("bad", t.rs_deleted),
    }
}

/// Name of an element in a ledger.
pub(crate) fn element_name(lang: Lang, name: &str) -> &'static str {
    tongcha_schema::element::ElementId::parse(name).map_or(Text::of(lang).unknown_element, |e| {
        lang.pick(e.spec().zh, e.spec().en)
    })
}

/// What a card is about within its case, in words: an element, a step, a fee.
pub(crate) fn occurrence(lang: Lang, text: &str) -> String {
    let t = Text::of(lang);
    if let Some(element) = tongcha_schema::element::ElementId::parse(text) {
        return lang.pick(element.spec().zh, element.spec().en).to_owned();
    }
    let numbered = text
        .split_once(':')
        .map(|(kind, rest)| (kind, rest.split('@').next()));
    match numbered {
        Some(("step", Some(number))) => format!("{} {number}", t.step_no),
        Some(("fee", Some(number))) => format!("{} {number}", t.fee_no),
        _ if text == "approval" => t.approval.to_owned(),
        _ => text.to_owned(),
    }
}

/// Name of a rule; empty where this version knows none of that code.
pub(crate) fn rule_name(lang: Lang, code: &str) -> &'static str {
    tongcha_supervision::rules::by_code(code).map_or("", |r| lang.pick(r.title.0, r.title.1))
}
