//! The table sources of a configuration: `db_table` and `db_trigger`. Refuses to open the database; the build knows at least one
//! engine where this file is in it.

use super::super::Surroundings;
use super::super::collect::{Collector, Section};
use super::SourceSettings;
use crate::sources::db_table::{ChangeConfig, Charset, Database, DbTableConfig, FlagConfig};
use time::UtcOffset;
use tongcha_schema::limits;

/// A table by its watermark, or by its state flag. `called` are its name and dialect.
pub(super) fn db_table(
    section: &mut Section,
    called: (Option<String>, Option<String>),
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<SourceSettings> {
    let by_flag = section.has("flag");
    if by_flag == section.has("watermark") {
        let what = (
            "watermark和flag须且只须填写一个",
            "exactly one of watermark and flag must be given",
        );
        let hint = (
            "watermark：随每次变更增大的列；flag：标记待取的列",
            "watermark: a column that rises with every change; flag: a column that marks waiting rows",
        );
        all.bad(&section.at("watermark"), what, hint);
    }
    let config = table(section, called, around, all);
    let flag = by_flag.then(|| flag(section, all));
    let watermark = section.text("watermark", Some(""), all);
    if let Some(flag) = flag {
        return Some(SourceSettings::FlagTable(flag?.over(config?)));
    }
    let overlap = section.whole("overlap", 0..=604_800, Some(600), all);
    let mut config = config?;
    config.watermark = watermark?;
    config.overlap = u32::try_from(overlap?).unwrap_or(600);
    Some(SourceSettings::DbTable(config))
}

/// A table whose changes triggers write down.
pub(super) fn db_trigger(
    section: &mut Section,
    called: (Option<String>, Option<String>),
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<SourceSettings> {
    let config = table(section, called, around, all);
    #[cfg(feature = "source-odbc")]
    if config
        .as_ref()
        .is_some_and(|c| matches!(c.database, Database::Odbc(_)))
    {
        let what = ("ODBC没有触发器来源", "there are no triggers over ODBC");
        let hint = (
            "改用kind = \"db_table\"；自有的变更表可按其递增编号读取",
            "use kind = \"db_table\"; a change table of your own is read by its rising number",
        );
        all.bad(&section.at("database"), what, hint);
    }
    let changes = section.text("changes", Some(""), all);
    let keep = section.whole("keep_changes", 0..=1_000_000_000, Some(100_000), all);
    let mut config = ChangeConfig::new(config?);
    if let Some(changes) = changes.filter(|c| !c.is_empty()) {
        config.changes = changes;
    }
    config.keep = keep?;
    Some(SourceSettings::ChangeTable(config))
}

/// What every table has.
fn table(
    section: &mut Section,
    called: (Option<String>, Option<String>),
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<DbTableConfig> {
    let database = database(section, around, all);
    let table = section.text("table", None, all);
    let key = section.texts("key", all);
    let columns = section.texts("columns", all);
    let most = limits::ENVELOPE_ITEMS as u64;
    let rows = section.whole("rows_per_envelope", 1..=most, Some(most), all);
    let zone = section.text("zone", Some("+08:00"), all);
    let zone = zone.and_then(|text| {
        let zone = parse_zone(&text);
        if zone.is_none() {
            let hint = ("写作 +08:00", "write +08:00");
            all.bad(&section.at("zone"), ("时区无效", "no zone"), hint);
        }
        zone
    });
    let charset = charset(section, all);
    let mut config = DbTableConfig::new(called.0?, database?, table?, "");
    config.charset = charset;
    config.dialect = called.1?;
    config.key = key;
    config.columns = columns;
    config.lot_rows = usize::try_from(rows?).unwrap_or(limits::ENVELOPE_ITEMS);
    config.zone = zone?;
    Some(config)
}

/// What the bytes in Latin-1 columns really are, where it is said.
fn charset(section: &mut Section, all: &mut Collector) -> Option<Charset> {
    let name = section
        .text("charset", Some(""), all)
        .filter(|n| !n.is_empty())?;
    let charset = Charset::of(&name);
    if charset.is_none() {
        let hint = ("可用：gbk、utf-8", "there are: gbk, utf-8");
        all.bad(
            &section.at("charset"),
            ("未知的字符集", "no such character set"),
            hint,
        );
    }
    charset
}

/// What a `flag` brings with it.
struct Flag {
    flag: String,
    waiting: Vec<String>,
    taken: String,
    refused: String,
    answered_at: Option<String>,
    answer: Option<String>,
    answer_chars: usize,
}

impl Flag {
    fn over(self, table: DbTableConfig) -> FlagConfig {
        FlagConfig {
            waiting: self.waiting,
            taken: self.taken,
            refused: self.refused,
            answered_at: self.answered_at,
            answer: self.answer,
            answer_chars: self.answer_chars,
            ..FlagConfig::new(table, self.flag)
        }
    }
}

fn flag(section: &mut Section, all: &mut Collector) -> Option<Flag> {
    let flag = section.text("flag", None, all);
    let mut waiting = section.texts("waiting", all);
    if waiting.is_empty() {
        waiting = vec![String::new(), "0".to_owned()];
    }
    let taken = section.text("taken", Some("1"), all);
    let refused = section.text("refused", Some("2"), all);
    let mut column = |name| Some(section.text(name, Some(""), all)?).filter(|n| !n.is_empty());
    let (answered_at, answer) = (column("answered_at"), column("answer"));
    let chars = section.whole("answer_chars", 20..=10_000, Some(200), all);
    for (key, value) in [("taken", &taken), ("refused", &refused)] {
        if value.as_ref().is_some_and(|v| waiting.contains(v)) {
            let what = (
                "该值同时表示待取，写回后会重复取用",
                "this value means waiting as well: the row would be taken again",
            );
            let hint = ("换一个值", "choose another value");
            all.bad(&section.at(key), what, hint);
        }
    }
    Some(Flag {
        flag: flag?,
        waiting,
        taken: taken?,
        refused: refused?,
        answered_at,
        answer,
        answer_chars: usize::try_from(chars?).unwrap_or(200),
    })
}

fn database(
    section: &mut Section,
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<Database> {
    let engine = section.text("database", None, all)?;
    match engine.as_str() {
        #[cfg(feature = "source-sqlite")]
        "sqlite" => Some(Database::Sqlite(section.path("file", true, around, all)?)),
        #[cfg(feature = "source-postgres")]
        "postgres" => {
            address(section, &["postgres://", "postgresql://"], around, all).map(Database::Postgres)
        }
        #[cfg(feature = "source-mysql")]
        "mysql" => address(section, &["mysql://", "mariadb://"], around, all).map(Database::MySql),
        #[cfg(feature = "source-odbc")]
        "odbc" => {
            let text = section.secret("connection", around, all)?;
            Some(Database::Odbc(text))
        }
        #[cfg(not(feature = "source-odbc"))]
        "odbc" => {
            let what = ("本程序不含ODBC", "this build has no ODBC");
            let hint = (
                "使用带ODBC的程序包，或以 --features source-odbc 编译",
                "take the package with ODBC, or build with --features source-odbc",
            );
            all.bad(&section.at("database"), what, hint);
            None
        }
        _ => {
            let hint = (
                "可用：sqlite、postgres、mysql、odbc",
                "there are: sqlite, postgres, mysql, odbc",
            );
            let what = ("未知的数据库类型", "no such kind of database");
            all.bad(&section.at("database"), what, hint);
            None
        }
    }
}

/// A database's address, which holds its password: only by file or environment.
#[cfg(any(feature = "source-postgres", feature = "source-mysql"))]
fn address(
    section: &mut Section,
    schemes: &[&str],
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<String> {
    let url = section.secret_address("url", around, all)?;
    if schemes.iter().any(|scheme| url.starts_with(scheme)) {
        return Some(url);
    }
    let scheme = schemes.first().copied().unwrap_or_default();
    let zh = format!("写作 {scheme}用户:密码@主机:端口/库名");
    let en = format!("write {scheme}user:password@host:port/database");
    let what = ("地址无效", "no address");
    all.bad(&section.at("url_file"), what, (&zh, &en));
    None
}

/// `+08:00` or `-03:30`.
fn parse_zone(text: &str) -> Option<UtcOffset> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (i8, i8) = (hours.parse().ok()?, minutes.parse().ok()?);
    if !(0..=14).contains(&hours) || !(0..60).contains(&minutes) {
        return None;
    }
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
}
