//! What an import tells people: its progress on stderr, its summary. Refuses to estimate where nothing
//! was measured yet.

use crate::cli::check::Language;
use std::fmt::Write as _;
use std::time::Duration;
use tongcha_adapters::import::Summary;

/// Rejected places that the text names; JSON names more.
const PLACES: usize = 20;

/// Progress on stderr: one line that is written over on a terminal, else a line a tenth.
pub struct Progress {
    lang: Language,
    terminal: bool,
    total: u64,
    before: u64,
    told: Option<u64>,
    fault: String,
}

impl Progress {
    /// Begins where `before` of `total` have a receipt already.
    pub fn new(lang: Language, terminal: bool, total: u64, before: u64) -> Progress {
        Progress {
            lang,
            terminal,
            total,
            before,
            told: None,
            fault: String::new(),
        }
    }

    /// Tells how far it is.
    pub fn show(&mut self, took: Duration, now: &Summary) {
        let line = line(self.lang, self.total, self.before, took, now);
        if self.terminal {
            eprint!("\r{line}\x1b[K");
            return;
        }
        let tenth = now.done * 10 / self.total.max(1);
        if self.told != Some(tenth) {
            self.told = Some(tenth);
            eprintln!("{line}");
        }
    }

    /// Tells what went wrong, once in a row.
    pub fn fault(&mut self, fault: &str) {
        if self.fault != fault {
            self.end();
            eprintln!("{fault}");
            self.fault = fault.to_owned();
        }
    }

    /// Leaves the line.
    pub fn end(&self) {
        if self.terminal {
            eprintln!();
        }
    }
}

/// The line of progress: done of total, records, rate and time left by what this run measured.
fn line(lang: Language, total: u64, before: u64, took: Duration, now: &Summary) -> String {
    let (done, records) = (now.done, now.counts.received);
    let fresh = done.saturating_sub(before);
    let parts = done * 20 / total.max(1);
    let filled = usize::try_from(parts.min(20)).unwrap_or(20);
    let bar = format!("[{}{}]", "#".repeat(filled), ".".repeat(20 - filled));
    let mut text = match lang {
        Language::Zh => format!("{bar} {done}/{total}，{records}条记录"),
        Language::En => format!("{bar} {done}/{total}, {records} records"),
    };
    let seconds = took.as_secs();
    if fresh > 0 && seconds > 0 {
        let rate = fresh as f64 / took.as_secs_f64();
        let left = clock(total.saturating_sub(done).saturating_mul(seconds) / fresh);
        let _ = match lang {
            Language::Zh => write!(text, "，每秒{rate:.1}，剩余{left}"),
            Language::En => write!(text, ", {rate:.1}/s, {left} left"),
        };
    }
    text
}

fn clock(seconds: u64) -> String {
    format!(
        "{}:{:02}:{:02}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// The summary for people.
pub fn summary_text(
    lang: Language,
    total: u64,
    ended: bool,
    left_out: usize,
    summary: &Summary,
) -> String {
    let zh = lang == Language::Zh;
    let say = |chinese: &str, english: &str| {
        if zh {
            chinese.to_owned()
        } else {
            english.to_owned()
        }
    };
    let mut out = String::new();
    let c = &summary.counts;
    let state = if ended {
        say("导入完成", "import complete")
    } else {
        say(
            "导入未完成：再次运行同一命令即可续传",
            "import not complete: run the same command again to go on",
        )
    };
    let _ = writeln!(out, "{state}  {}/{total}", summary.done);
    let labels = if zh {
        ["收到", "入库", "拒收", "重复", "待处理"]
    } else {
        ["received", "stored", "rejected", "duplicate", "pending"]
    };
    let numbers = [c.received, c.stored, c.rejected, c.duplicate, c.pending];
    for (label, number) in labels.iter().zip(numbers) {
        let _ = writeln!(out, "  {label} {number}");
    }
    for (code, count) in &summary.findings {
        let _ = writeln!(out, "  {code} × {count}");
    }
    if left_out > 0 {
        let _ = writeln!(out, "{} {left_out}", say("未取的文件", "files left out"));
    }
    for place in summary.rejected.iter().take(PLACES) {
        let what = say("拒收", "rejected");
        let _ = writeln!(
            out,
            "  {}: {what} {}  {}",
            place.item, place.records, place.receipt
        );
    }
    let more = summary.rejected_items.saturating_sub(PLACES as u64);
    if more > 0 {
        let _ = writeln!(out, "  {} {more}", say("另有", "and more:"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_of_this_run_alone() {
        let mut now = Summary {
            done: 60,
            ..Summary::default()
        };
        now.counts.received = 900;
        let took = Duration::from_secs(10);
        let text = line(Language::En, 100, 40, took, &now);
        assert_eq!(
            text,
            "[############........] 60/100, 900 records, 2.0/s, 0:00:20 left"
        );
        let text = line(Language::Zh, 100, 60, took, &now);
        assert!(text.ends_with("900条记录"), "nothing measured yet: {text}");
        assert!(line(Language::En, 0, 0, took, &Summary::default()).contains("0/0"));
    }
}
