//! The hub's configuration: read whole, every mistake told at once with its hint, before anything
//! starts. Refuses default passwords: what is secret has no default.

use std::fmt;
use toml::{Table, Value};

/// One mistake in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where, e.g. `[database] url`.
    pub key: String,
    /// What is wrong, in Chinese and English.
    pub what: (String, String),
    /// What to do, in Chinese and English.
    pub hint: (String, String),
}

/// A configuration that cannot be used, with all its mistakes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// Name of the file.
    pub file: String,
    /// The mistakes, in the order of the reading.
    pub mistakes: Vec<Mistake>,
}

impl ConfigError {
    /// Never: the same text fails again.
    pub fn is_transient(&self) -> bool {
        false
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "配置 {0} 有{1}处错误 · the configuration {0} has {1} mistakes:",
            self.file,
            self.mistakes.len()
        )?;
        for m in &self.mistakes {
            write!(f, "\n  {}: {} · {}", m.key, m.what.0, m.what.1)?;
            write!(f, "\n    hint: {} · {}", m.hint.0, m.hint.1)?;
        }
        Ok(())
    }
}

/// Where the servers of production are: `[database]` and `[bus]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Services {
    /// `[database] url`.
    pub database_url: String,
    /// `[bus] url`.
    pub bus_url: String,
    /// `[bus] rabbitmqctl`: the command line that reaches the broker; empty where not given.
    pub rabbitmqctl: String,
}

/// Addresses hold passwords: neither is shown.
impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Services(..)")
    }
}

struct Reader {
    table: Table,
    mistakes: Vec<Mistake>,
}

impl Reader {
    fn mistake(&mut self, key: &str, what: (&str, &str), hint: (&str, &str)) {
        self.mistakes.push(Mistake {
            key: key.to_owned(),
            what: (what.0.to_owned(), what.1.to_owned()),
            hint: (hint.0.to_owned(), hint.1.to_owned()),
        });
    }

    /// Tables and keys that nobody reads are mistakes: a misspelt key must not be silent.
    fn only(&mut self, known: &[(&str, &[&str])]) {
        let mut unknown = Vec::new();
        for (name, value) in &self.table {
            let Some((_, keys)) = known.iter().find(|(n, _)| n == name) else {
                unknown.push(format!("[{name}]"));
                continue;
            };
            let Some(table) = value.as_table() else {
                unknown.push(name.clone());
                continue;
            };
            unknown.extend(
                table
                    .keys()
                    .filter(|k| !keys.contains(&k.as_str()))
                    .map(|k| format!("[{name}] {k}")),
            );
        }
        for key in unknown {
            self.mistake(
                &key,
                ("没有这一项", "there is no such key"),
                (
                    "请核对拼写，见示例配置",
                    "check the spelling against the sample configuration",
                ),
            );
        }
    }

    fn text(&mut self, table: &str, key: &str, hint: (&str, &str)) -> String {
        let found = self
            .table
            .get(table)
            .and_then(Value::as_table)
            .and_then(|t| t.get(key));
        match found {
            Some(Value::String(text)) if !text.trim().is_empty() => text.clone(),
            Some(_) => {
                self.mistake(
                    &format!("[{table}] {key}"),
                    ("应为非空文本", "must be a text"),
                    hint,
                );
                String::new()
            }
            None => {
                self.mistake(&format!("[{table}] {key}"), ("缺少", "is missing"), hint);
                String::new()
            }
        }
    }

    fn optional(&mut self, table: &str, key: &str) -> String {
        let found = self
            .table
            .get(table)
            .and_then(Value::as_table)
            .and_then(|t| t.get(key));
        found.and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn url(&mut self, table: &str, schemes: &[&str], hint: (&str, &str)) -> String {
        let text = self.text(table, "url", hint);
        if !text.is_empty() && !schemes.iter().any(|s| text.starts_with(s)) {
            // The value itself may hold a password and is not shown.
            self.mistake(
                &format!("[{table}] url"),
                ("协议不对", "has the wrong scheme"),
                hint,
            );
        }
        text
    }
}

impl Services {
    /// Reads the text of a configuration.
    ///
    /// # Errors
    /// All mistakes at once.
    pub fn parse(file: &str, text: &str) -> Result<Services, ConfigError> {
        let mut reader = Reader {
            table: Table::new(),
            mistakes: Vec::new(),
        };
        match text.parse::<Table>() {
            Ok(table) => reader.table = table,
            Err(error) => {
                let line = error
                    .span()
                    .map_or(1, |s| text[..s.start].lines().count().max(1));
                let message = format!("line {line}: {}", error.message());
                reader.mistake(
                    "TOML",
                    ("格式错误", &message),
                    ("请改正该行", "mend that line"),
                );
                return Err(ConfigError {
                    file: file.to_owned(),
                    mistakes: reader.mistakes,
                });
            }
        }
        reader.only(&[("database", &["url"]), ("bus", &["url", "rabbitmqctl"])]);
        let services = Services {
            database_url: reader.url(
                "database",
                &["postgres://", "postgresql://"],
                (
                    "形如 postgres://用户:密码@主机:端口/库名",
                    "like postgres://user:password@host:port/database",
                ),
            ),
            bus_url: reader.url(
                "bus",
                &["amqp://", "amqps://"],
                (
                    "形如 amqp://用户:密码@主机:端口/虚拟主机",
                    "like amqp://user:password@host:port/vhost",
                ),
            ),
            rabbitmqctl: reader.optional("bus", "rabbitmqctl"),
        };
        if reader.mistakes.is_empty() {
            Ok(services)
        } else {
            Err(ConfigError {
                file: file.to_owned(),
                mistakes: reader.mistakes,
            })
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step is the test's failure")]
mod tests {
    use super::*;

    #[test]
    fn all_mistakes_come_at_once_and_show_no_secret() {
        let text = "[database]\nurl = \"mysql://u:geheim@h/d\"\nurls = 1\n[buss]\nx = 1\n";
        let error = Services::parse("hub.toml", text).unwrap_err();
        let keys: Vec<&str> = error.mistakes.iter().map(|m| m.key.as_str()).collect();
        assert_eq!(
            keys,
            ["[buss]", "[database] urls", "[database] url", "[bus] url"]
        );
        assert!(!error.to_string().contains("geheim"));
    }

    #[test]
    fn a_sound_one_is_read() {
        let text = "[database]\nurl = \"postgres://u@h/d\"\n[bus]\nurl = \"amqp://u:p@h/v\"\n";
        let services = Services::parse("hub.toml", text).unwrap();
        assert_eq!(services.bus_url, "amqp://u:p@h/v");
        assert_eq!(services.rabbitmqctl, "");
    }
}
