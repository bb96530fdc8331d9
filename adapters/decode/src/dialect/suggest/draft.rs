//! The picks as the text of a dialect file, each line with how sure it is. What is not sure enough stands
//! there in comments, and so does what the sample does not show: a declared absence switches supervision
//! off, so a person takes the mark away. Refuses to hide what was not picked: it stands at the end.

use super::Pick;
use super::sample::Sample;
use super::values::Texts;
use crate::dialect::Shape;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use tongcha_schema::element::{Cardinality, ElementId};
use tongcha_schema::field::{Kind, Need};

/// A pick below this is written as a comment: of those that are above, nine in ten were right.
pub(super) const LIVE: f64 = 0.6;
/// Values of a code that are shown, and characters of each.
const VALUES: usize = 20;
const VALUE_CHARS: usize = 20;

/// The same of the case number, which no draft can do without: what is likelier than all else together.
const LIVE_NUMBER: f64 = 0.5;

fn is_live(pick: &Pick) -> bool {
    let least = match pick.target.as_str() {
        "case.case_no" => LIVE_NUMBER,
        _ => LIVE,
    };
    pick.sure >= least
}

/// Writes the draft.
pub(super) fn write(name: &str, sample: &Sample, picks: &[Pick], left: &[Pick]) -> String {
    let mut out = head(name, sample, picks);
    let mut used: Vec<(ElementId, Vec<&str>)> = Vec::new();
    for scope in &sample.scopes {
        for element in ElementId::ALL {
            let prefix = format!("{}.", element.name());
            let of = |p: &&Pick| p.each == scope.each && p.target.starts_with(&prefix);
            let mut fields: Vec<&Pick> = picks.iter().filter(of).collect();
            if fields.is_empty() {
                continue;
            }
            fields.sort_by_key(|p| index(p));
            record(&mut out, sample, element, &scope.each, &fields);
            let live = fields.iter().filter(|p| is_live(p));
            let names = live.filter_map(|p| p.target.split('.').nth(1));
            match used.iter_mut().find(|(e, _)| *e == element) {
                Some((_, all)) => all.extend(names),
                None => used.push((element, names.collect())),
            }
        }
    }
    absent(&mut out, &used);
    if !left.is_empty() {
        out.push_str("\n# 未采用（括号内为最接近的字段） · Not used, with the likeliest field:\n");
    }
    if !left.is_empty() {
        let places: Vec<String> = left.iter().map(|p| quoted(&below(p))).collect();
        let _ = writeln!(
            out,
            "# 确实不用的，请移到文件开头的 leave_out · What is not needed goes to the top of the file:\n\
             # leave_out = [{}]",
            places.join(", ")
        );
    }
    for pick in left {
        let at = match pick.each.as_str() {
            "" => pick.place.clone(),
            each => format!("{each} > {}", pick.place),
        };
        let _ = writeln!(out, "#   {at} ({} {})", pick.target, percent(pick.sure));
    }
    out
}

/// A place as `leave_out` names it.
fn below(pick: &Pick) -> String {
    match pick.each.as_str() {
        "" => pick.place.clone(),
        each if pick.place.starts_with('@') => format!("{each}{}", pick.place),
        each => format!("{each}/{}", pick.place),
    }
}

fn index(pick: &Pick) -> usize {
    let (element, field) = pick.target.split_once('.').unwrap_or_default();
    let spec = ElementId::parse(element).map(ElementId::spec);
    spec.and_then(|s| s.field_index(field))
        .unwrap_or(usize::MAX)
}

fn percent(sure: f64) -> String {
    format!("{:.0} %", sure * 100.0)
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    // A text always serialises, and JSON's escapes are TOML's.
    serde_json::to_string(text).unwrap_or_default()
}

/// How sure a line is, and what else it may be.
fn said(pick: &Pick) -> String {
    let mut out = format!("  # {}", percent(pick.sure));
    for (target, odds) in &pick.others {
        let _ = write!(out, "; {target} {}", percent(*odds));
    }
    out
}

fn head(name: &str, sample: &Sample, picks: &[Pick]) -> String {
    let mut out = String::from(
        "# 由样例起草：逐行核对后再用，百分数是把握。\n\
         # Drafted from a sample: read every line before you use it; the figures say how sure it is.\n",
    );
    let kind = sample.shape.name();
    let _ = write!(
        out,
        "name = {}\nversion = \"1\"\nkind = \"{kind}\"\ntitle_zh = \"（草稿）\"\ntitle_en = \"(draft)\"\n\
         zone = \"+08:00\"\nspace = \"source\"\n\n[recognise]\n",
        quoted(name)
    );
    if sample.shape == Shape::Xml {
        let _ = writeln!(out, "root = {}", quoted(&sample.root));
    } else {
        let own = picks.iter().filter(|p| p.each.is_empty() && is_live(p));
        let mut columns: Vec<String> = own.take(4).map(|p| quoted(&p.place)).collect();
        if columns.is_empty() {
            columns.extend(sample.scopes[0].places.iter().map(|p| quoted(&p.name)));
        }
        let _ = writeln!(out, "columns = [{}]", columns.join(", "));
    }
    out.push_str("\n[case]\n");
    if sample.shape == Shape::Xml {
        let paths: Vec<String> = sample.paths.iter().map(|p| quoted(p)).collect();
        let _ = writeln!(out, "path = [{}]", paths.join(", "));
    }
    if let Some((node, attribute)) = &sample.named {
        let _ = writeln!(out, "named = {}", quoted(&format!("{node}@{attribute}")));
    }
    let find = |target: &str| picks.iter().find(|p| p.target == target);
    let sure = |target: &str| find(target).filter(|p| is_live(p));
    match find("case.case_no") {
        Some(pick) if is_live(pick) => {
            let _ = writeln!(out, "case_no = {}{}", quoted(&pick.place), said(pick));
        }
        unsure => {
            let near = unsure.map_or(String::new(), |p| {
                format!("; {} {}", quoted(&p.place), percent(p.sure))
            });
            let zh = "没有把握，请填办件编号的列";
            let _ = writeln!(
                out,
                "case_no = \"?\"  # {zh} · not sure: name the column of the case number{near}"
            );
        }
    }
    if let Some(pick) = sure("case.org_bus_no") {
        let _ = writeln!(out, "org_bus_no = {}{}", quoted(&pick.place), said(pick));
    }
    match sure("case.version") {
        Some(pick) => {
            let place = quoted(&pick.place);
            let _ = writeln!(
                out,
                "version = {{ from = {place}, default = \"1\" }}{}",
                said(pick)
            );
        }
        None => out.push_str("version = \"arrival\"\n"),
    }
    if let Some(pick) = sure("case.op") {
        let (place, said) = (quoted(&pick.place), said(pick));
        let _ = writeln!(out, "op = {{ from = {place}, default = \"I\" }}{said}");
    }
    out
}

fn record(out: &mut String, sample: &Sample, element: ElementId, each: &str, fields: &[&Pick]) {
    let live: Vec<&Pick> = fields.iter().copied().filter(|p| is_live(p)).collect();
    // A record of nothing but guesses is a comment as a whole.
    let mark = if live.is_empty() { "# " } else { "" };
    let _ = writeln!(
        out,
        "\n{mark}[[record]]\n{mark}element = \"{}\"",
        element.name()
    );
    if !each.is_empty() {
        let _ = writeln!(out, "{mark}each = {}", quoted(each));
    }
    if element.spec().cardinality == Cardinality::One {
        let _ = writeln!(out, "{mark}seq = 1");
    } else {
        let keys = if live.is_empty() { fields } else { &live };
        let _ = writeln!(out, "{mark}seq = [{}]", key(keys).join(", "));
    }
    let _ = writeln!(out, "{mark}[record.fields]");
    for pick in fields {
        let field = pick.target.split('.').nth(1).unwrap_or_default();
        let mark = if is_live(pick) { "" } else { "# " };
        let _ = writeln!(out, "{mark}{field} = {}{}", take(sample, pick), said(pick));
        if let Some(values) = codes_seen(sample, pick) {
            let _ = writeln!(out, "#   值 values: {values}");
        }
    }
}

/// The values of a code and how often each was seen, the most frequent first; of other fields nothing, for
/// they may be personal.
fn codes_seen(sample: &Sample, pick: &Pick) -> Option<String> {
    let field = super::values::field(&pick.target)?;
    if !matches!(field.kind, Kind::Code(_)) || field.personal {
        return None;
    }
    let scope = sample.scopes.iter().find(|s| s.each == pick.each)?;
    let place = scope.places.iter().find(|p| p.name == pick.place)?;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for text in &place.texts {
        let shown = text.chars().filter(|c| !c.is_control()).take(VALUE_CHARS);
        *counts.entry(shown.collect()).or_default() += 1;
    }
    let is_value = |text: &str| crate::dialect::unread::is_value(text);
    if counts.is_empty() || counts.keys().any(|text| is_value(text)) {
        return None;
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let shown = counts.iter().take(VALUES).map(|(t, n)| format!("{t} ×{n}"));
    let mut out = shown.collect::<Vec<_>>().join(", ");
    if counts.len() > VALUES {
        let _ = write!(out, " … +{}", counts.len() - VALUES);
    }
    Some(out)
}

/// The places that tell records of one element apart: a name or number and a time, where there are.
fn key(fields: &[&Pick]) -> Vec<String> {
    let kind = |p: &&&Pick| super::values::field(&p.target).map(|f| f.kind);
    let is_time = |p: &&&Pick| matches!(kind(p), Some(Kind::DateTime));
    let is_name = |p: &&&Pick| matches!(kind(p), Some(Kind::Text(_) | Kind::Int(..)));
    let mut out: Vec<&Pick> = fields.iter().find(is_name).copied().into_iter().collect();
    out.extend(fields.iter().find(is_time).copied());
    if out.is_empty() {
        out.extend(fields.first().copied());
    }
    out.iter().map(|p| quoted(&p.place)).collect()
}

/// A place, with a map or a layout where its texts ask for one.
fn take(sample: &Sample, pick: &Pick) -> String {
    let place = quoted(&pick.place);
    if pick.target == "case_base.query_pwd_hash" {
        return format!("{{ from = {place}, hash = true }}");
    }
    let scope = sample.scopes.iter().find(|s| s.each == pick.each);
    let found = scope.and_then(|s| s.places.iter().find(|p| p.name == pick.place));
    let Some(found) = found else { return place };
    let texts = Texts::of(&found.texts);
    let is_time = super::values::field(&pick.target)
        .is_some_and(|f| matches!(f.kind, Kind::DateTime | Kind::Date | Kind::DateOrForever));
    if let Some(layout) = texts.layout.filter(|_| is_time) {
        return format!("{{ from = {place}, layout = {} }}", quoted(layout));
    }
    let map = texts.map(&pick.target);
    if map.is_empty() {
        return place;
    }
    let pair = |(text, code): &(String, &str)| format!("{} = {}", quoted(text), quoted(code));
    let pairs: Vec<String> = map.iter().map(pair).collect();
    format!("{{ from = {place}, map = {{ {} }} }}", pairs.join(", "))
}

/// What the sample does not show: required fields of the elements used, and the other elements. In comments:
/// whoever takes the marks away declares that the source can never supply it.
fn absent(out: &mut String, used: &[(ElementId, Vec<&str>)]) {
    out.push_str(
        "\n# 样例中没有的内容。只有来源确实不能提供的才去掉注释：声明缺失后，相应的监察规则不再判定。\n\
         # What the sample does not show. Take the marks away only where the source can never supply it:\n\
         # rules that need what is declared absent are judged no more.\n",
    );
    let reason = "# reason = \"the sample does not show it\"\n";
    for element in ElementId::ALL {
        let name = element.name();
        let found = used
            .iter()
            .find(|(e, names)| *e == element && !names.is_empty());
        let Some((_, names)) = found else {
            let _ = write!(out, "# [[absent]]\n# element = \"{name}\"\n{reason}");
            continue;
        };
        let missing = element.spec().fields.iter().filter(|f| {
            let asked = !matches!(f.need, Need::Optional);
            asked && !names.contains(&f.name)
        });
        let missing: Vec<String> = missing.map(|f| quoted(f.name)).collect();
        if !missing.is_empty() {
            let fields = missing.join(", ");
            let _ = write!(
                out,
                "# [[absent]]\n# element = \"{name}\"\n# fields = [{fields}]\n{reason}"
            );
        }
    }
}
