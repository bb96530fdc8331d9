//! The text of `tongcha check` for people: one block a finding, a verdict line a file. It refuses to
//! judge; it only words what admission found.

use super::Reporter;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use tongcha_decode::admit::ItemOutcome;
use tongcha_schema::code::Code;
use tongcha_schema::code::element::REJECTED_WITH_CASE;
use tongcha_schema::finding::{Finding, Severity};
use tongcha_schema::receipt::Verdict;

/// Language of the text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// Writes the text of one file.
pub struct Text<'o> {
    out: &'o mut dyn Write,
    lang: Lang,
    most: usize,
    shown: usize,
    unlisted: BTreeMap<Code, u64>,
    records: [u64; 2],
    errors: u64,
    warnings: u64,
}

impl<'o> Text<'o> {
    /// Begins a file; lists at most that many findings.
    pub fn begin(
        out: &'o mut dyn Write,
        file: &Path,
        lang: Lang,
        most: usize,
    ) -> io::Result<Text<'o>> {
        writeln!(out, "{}", file.display())?;
        Ok(Text {
            out,
            lang,
            most,
            shown: 0,
            unlisted: BTreeMap::new(),
            records: [0; 2],
            errors: 0,
            warnings: 0,
        })
    }

    fn say(&self, zh: &str, en: &str) -> String {
        match self.lang {
            Lang::Zh => zh.to_owned(),
            Lang::En => en.to_owned(),
        }
    }

    /// `第12行第3列 第4条记录 审批过程信息·处理人`.
    fn place(&self, entry: Option<&str>, finding: &Finding) -> String {
        let p = &finding.place;
        let mut parts: Vec<String> = entry.map(str::to_owned).into_iter().collect();
        if p.line > 0 && p.column > 0 {
            let (line, column) = (p.line, p.column);
            let zh = format!("第{line}行第{column}列");
            parts.push(self.say(&zh, &format!("line {line} column {column}")));
        } else if p.line > 0 {
            parts.push(self.say(&format!("第{}行", p.line), &format!("line {}", p.line)));
        }
        if p.record > 0 {
            let zh = format!("第{}条记录", p.record);
            parts.push(self.say(&zh, &format!("record {}", p.record)));
        }
        if !p.case_no.is_empty() {
            let zh = format!("办件{}", p.case_no);
            parts.push(self.say(&zh, &format!("case {}", p.case_no)));
        }
        if let Some(element) = p.element {
            let spec = element.spec();
            let mut name = self.say(spec.zh, spec.en);
            if !p.field.is_empty() {
                let field = spec.fields.iter().find(|f| f.name == p.field);
                let field = field.map_or(p.field.clone(), |f| self.say(f.zh, f.en));
                name = format!("{name}·{field}");
            }
            if !p.own.is_empty() {
                name = match self.lang {
                    Lang::Zh => format!("{name}（原列{}）", p.own),
                    Lang::En => format!("{name} (your {})", p.own),
                };
            }
            parts.push(name);
        } else if !p.field.is_empty() {
            parts.push(p.field.clone());
        }
        parts.join("  ")
    }
}

impl Reporter for Text<'_> {
    fn finding(&mut self, entry: Option<&str>, finding: &Finding) -> io::Result<()> {
        match finding.severity {
            Severity::Error => self.errors += 1,
            _ => self.warnings += 1,
        }
        // Rejected with its case: the fault itself is listed, the rest of the case is counted.
        if self.shown >= self.most || finding.code == REJECTED_WITH_CASE {
            *self.unlisted.entry(finding.code).or_default() += 1;
            return Ok(());
        }
        self.shown += 1;
        let grade = finding.severity.title();
        let grade = self.say(grade.0, grade.1);
        let title = finding.code.spec().title;
        let title = self.say(title.0, title.1);
        writeln!(self.out, "  [{grade} {}] {title}", finding.code)?;
        let place = self.place(entry, finding);
        if !place.is_empty() {
            writeln!(self.out, "      {}{place}", self.say("位置：", "at:    "))?;
        }
        if let Some(value) = &finding.value {
            writeln!(self.out, "      {}{value}", self.say("值：　", "value: "))?;
        }
        let cause = self.say(&finding.cause_zh(), &finding.cause_en());
        let hint = self.say(&finding.hint_zh(), &finding.hint_en());
        writeln!(self.out, "      {}{cause}", self.say("原因：", "cause: "))?;
        writeln!(self.out, "      {}{hint}", self.say("处理：", "hint:  "))
    }

    fn item(&mut self, entry: Option<&str>, outcome: &ItemOutcome) -> io::Result<()> {
        let total = outcome.total();
        let entry = entry.map_or(String::new(), |e| format!("{e}  "));
        let line = match (outcome.dialect.as_str(), outcome.dialect_version.as_str()) {
            ("", _) => self.say("没有方言认得", "no dialect fits it"),
            (name, version) => {
                let zh = format!("方言：{name}（第{version}版）");
                self.say(&zh, &format!("dialect: {name} (version {version})"))
            }
        };
        writeln!(self.out, "  {entry}{line}")?;
        self.records[0] += total.received;
        self.records[1] += total.rejected;
        for (line, count) in &outcome.work {
            let spec = line.element.spec();
            let field = spec.fields.iter().find(|f| f.name == line.field);
            let (zh, en) = match (field, &*line.field) {
                (Some(field), _) => (field.zh, field.en),
                (None, "") => (spec.zh, spec.en),
                (None, place) => (place, place),
            };
            let value = match &*line.value {
                "" => String::new(),
                value => format!(" “{value}”"),
            };
            let zh = format!(
                "  [缺项清单] {}·{zh}{value} {count}次（{}）",
                spec.zh, line.code
            );
            let en = format!(
                "  [work list] {}·{en}{value}: {count} times ({})",
                spec.en, line.code
            );
            writeln!(self.out, "{}", self.say(&zh, &en))?;
        }
        Ok(())
    }

    fn end(&mut self, verdict: Option<Verdict>) -> io::Result<()> {
        for (code, count) in &self.unlisted {
            let (zh, en) = code.spec().title;
            let zh = format!("  ……另有{count}条 {code} {zh}");
            let en = format!("  ... and {count} more {code} {en}");
            writeln!(self.out, "{}", self.say(&zh, &en))?;
        }
        let verdict = match verdict {
            Some(Verdict::Accepted) => self.say("可以接收", "accepted"),
            Some(Verdict::Partly) => self.say("部分接收", "partly accepted"),
            Some(Verdict::Refused) => self.say("拒收", "refused"),
            None => self.say("无法读取", "cannot be read"),
        };
        let ([received, rejected], errors, warnings) = (self.records, self.errors, self.warnings);
        let zh = format!(
            "  结论：{verdict}（{received}条记录，退回{rejected}条；错误{errors}处，警告{warnings}处）"
        );
        let en = format!(
            "  verdict: {verdict} ({received} records, {rejected} rejected; {errors} errors, {warnings} warnings)"
        );
        writeln!(self.out, "{}", self.say(&zh, &en))
    }
}
