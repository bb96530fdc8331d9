//! A `db_table` source of a configuration. Refuses to open the database; the build knows at least one
//! engine where this file is in it.

use super::super::Surroundings;
use super::super::collect::{Collector, Section};
use crate::sources::db_table::{Database, DbTableConfig};
use time::UtcOffset;
use tongcha_schema::limits;

pub(super) fn db_table(
    section: &mut Section,
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<DbTableConfig> {
    let database = database(section, around, all);
    let table = section.text("table", None, all);
    let watermark = section.text("watermark", None, all);
    let key = section.texts("key", all);
    let columns = section.texts("columns", all);
    let overlap = section.whole("overlap", 0..=604_800, Some(600), all);
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
    let mut config = DbTableConfig::new("", database?, table?, watermark?);
    config.key = key;
    config.columns = columns;
    config.overlap = u32::try_from(overlap?).unwrap_or(600);
    config.lot_rows = usize::try_from(rows?).unwrap_or(limits::ENVELOPE_ITEMS);
    config.zone = zone?;
    Some(config)
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
        _ => {
            let hint = (
                "本程序可用：sqlite、postgres、mysql",
                "this build knows: sqlite, postgres, mysql",
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
    let url = section.secret("url", around, all)?;
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
