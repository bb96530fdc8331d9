//! Secrets of a configuration: from a file that is closed to others, from systemd, or from the environment. Refuses
//! a secret in the configuration itself, and an address whose password is not told apart.

use super::Surroundings;
use super::collect::{Collector, Section};
use std::path::{Path, PathBuf};

impl Section {
    /// A secret: `<key>_file` or `<key>_env`, exactly one; the file closed to others.
    pub fn secret(
        &mut self,
        key: &str,
        around: &Surroundings<'_>,
        all: &mut Collector,
    ) -> Option<String> {
        let (file_key, env_key) = (format!("{key}_file"), format!("{key}_env"));
        if self.take(key).is_some() {
            let hint = (
                format!("改用 {file_key} 或 {env_key}，并更换已写入的密钥"),
                format!("use {file_key} or {env_key}, and replace the secret that stood here"),
            );
            let what = (
                "密钥不可写在配置文件中",
                "a secret must not stand in this file",
            );
            all.bad(&self.at(key), what, (&hint.0, &hint.1));
        }
        let file = self.path(&file_key, false, around, all);
        let named = self.take(&env_key);
        match (file, named) {
            (Some(path), None) => {
                let path = credential(&path, around).unwrap_or(path);
                let text = self.read_file(&file_key, &path, all)?;
                self.closed(&file_key, &path, all)
                    .then(|| text.trim().to_owned())
            }
            (None, Some(toml::Value::String(name))) => {
                let value = (around.env)(&name).filter(|v| !v.trim().is_empty());
                if value.is_none() {
                    let what = (
                        format!("环境变量{name}没有设置"),
                        format!("environment variable {name} is not set"),
                    );
                    let hint = ("在服务单元中设置它", "set it in the service unit");
                    all.bad(&self.at(&env_key), (&what.0, &what.1), hint);
                }
                value.map(|v| v.trim().to_owned())
            }
            _ => {
                let what = (
                    format!("{file_key}与{env_key}须有且只有一项"),
                    format!("exactly one of {file_key} and {env_key} is needed"),
                );
                let hint = ("密钥没有默认值", "secrets have no defaults");
                all.bad(&self.at(&file_key), (&what.0, &what.1), hint);
                None
            }
        }
    }

    /// A secret that is an address with a user and a password. Signs of a password that an address reads otherwise
    /// are found here: the driver would look for a host of that name, and tell the password in its message.
    pub fn secret_address(
        &mut self,
        key: &str,
        around: &Surroundings<'_>,
        all: &mut Collector,
    ) -> Option<String> {
        let text = self.secret(key, around, all)?;
        if is_whole_address(&text) {
            return Some(text);
        }
        let what = (
            "地址中的口令含有 @ # / ? 等字符，须转写",
            "the password within the address has signs like @ # / ? that must be written otherwise",
        );
        let hint = (
            "用 tongcha keys url 地址 --out 文件 生成，口令由键盘输入",
            "let `tongcha keys url ADDRESS --out FILE` write it; it asks for the password",
        );
        all.bad(&self.at(&format!("{key}_file")), what, hint);
        None
    }

    #[cfg(unix)]
    fn closed(&self, key: &str, path: &Path, all: &mut Collector) -> bool {
        use std::os::unix::fs::PermissionsExt;
        let open = std::fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o007 != 0);
        if open {
            let hint = format!("chmod 600 {}", path.display());
            let what = (
                "密钥文件对其他用户开放",
                "the secret's file is open to other users",
            );
            all.bad(&self.at(key), what, (&hint, &hint));
        }
        !open
    }

    #[cfg(not(unix))]
    fn closed(&self, _key: &str, _path: &Path, _all: &mut Collector) -> bool {
        true
    }
}

/// The copy of a secret that systemd hands to a unit (`LoadCredential=` with the file's own name): a
/// configuration names the file once, for the unit and for whoever types a command beside it.
fn credential(path: &Path, around: &Surroundings<'_>) -> Option<PathBuf> {
    let folder = (around.env)("CREDENTIALS_DIRECTORY")?;
    let copy = Path::new(&folder).join(path.file_name()?);
    copy.is_file().then_some(copy)
}

/// Whether user, password and host of an address are told apart as they are meant: at most one `@`, and that before
/// the first `/`, `?` or `#` (RFC 3986, 3.2).
fn is_whole_address(text: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let ats = |text: &str| text.matches('@').count();
    ats(rest) <= 1 && ats(authority) == ats(rest)
}
