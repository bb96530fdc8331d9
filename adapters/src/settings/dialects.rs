//! The dialects in force: the shipped ones and the office's own from a folder, every mistake of every file
//! told before anything starts. Refuses to decode with them.

use super::collect::Collector;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tongcha_decode::dialect::{Dialect, Registry};

/// The shipped dialects and those of a folder's `.toml` files; every mistake of every file is told.
pub fn registry(folder: Option<&Path>, at: &str, all: &mut Collector) -> Option<Arc<Registry>> {
    let files = match folder.map(texts).transpose() {
        Ok(files) => files.unwrap_or_default(),
        Err((path, fault)) => {
            let shown = path.display();
            let what = (
                format!("{shown}无法读取：{fault}"),
                format!("{shown} cannot be read: {fault}"),
            );
            let hint = (
                "核对目录与权限",
                "check that the folder exists and may be read",
            );
            all.bad(at, (&what.0, &what.1), hint);
            return None;
        }
    };
    let mut whole = true;
    for (file, text) in &files {
        let Err(error) = Dialect::parse(file, text) else {
            continue;
        };
        whole = false;
        let what = (
            format!("{file}有{}处错误", error.mistakes.len()),
            format!("{file}: {error}"),
        );
        let hint = (
            "用 tongcha dialect test 检验",
            "try it with `tongcha dialect test`",
        );
        all.bad(at, (&what.0, &what.1), hint);
    }
    let named = files.iter().map(|(n, t)| (n.as_str(), t.as_str()));
    match Registry::with(named) {
        Ok(registry) => whole.then(|| Arc::new(registry)),
        Err(_) if !whole => None,
        Err(errors) => {
            let what = format!("{errors:?}");
            let hint = (
                "程序不完整，请重新安装",
                "the program is damaged; install it again",
            );
            all.bad(at, ("随附的方言有误", &what), hint);
            None
        }
    }
}

/// Name and text of each dialect file of a folder, in order of name.
fn texts(folder: &Path) -> Result<Vec<(String, String)>, (PathBuf, std::io::Error)> {
    let fault = |path: &Path| {
        let path = path.to_owned();
        move |error| (path, error)
    };
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault(folder))? {
        let path = entry.map_err(fault(folder))?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            let text = std::fs::read_to_string(&path).map_err(fault(&path))?;
            out.push((path.display().to_string(), text));
        }
    }
    out.sort();
    Ok(out)
}
