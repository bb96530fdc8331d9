//! Drafts from samples whose dialect is not shipped, and from shipped ones whose own file is left out:
//! how many places are found, and whether the figures of sureness can be believed.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;
use tongcha_decode::dialect::golden::{SAMPLES, decoded};
use tongcha_decode::dialect::suggest::{Draft, suggest};
use tongcha_decode::dialect::{Dialect, Registry};

/// A vendor's XML in English, steps and materials below each case.
const ENGLISH: &str = include_str!("data/suggest/english.xml");

const ENGLISH_TRUTH: &[(&str, &str)] = &[
    ("@caseNo", "case.case_no"),
    ("matter/matterCode", "item.item_code"),
    ("matter/matterName", "item.item_name"),
    ("matter/promiseDays", "item.promise_limit"),
    ("applicantInfo/applicantName", "applicant.name"),
    ("applicantInfo/certNo", "applicant.id_no"),
    ("applicantInfo/phone", "applicant.mobile"),
    ("applicantInfo/contactAddress", "applicant.address"),
    ("submitTime", "case_base.apply_time"),
    ("acceptTime", "acceptance.accept_time"),
    ("acceptUser", "acceptance.accept_person"),
    ("acceptDept", "acceptance.accept_org_name|organ.org_name"),
    ("acceptDeptCode", "acceptance.accept_org|organ.org_code"),
    ("promiseDate", "acceptance.promise_date"),
    ("areaCode", "*.region"),
    ("nodeName", "process.step_name"),
    ("operator", "process.handler"),
    ("beginTime", "process.start_time"),
    ("endTime", "process.end_time"),
    ("comment", "process.opinion"),
    ("materialName", "material.material_name"),
    ("copies", "material.quantity"),
    ("receivedAt", "material.receive_time"),
    ("exportBatch", "none"),
];

/// A table with Chinese headings of a vendor's own, codes written as words, dates of its own layout.
const CHINESE: &str = include_str!("data/suggest/chinese.csv");

const CHINESE_TRUTH: &[(&str, &str)] = &[
    ("业务编号", "case.case_no|case.org_bus_no"),
    ("办理事项", "item.item_name"),
    ("申请单位", "applicant.name"),
    ("统一信用代码", "applicant.id_no"),
    ("联系电话", "applicant.mobile"),
    ("收件时间", "case_base.apply_time|material.receive_time"),
    ("受理时间", "acceptance.accept_time"),
    ("经办人", "acceptance.accept_person|process.handler"),
    ("受理部门", "acceptance.accept_org_name"),
    ("办件类型", "case_base.case_type"),
    ("承诺完成日期", "acceptance.promise_date"),
    ("行政区划代码", "*.region"),
    ("打印次数", "none"),
];

/// Rows of conclusions whose columns are the initials of Chinese titles.
const INITIALS: &str = include_str!("data/suggest/initials.json");

const INITIALS_TRUTH: &[(&str, &str)] = &[
    ("BJBH", "case.case_no"),
    ("BJJG", "conclusion.result"),
    ("JGMS", "conclusion.result_desc"),
    ("BJSJ", "conclusion.done_time"),
    ("BJR", "conclusion.person"),
    ("BJDWDM", "conclusion.org_code"),
    ("BJDWMC", "conclusion.org_name"),
    ("JDSWH", "conclusion.decision_no"),
    ("SFSF", "conclusion.is_fee"),
    ("BJDQH", "conclusion.region"),
    ("SJBBH", "case.version"),
    ("TBBZ", "none"),
];

/// A table of another vendor, written after the weights were set.
const HELD_OUT: &str = include_str!("data/suggest/held-out.csv");

const HELD_OUT_TRUTH: &[(&str, &str)] = &[
    ("受理编号", "case.case_no|acceptance.accept_doc_no"),
    ("事项名称", "item.item_name"),
    ("申请人", "applicant.name"),
    ("证件号码", "applicant.id_no"),
    ("手机", "applicant.mobile"),
    ("申报时间", "case_base.apply_time"),
    ("受理日期", "acceptance.accept_time"),
    ("受理人", "acceptance.accept_person"),
    ("办结日期", "conclusion.done_time"),
    ("办理结果", "conclusion.result"),
    ("许可证号", "result_doc.doc_no"),
    ("发证日期", "result_doc.issue_date"),
    ("备注", "none"),
];

#[derive(Clone, Copy, Debug, Default)]
struct Score {
    /// Places that have a field of ours, and those among them that were found.
    known: u32,
    found: u32,
    /// Picks that were made, and those that are wrong.
    picked: u32,
    wrong: u32,
}

fn is(target: &str, truth: &str) -> bool {
    let one = |t: &str| match t.strip_prefix('*') {
        Some(end) => target.ends_with(end),
        None => target == t,
    };
    truth.split('|').any(one)
}

/// Scores a draft; adds each pick's sureness with whether it is right.
fn score(draft: &Draft, truth: &BTreeMap<String, String>, all: &mut Vec<(f64, bool)>) -> Score {
    let mut out = Score::default();
    for pick in &draft.picks {
        let wanted = truth
            .get(&pick.place.to_lowercase())
            .map_or("none", String::as_str);
        let right = is(&pick.target, wanted);
        all.push((pick.sure, right));
        out.picked += 1;
        out.wrong += u32::from(!right);
        out.found += u32::from(right);
        if !right {
            println!(
                "  {} -> {} {:.2}, is {wanted}",
                pick.place, pick.target, pick.sure
            );
        }
    }
    for left in &draft.left {
        if let Some(wanted) = truth
            .get(&left.place.to_lowercase())
            .filter(|w| *w != "none")
        {
            println!(
                "  {} left out ({} {:.2}), is {wanted}",
                left.place, left.target, left.sure
            );
        }
    }
    let places = draft.picks.iter().chain(&draft.left);
    let places: Vec<String> = places.map(|p| p.place.to_lowercase()).collect();
    let known = truth
        .iter()
        .filter(|(p, t)| *t != "none" && places.contains(p));
    out.known = u32::try_from(known.count()).unwrap();
    out
}

fn truth_of(list: &[(&str, &str)]) -> BTreeMap<String, String> {
    let own = |(p, t): &(&str, &str)| (p.to_lowercase(), (*t).to_owned());
    list.iter().map(own).collect()
}

fn draft(name: &str, bytes: &[u8], without: Option<&str>) -> Draft {
    suggest(Registry::shipped(), name, bytes, without)
        .unwrap()
        .unwrap()
}

#[test]
fn samples_without_a_dialect_are_drafted_and_the_figures_can_be_believed() {
    let mut all = Vec::new();
    let mut rates = Vec::new();
    for (name, text, truth) in [
        ("english", ENGLISH, ENGLISH_TRUTH),
        ("chinese", CHINESE, CHINESE_TRUTH),
        ("initials", INITIALS, INITIALS_TRUTH),
        ("held-out", HELD_OUT, HELD_OUT_TRUTH),
    ] {
        let draft = draft(name, text.as_bytes(), None);
        println!("{name}:");
        let s = score(&draft, &truth_of(truth), &mut all);
        println!(
            "{name}: {} of {} places found, {} of {} picks wrong",
            s.found, s.known, s.wrong, s.picked
        );
        rates.push(f64::from(s.found) / f64::from(s.known));
        // The draft reads, and the sample decodes by it to records.
        let dialect = Dialect::parse(name, &draft.toml)
            .unwrap_or_else(|e| unreachable!("{e}\n{}", draft.toml));
        let shown = decoded(&dialect[0], name, text.as_bytes()).unwrap();
        assert!(shown.contains("case "), "{shown}\n{}", draft.toml);
        // What it does not use is told, and nothing else is found fault with.
        let faults = shown.lines().filter(|l| l.trim_start().starts_with("! "));
        let faults: Vec<&str> = faults.filter(|l| *l != "! X330 0").collect();
        assert!(faults.is_empty(), "{faults:?}\n{}", draft.toml);
    }
    // The same of the shipped families, each without its own file.
    for family in ["guangdong", "shandong", "up-pro", "gbt39046", "bench14"] {
        for sample in SAMPLES
            .iter()
            .filter(|s| s.dialect.split("-csv").next() == Some(family))
        {
            let dialect = Registry::shipped().get(sample.dialect).unwrap();
            let mut truth: BTreeMap<String, String> = BTreeMap::new();
            for (place, target) in dialect.mapped() {
                let entry = truth.entry(place.to_lowercase()).or_default();
                entry.push_str(if entry.is_empty() { "" } else { "|" });
                entry.push_str(&target);
            }
            println!("{} (without its file):", sample.file);
            let draft = draft("other", sample.bytes, Some(family));
            let s = score(&draft, &truth, &mut all);
            println!(
                "{}: {} of {} places found, {} of {} picks wrong",
                sample.file, s.found, s.known, s.wrong, s.picked
            );
            Dialect::parse("other", &draft.toml).unwrap_or_else(|e| unreachable!("{e}"));
        }
    }
    for rate in &rates {
        assert!(*rate >= 0.7, "{rates:?}");
    }
    // What is called sure is right more often than what is not.
    let rate = |from: f64, to: f64| {
        let list: Vec<_> = all.iter().filter(|(s, _)| *s >= from && *s < to).collect();
        let right = list.iter().filter(|(_, r)| *r).count();
        let mean = list.iter().map(|(s, _)| s).sum::<f64>() / list.len().max(1) as f64;
        println!(
            "sureness {from:.2}-{to:.2}: {} picks, {:.2} said, {:.2} right",
            list.len(),
            mean,
            right as f64 / list.len().max(1) as f64
        );
        (list.len(), right as f64 / list.len().max(1) as f64)
    };
    let (low, middle, high) = (rate(0.0, 0.6), rate(0.6, 0.9), rate(0.9, 1.01));
    assert!(low.0 > 5 && middle.0 > 5 && high.0 > 5, "it is no constant");
    assert!(
        high.1 > middle.1 && middle.1 >= low.1,
        "{low:?} {middle:?} {high:?}"
    );
}

#[test]
fn any_bytes_give_a_draft_that_reads_or_none() {
    let mut state = 7_u64;
    let mut pick = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below.max(1) as u64).unwrap()
    };
    let mut drafted = 0;
    for sample in SAMPLES {
        for _ in 0..3 {
            let mut bytes = sample.bytes.to_vec();
            for _ in 0..=pick(3) {
                let (at, from) = (pick(bytes.len()), pick(sample.bytes.len()));
                let to = (from + pick(60)).min(sample.bytes.len());
                match pick(3) {
                    0 => bytes.truncate(at.max(1)),
                    1 => bytes[at] = sample.bytes[from],
                    _ => drop(bytes.splice(at..at, sample.bytes[from..to].iter().copied())),
                }
            }
            let Ok(Some(draft)) = suggest(Registry::shipped(), "a", &bytes, None) else {
                continue;
            };
            drafted += 1;
            if let Err(error) = Dialect::parse("a", &draft.toml) {
                unreachable!("{error}\n{}", draft.toml);
            }
        }
    }
    assert!(drafted > 15, "{drafted}");
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert_eq!(
        suggest(Registry::shipped(), "a", deep.as_bytes(), None).unwrap(),
        None
    );
}
