//! The collector: takes keys out of TOML tables, remembers every mistake, and complains about keys
//! that nobody took. Refuses to stop at the first mistake.

use super::Surroundings;
use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// One mistake of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where, e.g. `source[2].dir`; empty: the file as a whole.
    pub at: String,
    /// What is wrong, in Chinese and English.
    pub what: (String, String),
    /// What to do, in Chinese and English.
    pub hint: (String, String),
}

impl Mistake {
    /// The file is no TOML.
    ///
    /// The line is named and not shown: a secret may stand in it.
    pub fn syntax(text: &str, fault: &toml::de::Error) -> Mistake {
        let at = fault.span().and_then(|span| text.get(..span.start));
        let number = at.map(|before| before.matches('\n').count() + 1);
        let line = number.map_or(String::new(), |n| format!("第{n}行，"));
        let line_en = number.map_or(String::new(), |n| format!("line {n}: "));
        Mistake {
            at: String::new(),
            what: (
                format!("不是有效的TOML：{line}{}", fault.message()),
                format!("no valid TOML: {line_en}{}", fault.message()),
            ),
            hint: (
                "请参照 deploy/config/agent.toml".to_owned(),
                "compare with deploy/config/agent.toml".to_owned(),
            ),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.at.is_empty() { "-" } else { &self.at };
        writeln!(f, "{at}: {} / {}", self.what.0, self.what.1)?;
        write!(f, "    hint: {} / {}", self.hint.0, self.hint.1)
    }
}

/// All mistakes so far.
#[derive(Default)]
pub struct Collector {
    /// In the order of the reading.
    pub mistakes: Vec<Mistake>,
}

impl Collector {
    /// Notes a mistake: where, what is wrong, what to do.
    pub fn bad(&mut self, at: &str, what: (&str, &str), hint: (&str, &str)) {
        self.mistakes.push(Mistake {
            at: at.to_owned(),
            what: (what.0.to_owned(), what.1.to_owned()),
            hint: (hint.0.to_owned(), hint.1.to_owned()),
        });
    }
}

/// A table of the file, from which keys are taken.
pub struct Section {
    path: String,
    table: toml::Table,
    asked: Vec<String>,
}

impl Section {
    /// A table under its full name; empty: the file.
    pub fn new(path: &str, table: toml::Table) -> Section {
        Section {
            path: path.to_owned(),
            table,
            asked: Vec::new(),
        }
    }

    /// The full name of a key.
    pub fn at(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Whether the table has the key.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn take(&mut self, key: &str) -> Option<toml::Value> {
        self.asked.push(key.to_owned());
        self.table.remove(key)
    }

    fn wrong(&self, key: &str, zh: &str, en: &str, all: &mut Collector) {
        let what = (format!("应为{zh}"), format!("must be {en}"));
        let hint = (
            "请参照 deploy/config/agent.toml",
            "compare with deploy/config/agent.toml",
        );
        all.bad(&self.at(key), (&what.0, &what.1), hint);
    }

    fn absent(&self, key: &str, all: &mut Collector) {
        let hint = (
            format!("加上 {key} = …；样例见 deploy/config/agent.toml"),
            format!("add {key} = ..; the sample is deploy/config/agent.toml"),
        );
        all.bad(
            &self.at(key),
            ("缺少此项", "is missing"),
            (&hint.0, &hint.1),
        );
    }

    /// A required table.
    pub fn section(&mut self, key: &str, all: &mut Collector) -> Option<Section> {
        match self.take(key) {
            Some(toml::Value::Table(table)) => Some(Section::new(&self.at(key), table)),
            Some(_) => {
                self.wrong(key, "一节", "a table", all);
                None
            }
            None => {
                self.absent(key, all);
                None
            }
        }
    }

    /// The tables of `[[key]]`.
    pub fn sections(&mut self, key: &str, all: &mut Collector) -> Vec<Section> {
        let values = match self.take(key) {
            Some(toml::Value::Array(values)) => values,
            Some(_) => {
                self.wrong(key, "若干节（[[..]]）", "an array of tables ([[..]])", all);
                return Vec::new();
            }
            None => Vec::new(),
        };
        let mut sections = Vec::new();
        for (index, value) in values.into_iter().enumerate() {
            let name = format!("{key}[{}]", index + 1);
            match value {
                toml::Value::Table(table) => sections.push(Section::new(&name, table)),
                _ => self.wrong(&name, "一节", "a table", all),
            }
        }
        sections
    }

    /// A text; required unless there is a default.
    pub fn text(&mut self, key: &str, or: Option<&str>, all: &mut Collector) -> Option<String> {
        match (self.take(key), or) {
            (Some(toml::Value::String(text)), _) if !text.trim().is_empty() => Some(text),
            (Some(_), _) => {
                self.wrong(key, "非空文字", "a text that is not empty", all);
                None
            }
            (None, Some(or)) => Some(or.to_owned()),
            (None, None) => {
                self.absent(key, all);
                None
            }
        }
    }

    /// Texts; none where the key is absent.
    pub fn texts(&mut self, key: &str, all: &mut Collector) -> Vec<String> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let texts = value.as_array().and_then(|values| {
            let texts = values.iter().map(|v| v.as_str().map(str::to_owned));
            texts.collect::<Option<Vec<_>>>()
        });
        if texts.is_none() {
            self.wrong(key, "文字列表", "a list of texts", all);
        }
        texts.unwrap_or_default()
    }

    /// A whole number in a range; required unless there is a default.
    pub fn whole(
        &mut self,
        key: &str,
        range: RangeInclusive<u64>,
        or: Option<u64>,
        all: &mut Collector,
    ) -> Option<u64> {
        match (self.take(key), or) {
            (Some(value), _) => {
                let number = value.as_integer().and_then(|n| u64::try_from(n).ok());
                let number = number.filter(|n| range.contains(n));
                if number.is_none() {
                    let (from, to) = (range.start(), range.end());
                    let zh = format!("{from}至{to}的整数");
                    let en = format!("a whole number from {from} to {to}");
                    self.wrong(key, &zh, &en, all);
                }
                number
            }
            (None, Some(or)) => Some(or),
            (None, None) => {
                self.absent(key, all);
                None
            }
        }
    }

    /// Yes or no, with a default.
    pub fn flag(&mut self, key: &str, or: bool, all: &mut Collector) -> bool {
        match self.take(key) {
            Some(toml::Value::Boolean(flag)) => flag,
            None => or,
            Some(_) => {
                self.wrong(key, "true或false", "true or false", all);
                or
            }
        }
    }

    /// A path, made absolute from the configuration's folder.
    pub fn path(
        &mut self,
        key: &str,
        required: bool,
        around: &Surroundings<'_>,
        all: &mut Collector,
    ) -> Option<PathBuf> {
        if !required && !self.table.contains_key(key) {
            self.asked.push(key.to_owned());
            return None;
        }
        let text = self.text(key, None, all)?;
        Some(around.base.join(text))
    }

    /// The content of a file that must be readable.
    pub fn read_file(&self, key: &str, path: &Path, all: &mut Collector) -> Option<String> {
        match std::fs::read_to_string(path) {
            Ok(text) => Some(text),
            Err(fault) => {
                let shown = path.display();
                let what = (
                    format!("文件{shown}无法读取：{fault}"),
                    format!("file {shown} cannot be read: {fault}"),
                );
                let hint = ("检查路径与权限", "check the path and the rights");
                all.bad(&self.at(key), (&what.0, &what.1), hint);
                None
            }
        }
    }

    /// Complains about keys that nobody asked for.
    pub fn finish(self, all: &mut Collector) {
        let known: Vec<&str> = self.asked.iter().map(String::as_str).collect();
        for key in self.table.keys() {
            let near = known.iter().find(|k| near(k, key));
            let hint = match near {
                Some(near) => (format!("是否为 {near}？"), format!("did you mean {near}?")),
                None => (
                    format!("此处可用：{}", known.join("、")),
                    format!("known here: {}", known.join(", ")),
                ),
            };
            all.bad(
                &self.at(key),
                ("未知的项", "is not known"),
                (&hint.0, &hint.1),
            );
        }
    }
}

/// Whether two keys differ by one letter changed, added or left out.
fn near(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    if short.len() == long.len() {
        same < short.len() && short[same + 1..] == long[same + 1..]
    } else {
        short[same..] == long[same + 1..]
    }
}
