//! How alike two names are: of a place in a sample and of a field of ours. Titles in Chinese and
//! English, the sounds of the Chinese ones, and what other dialects call the field. Refuses to look
//! at values.

use super::pinyin::sounds;
use super::words::{read_as, words, words_alike};
use std::collections::BTreeMap;
use tongcha_schema::element::ElementId;

/// What is not a field of an element but of the case: target, title, English.
pub(super) const OF_THE_CASE: [(&str, &str, &str); 4] = [
    ("case.case_no", "办件编号", "case number"),
    ("case.org_bus_no", "业务流水号", "business number"),
    ("case.version", "数据版本号", "data version"),
    ("case.op", "数据操作", "operation"),
];

/// Titles that departments commonly give to a field of ours.
const TITLES: [(&str, &[&str]); 22] = [
    ("case.case_no", &["申办号", "受理号", "业务号", "案件编号"]),
    ("item.item_name", &["事项", "申请事项", "业务名称"]),
    ("item.item_code", &["事项编码", "事项代码"]),
    (
        "applicant.name",
        &["申请人", "申请人名称", "申请单位", "申报单位"],
    ),
    (
        "applicant.id_no",
        &["申请人证件号码", "身份证号码", "证照号码"],
    ),
    ("applicant.id_type", &["申请人证件类型", "证件类别"]),
    ("applicant.mobile", &["联系电话", "手机", "电话"]),
    ("applicant.contact_name", &["联系人", "代理人"]),
    ("applicant.address", &["地址", "联系地址"]),
    (
        "case_base.apply_time",
        &["申报时间", "申办时间", "提交时间"],
    ),
    ("case_base.project_name", &["项目名称"]),
    ("acceptance.accept_org_name", &["受理机构", "受理部门"]),
    ("acceptance.accept_person", &["受理人", "窗口人员"]),
    (
        "acceptance.promise_date",
        &["承诺时间", "承诺日期", "应办结时间"],
    ),
    ("process.step_name", &["审批环节", "节点名称"]),
    ("process.handler", &["审批人", "处理人员", "经办人"]),
    ("process.opinion", &["审批意见", "处理意见"]),
    ("process.start_time", &["开始时间", "接收时间"]),
    ("process.end_time", &["结束时间", "审批时间"]),
    ("conclusion.done_time", &["完成时间", "办理完成时间"]),
    ("conclusion.result", &["办理结果", "审批结果"]),
    ("result_doc.doc_no", &["证照编号", "证书编号", "批文号"]),
];

/// A name in the forms that are compared.
#[derive(Debug)]
struct Name {
    plain: String,
    /// Chinese: with words of the same meaning made equal.
    read: String,
    words: Vec<String>,
}

impl Name {
    fn of(text: &str) -> Name {
        let plain = plain(text);
        Name {
            read: read_as(&plain),
            words: if plain.is_ascii() {
                words(text)
            } else {
                Vec::new()
            },
            plain,
        }
    }
}

/// The names of one target.
#[derive(Debug)]
struct Named {
    target: String,
    /// Names, each with how much it weighs.
    names: Vec<(Name, f64)>,
    /// Initials and full sounds of the title.
    initials: String,
    sounds: String,
}

/// The names of all targets.
#[derive(Debug)]
pub(super) struct Names {
    all: Vec<Named>,
    /// The names of each element.
    elements: Vec<(&'static str, Vec<Name>)>,
    /// In how many titles a Chinese character stands.
    common: BTreeMap<char, f64>,
}

/// How alike a place is to a target.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alike<'n> {
    /// `element.field`.
    pub target: &'n str,
    /// By the place's own name, 0 to 1.
    pub name: f64,
    /// Whether the node above is named like the element, 0 to 1.
    pub above: f64,
}

impl Names {
    /// Our own names, and those that known dialects use: places with their targets.
    pub fn new(known: impl IntoIterator<Item = (String, String)>) -> Names {
        let mut others: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (place, target) in known {
            let last = place.rsplit(['/', '@']).next().unwrap_or_default();
            others.entry(target).or_default().push(last.to_owned());
        }
        let mut all = Vec::new();
        let mut add = |target: String, zh: &str, names: Vec<(String, f64)>| {
            let title = zh.split('（').next().unwrap_or(zh);
            let heard = sounds(title).unwrap_or_default();
            let mut names = names;
            let known = others.remove(&target).unwrap_or_default();
            names.extend(known.into_iter().map(|n| (n, 1.0)));
            let titles = TITLES.iter().filter(|(t, _)| *t == target);
            names.extend(
                titles
                    .flat_map(|(_, all)| all.iter())
                    .map(|n| ((*n).to_owned(), 0.97)),
            );
            all.push(Named {
                target,
                names: names.iter().map(|(n, w)| (Name::of(n), *w)).collect(),
                initials: heard.iter().filter_map(|s| s.chars().next()).collect(),
                sounds: heard.concat(),
            });
        };
        for (target, zh, en) in OF_THE_CASE {
            let names = vec![(zh.to_owned(), 1.0), (en.to_owned(), 1.0)];
            add(target.to_owned(), zh, names);
        }
        for element in ElementId::ALL {
            let spec = element.spec();
            for field in spec.fields {
                let whole = format!("{}{}", spec.zh.trim_end_matches("信息"), field.zh);
                let names = vec![
                    (field.zh.to_owned(), 1.0),
                    (whole, 0.95),
                    (field.en.to_owned(), 0.95),
                    (field.name.to_owned(), 1.0),
                    (format!("{} {}", spec.en, field.name), 0.95),
                ];
                add(format!("{}.{}", spec.name, field.name), field.zh, names);
            }
        }
        let mut common = BTreeMap::new();
        for element in ElementId::ALL {
            for field in element.spec().fields {
                let mut chars: Vec<char> = read_as(field.zh).chars().collect();
                chars.sort_unstable();
                chars.dedup();
                for c in chars {
                    *common.entry(c).or_insert(0.0) += 1.0;
                }
            }
        }
        let of = |element: ElementId| {
            let spec = element.spec();
            let names = [spec.name, spec.en, spec.zh.trim_end_matches("信息")];
            (spec.name, names.map(Name::of).into_iter().collect())
        };
        Names {
            all,
            elements: ElementId::ALL.map(of).into_iter().collect(),
            common,
        }
    }

    /// Every target with how alike its names are to those of a place: its last step, and the node
    /// above it.
    pub fn alike<'n>(&'n self, each: &str, place: &str) -> Vec<Alike<'n>> {
        let mut steps = place.rsplit(['/', '@']).filter(|s| !s.is_empty());
        let name = steps.next().unwrap_or(place);
        let own = Name::of(name);
        let above = steps.chain(each.rsplit('/')).filter(|s| !s.is_empty());
        let above: Vec<Name> = above.map(Name::of).collect();
        let mut kin: BTreeMap<&str, f64> = BTreeMap::new();
        for (element, names) in &self.elements {
            let of = |step: &Name| {
                let all = names.iter().map(|n| self.names_alike(step, n));
                all.fold(0.0, f64::max)
            };
            kin.insert(element, above.iter().map(of).fold(0.0, f64::max));
        }
        let like = |named: &Named| {
            let by_name = |(other, weight): &(Name, f64)| weight * self.names_alike(&own, other);
            named
                .names
                .iter()
                .map(by_name)
                .fold(by_sound(name, named), f64::max)
        };
        let one = |named: &'n Named| Alike {
            target: &named.target,
            name: like(named),
            above: kin.get(element_of(&named.target)).copied().unwrap_or(0.0),
        };
        self.all.iter().map(one).collect()
    }

    fn names_alike(&self, a: &Name, b: &Name) -> f64 {
        let (x, y) = (&a.plain, &b.plain);
        if x.is_empty() || y.is_empty() {
            return 0.0;
        }
        if x == y {
            return 1.0;
        }
        if x.is_ascii() && y.is_ascii() {
            return 0.96 * words_alike(&a.words, &b.words);
        }
        if x.is_ascii() || y.is_ascii() {
            return 0.0;
        }
        self.titles_alike(x, y)
            .max(0.97 * self.titles_alike(&a.read, &b.read))
    }

    /// Chinese: shared characters, the rarer the more, shared pairs, a title within the other.
    fn titles_alike(&self, x: &str, y: &str) -> f64 {
        if x == y {
            return 1.0;
        }
        let weight = |c: &char| (170.0 / (1.0 + self.common.get(c).copied().unwrap_or(0.0))).ln();
        let (a, b): (Vec<char>, Vec<char>) = (x.chars().collect(), y.chars().collect());
        let sum = |list: &[char]| list.iter().map(weight).sum::<f64>();
        let shared: f64 = a.iter().filter(|c| b.contains(c)).map(weight).sum();
        let chars = (2.0 * shared / (sum(&a) + sum(&b))).min(1.0);
        let pairs = dice(&pairs(x), &pairs(y));
        let within = if x.contains(y) || y.contains(x) {
            let (n, m) = (a.len().min(b.len()), a.len().max(b.len()));
            0.45 + 0.5 * n as f64 / m as f64
        } else {
            0.0
        };
        within.max(0.95 * (pairs + chars) / 2.0).max(0.85 * chars)
    }
}

fn element_of(target: &str) -> &str {
    target.split('.').next().unwrap_or_default()
}

fn plain(name: &str) -> String {
    let lower = name.chars().flat_map(char::to_lowercase);
    lower.filter(|c| c.is_alphanumeric()).collect()
}

/// Columns named by the sounds of a title: `SLSJ`, `shouLiShiJian`.
fn by_sound(name: &str, named: &Named) -> f64 {
    let name = plain(name);
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase()) || named.initials.len() < 2
    {
        return 0.0;
    }
    if name == named.sounds {
        return 0.97;
    }
    let length = named.initials.len().max(name.len());
    if name == named.initials {
        return match length {
            2 => 0.5,
            3 => 0.72,
            _ => 0.88,
        };
    }
    // One letter more or less: titles vary by a character (受理人 and 受理人员).
    let ends = name.starts_with(&named.initials) || named.initials.starts_with(&name);
    let ends = ends || name.ends_with(&named.initials) || named.initials.ends_with(&name);
    let off = name.len().abs_diff(named.initials.len());
    if ends && length > 3 && off <= 2 && name.len() > 2 {
        return 0.7 - 0.1 * off as f64;
    }
    0.0
}

fn pairs(text: &str) -> Vec<(char, char)> {
    let chars: Vec<char> = text.chars().collect();
    chars.windows(2).map(|w| (w[0], w[1])).collect()
}

fn dice<T: PartialEq>(a: &[T], b: &[T]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let shared = a.iter().filter(|x| b.contains(x)).count();
    2.0 * shared as f64 / (a.len() + b.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_four_habits_find_their_field() {
        let names = Names::new([(
            "X/FINISHED_ON".to_owned(),
            "conclusion.done_time".to_owned(),
        )]);
        for (place, target) in [
            ("受理时间", "acceptance.accept_time"),
            ("SLSJ", "acceptance.accept_time"),
            ("shouLiShiJian", "acceptance.accept_time"),
            ("Accept/acceptTime", "acceptance.accept_time"),
            ("ACCEPTED_AT", "acceptance.accept_time"),
            ("FINISHED_ON", "conclusion.done_time"),
            ("@caseNo", "case.case_no"),
            ("事项名称", "item.item_name"),
        ] {
            let all = names.alike("", place);
            let best = all.iter().max_by(|a, b| a.name.total_cmp(&b.name));
            assert_eq!(best.map(|b| b.target), Some(target), "{place}: {best:?}");
        }
        let none = names.alike("", "REC_FLAG");
        let none = none.iter().map(|a| a.name).fold(0.0, f64::max);
        assert!(none < 0.6, "{none}");
    }
}
