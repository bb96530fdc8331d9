//! Words within names: how a name is taken apart, and which words mean much the same. Refuses to know
//! fields (`names.rs`).

use std::collections::BTreeSet;
use std::sync::OnceLock;
use tongcha_schema::element::ElementId;

/// Words that mean much the same in a column's name.
const ALIKE: [&[&str]; 25] = [
    &[
        "time",
        "date",
        "at",
        "on",
        "day",
        "datetime",
        "when",
        "timestamp",
    ],
    &["no", "number", "num", "id", "code", "sn"],
    &[
        "org",
        "organ",
        "dept",
        "department",
        "unit",
        "agency",
        "office",
        "bureau",
    ],
    &[
        "person", "user", "handler", "staff", "official", "operator", "clerk", "by", "officer",
    ],
    &["opinion", "remark", "advice", "comment", "comments", "note"],
    &["kind", "type", "category", "class"],
    &[
        "apply",
        "application",
        "applied",
        "submit",
        "submitted",
        "applyer",
    ],
    &["applicant", "applyer", "applier"],
    &["accept", "acceptance", "accepted", "accepting"],
    &[
        "done",
        "finish",
        "finished",
        "conclusion",
        "concluded",
        "complete",
        "completed",
        "closed",
    ],
    &["start", "begin", "started", "began"],
    &["end", "ended", "finish", "finished"],
    &["mobile", "phone", "tel", "cell", "telephone", "cellphone"],
    &[
        "step", "node", "activity", "stage", "process", "proc", "task",
    ],
    &[
        "doc",
        "document",
        "certificate",
        "cert",
        "licence",
        "license",
    ],
    &["name", "title"],
    &["way", "method", "mode"],
    &["opinion", "adv", "advice"],
    &["result", "outcome", "decision"],
    &["address", "addr"],
    &["region", "division", "area", "district"],
    &["material", "attachment", "document", "doc"],
    &["item", "matter", "affair", "service"],
    &["quantity", "copies", "count", "amount"],
    &["limit", "days", "term", "deadline"],
];

/// The same in Chinese: each is read as the last of its list.
const READ_AS: [&[&str]; 7] = [
    &["日期", "时间"],
    &["部门", "机构", "单位"],
    &["联系电话", "手机号码", "手机", "电话"],
    &["流水号", "编号", "号码", "号"],
    &["业务", "案件", "办件"],
    &["经办", "承办", "办理", "处理"],
    &["姓名", "名称"],
];

/// A title with its words replaced by those that mean the same.
pub(super) fn read_as(title: &str) -> String {
    let mut out = title.to_owned();
    for list in READ_AS {
        let Some((last, others)) = list.split_last() else {
            continue;
        };
        for other in others {
            out = out.replace(other, last);
        }
    }
    out
}

/// The words of `acceptTime`, `ACCEPT_TIME`, `accept time` or `ACCEPTTIME`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = pieces(name).iter().flat_map(|w| parted(w)).collect();
    let idle = ["of", "the", "a", "s", "to", "info", "list"];
    if out.iter().any(|w| !idle.contains(&w.as_str())) {
        out.retain(|w| !idle.contains(&w.as_str()));
    }
    out
}

/// Runs of letters and digits, cut where a small letter is followed by a capital.
fn pieces(name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut lower = false;
    for c in name.chars() {
        let ends = !c.is_alphanumeric() || (c.is_uppercase() && lower);
        if ends && !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        lower = c.is_lowercase() || c.is_ascii_digit();
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

/// A piece as words that are known, the fewest; else as it is.
fn parted(piece: &str) -> Vec<String> {
    let known = vocabulary();
    if !piece.is_ascii() || known.contains(piece) {
        return vec![piece.to_owned()];
    }
    // The fewest words up to each place, and where the last of them begins.
    let mut best: Vec<Option<(usize, usize)>> = vec![None; piece.len() + 1];
    best[0] = Some((0, 0));
    for end in 1..=piece.len() {
        for from in 0..end {
            if let Some((n, _)) = best[from]
                && known.contains(&piece[from..end])
                && best[end].is_none_or(|(least, _)| n + 1 < least)
            {
                best[end] = Some((n + 1, from));
            }
        }
    }
    let mut out = Vec::new();
    let mut end = piece.len();
    while end > 0 {
        let Some((_, from)) = best[end] else {
            return vec![piece.to_owned()];
        };
        out.insert(0, piece[from..end].to_owned());
        end = from;
    }
    out
}

/// The English words of our own names and of [`ALIKE`].
fn vocabulary() -> &'static BTreeSet<String> {
    static WORDS: OnceLock<BTreeSet<String>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let alike = ALIKE.iter().flat_map(|g| g.iter().map(|w| (*w).to_owned()));
        let fields = ElementId::ALL.into_iter().flat_map(|e| e.spec().fields);
        let ours = fields.flat_map(|f| pieces(f.name).into_iter().chain(pieces(f.en)));
        alike.chain(ours).filter(|w| w.len() > 1).collect()
    })
}

pub(super) fn words_alike(a: &[String], b: &[String]) -> f64 {
    let like = |x: &String, y: &String| {
        if x == y {
            1.0
        } else if ALIKE
            .iter()
            .any(|g| g.contains(&x.as_str()) && g.contains(&y.as_str()))
        {
            0.85
        } else if x.len() > 3
            && y.len() > 3
            && (x.starts_with(y.as_str()) || y.starts_with(x.as_str()))
        {
            0.8
        } else {
            0.0
        }
    };
    let best = |from: &[String], to: &[String]| -> f64 {
        from.iter()
            .map(|x| to.iter().map(|y| like(x, y)).fold(0.0, f64::max))
            .sum()
    };
    (best(a, b) + best(b, a)) / (a.len() + b.len()).max(1) as f64
}
