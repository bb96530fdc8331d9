//! Case numbers (办件编号) that are built so that no two systems give the same one. Refuses to know
//! whether such a case exists.

use crate::stamp;

/// Characters of an implement code (实施清单编码): the organ's 18, its level, 12 of the basic code.
const IMPLEMENT_CODE: usize = 31;
/// Characters of an item's and of an organ's code in the provincial number.
const ITEM_AND_ORGAN: usize = 18;

/// Whether a case number is built as a shared one: 43 characters, an implement code of 31, the day as
/// YYYYMMDD and four digits (national platform); or 29 characters, 9 of the item, 9 of the organ, one, the
/// day as YYMMDD and four digits (Guangdong's exchange). Anything else may be a system's own count.
pub fn is_shared(case_no: &str) -> bool {
    let plain = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
    if !case_no.bytes().all(plain) {
        return false;
    }
    let tail = match case_no.len() {
        43 => case_no[IMPLEMENT_CODE..].to_owned(),
        29 => format!("20{}", &case_no[ITEM_AND_ORGAN + 1..]),
        _ => return false,
    };
    tail.bytes().all(|b| b.is_ascii_digit()) && stamp::parse_date(&tail[..8]).is_ok()
}

/// Whether a text only stands where a number is missing: what a spreadsheet shows of a column that is too narrow,
/// what programs write of nothing, what a clerk writes. All cases behind one such text would be one case.
pub fn is_stand_in(case_no: &str) -> bool {
    const NOTHING: [&str; 14] = [
        "null", "none", "nil", "nan", "n/a", "#n/a", "#value!", "#ref!", "无", "空", "暂无",
        "未知", "/", "\\",
    ];
    let lower = case_no.to_lowercase();
    let marks = |c: char| matches!(c, '#' | '-' | '—' | '－' | '*' | '.');
    !case_no.is_empty() && (case_no.chars().all(marks) || NOTHING.contains(&lower.as_str()))
}

#[cfg(test)]
mod tests {
    use super::{is_shared, is_stand_in};

    #[test]
    fn what_stands_for_nothing_is_no_number() {
        for nothing in ["#####", "null", "NULL", "NaN", "无", "-", "——", "#N/A", "/"] {
            assert!(is_stand_in(nothing), "{nothing}");
        }
        for number in ["", "0", "1", "A-1", "无字第1号", "2026-0001", "null1"] {
            assert!(!is_stand_in(number), "{number}");
        }
    }

    #[test]
    fn only_what_names_organ_and_day_is_shared() {
        for shared in [
            "XK000000100900001512603020001",
            "11431321009000015L2000119013000202603020001",
        ] {
            assert!(is_shared(shared), "{shared}");
        }
        for own in [
            "",
            "1",
            "20260302001",
            "431321202603020001",
            "XK000000100900001512613020001",
            "xk000000100900001512603020001",
            "11431321009000015L2000119013000202613020001",
            "编号00000100900001512603020001",
        ] {
            assert!(!is_shared(own), "{own}");
        }
    }
}
