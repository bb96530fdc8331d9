//! How the SQL of the systems behind ODBC differs, by the name that the driver tells: limits, locks, settings
//! of a session. Refuses to guess: of an unknown system nothing is asked that not all know.

use super::super::plan::{Limit, Speech};
use time::UtcOffset;

/// What kind of system answers, as far as its SQL differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Dbms {
    /// PostgreSQL and its kin: Kingbase, openGauss, Highgo.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
    /// SQLite.
    Sqlite,
    /// Microsoft SQL Server.
    SqlServer,
    /// Oracle from 12, DB2.
    Oracle,
    /// DM: Oracle's kin with `limit`.
    Dm,
    /// Another.
    Other,
}

impl Dbms {
    pub fn of(name: &str) -> Dbms {
        let name = name.to_ascii_lowercase();
        let any = |parts: &[&str]| parts.iter().any(|p| name.contains(p));
        match () {
            () if any(&["postgres", "kingbase", "gauss", "highgo"]) => Dbms::Postgres,
            () if any(&["mysql", "mariadb"]) => Dbms::MySql,
            () if any(&["sqlite"]) => Dbms::Sqlite,
            () if any(&["sql server", "microsoft", "azure"]) => Dbms::SqlServer,
            () if any(&["oracle", "db2"]) => Dbms::Oracle,
            () if any(&["dm dbms", "dameng"]) || name == "dm" => Dbms::Dm,
            () => Dbms::Other,
        }
    }

    pub fn speech(self) -> Speech {
        Speech {
            plain: true,
            limit: match self {
                Dbms::Postgres | Dbms::MySql | Dbms::Sqlite | Dbms::Dm => Limit::Limit,
                Dbms::SqlServer => Limit::OffsetFetch,
                Dbms::Oracle => Limit::Fetch,
                Dbms::Other => Limit::Unlimited,
            },
            sorts_all: false,
        }
    }

    /// What ends a question whose rows are to be written in the same transaction.
    pub fn locks(self) -> &'static str {
        match self {
            Dbms::Postgres | Dbms::MySql | Dbms::Oracle | Dbms::Dm => " for update",
            Dbms::Sqlite | Dbms::SqlServer | Dbms::Other => "",
        }
    }

    /// Statements of a new session: names in double quotes, instants in the source's zone, read-only
    /// unless it `writes`, as far as the system knows such settings.
    pub fn session(self, zone: UtcOffset, writes: bool) -> Vec<String> {
        let (hours, minutes, _) = zone.as_hms();
        let sign = if zone.is_negative() { '-' } else { '+' };
        let zone = format!("{sign}{:02}:{:02}", hours.abs(), minutes.abs());
        let mut statements = Vec::new();
        match self {
            Dbms::Postgres => {
                let zone = format!("interval '{zone}' hour to minute");
                statements.push(format!("set time zone {zone}"));
                if !writes {
                    let only = "set session characteristics as transaction read only";
                    statements.push(only.to_owned());
                }
            }
            Dbms::MySql => {
                statements.push("set session sql_mode = 'ANSI_QUOTES'".to_owned());
                statements.push(format!("set session time_zone = '{zone}'"));
                if !writes {
                    statements.push("set session transaction read only".to_owned());
                }
            }
            // It has no `for update`: what was read stays locked for as long as the answer is written.
            Dbms::SqlServer if writes => {
                statements.push("set transaction isolation level serializable".to_owned());
            }
            Dbms::Sqlite | Dbms::SqlServer | Dbms::Oracle | Dbms::Dm | Dbms::Other => {}
        }
        statements
    }
}
