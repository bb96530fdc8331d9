//! The rules, one file each; this is their list, in the order in which they are judged (a rule that
//! builds on another's card stands after it).

use crate::card::RuleId;
use crate::rule::Rule;

pub mod a01_no_reason;
pub mod d01_missing;
pub mod f01_fee_on_free;
pub mod p01_no_approval;
pub mod t01_near_due;
pub mod t02_past_promise;
pub mod t03_after_yellow;
pub mod t04_past_legal;
pub mod t05_step;

/// All rules.
pub static RULES: [&Rule; 9] = [
    &t01_near_due::RULE,
    &t02_past_promise::RULE,
    &t03_after_yellow::RULE,
    &t04_past_legal::RULE,
    &t05_step::RULE,
    &p01_no_approval::RULE,
    &f01_fee_on_free::RULE,
    &a01_no_reason::RULE,
    &d01_missing::RULE,
];

/// The rule of a code.
pub fn by_code(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code == code)
}

/// The ids of all rules, in order of judging.
pub fn ids() -> impl Iterator<Item = RuleId> {
    RULES.iter().map(|rule| rule.id())
}
