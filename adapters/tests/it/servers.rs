//! Servers as they are met: over TLS, unreachable, with an old Latin-1 table full of GBK, with dates of zeros.

use crate::NOW;
use crate::changes;
use crate::tables::{Maria, OWN, Table, codes, maria, rows};
use serde_json::json;
use tongcha_adapters::source::Source;
use tongcha_adapters::sources::db_table::{Charset, Database, DbTable, DbTableConfig};

/// The certificate is checked where that is asked for, and a server that shows another is refused.
#[tokio::test]
async fn mariadb_over_tls() {
    let Some(table) = Maria::new("tls").await else {
        return;
    };
    table
        .run(&format!(
            "insert into \"{}\".t values (1, '甲', '2026-01-05 08:00:00')",
            table.schema
        ))
        .await;
    let ours = std::env::var("TONGCHA_MYSQL_CA").unwrap();
    let name = format!("{}.t", table.schema);
    let poll = async |options: &str| {
        let database = Database::MySql(format!("{}?{options}", table.url));
        let mut source = DbTable::new(DbTableConfig::new("tls", database, &name, "wm"));
        source.poll(NOW, None).await
    };
    let checked = poll(&format!("ssl-mode=VERIFY_IDENTITY&ssl-ca={ours}"))
        .await
        .unwrap();
    assert_eq!(rows(&checked)[0]["content"], "甲");
    assert_eq!(poll("ssl-mode=REQUIRED").await.unwrap().len(), 1);
    let fault = poll("ssl-mode=VERIFY_IDENTITY")
        .await
        .unwrap_err()
        .to_string();
    assert!(fault.to_lowercase().contains("certificate"), "{fault}");
}

#[tokio::test]
async fn an_unreachable_database_is_named_with_its_cause_and_without_its_password() {
    // Bound and not listening: nobody answers there.
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    drop(held);
    let at = format!("127.0.0.1:{port}/spk");
    for (database, shown) in [
        (
            Database::MySql(format!("mysql://u:geheim@{at}?ssl-mode=DISABLED")),
            "mysql",
        ),
        (
            Database::Postgres(format!("postgres://u:geheim@{at}")),
            "postgres",
        ),
    ] {
        let mut source = DbTable::new(DbTableConfig::new("away", database, "t", "wm"));
        let fault = source.poll(NOW, None).await.unwrap_err();
        let text = fault.to_string();
        assert!(
            text.contains(&format!("source away: database {shown} {at}: ")),
            "{text}"
        );
        assert!(
            text.contains("refused") && !text.contains("geheim"),
            "{text}"
        );
        assert!(fault.is_transient());
    }
}

/// Bytes of GBK in a Latin-1 column: told as long as nothing is said, read once it is.
#[tokio::test]
async fn gbk_in_a_latin_column_of_mariadb() {
    let Some(rig) = maria("latin").await else {
        return;
    };
    let table = format!("\"{}\".l", rig.table.schema);
    let create = "(id bigint primary key, unit varchar(40), wm datetime) character set latin1";
    rig.table
        .run(&format!("create table {table} {create}"))
        .await;
    let (bytes, _, _) = encoding_rs::GBK.encode("某县水利局");
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let insert = format!("insert into {table} values (1, x'{hex}', '2026-01-05 08:00:00')");
    rig.table.run(&insert).await;
    let name = format!("{}.l", rig.table.schema);
    let mut config = DbTableConfig::new("latin", rig.table.database(), name, "wm");
    config.dialect = OWN.to_owned();
    let mut source = DbTable::new(config.clone());
    let lots = source.poll(NOW, None).await.unwrap();
    assert_eq!(codes(&lots[0].findings), ["X134"]);
    let told = lots[0].findings[0].hint_zh();
    assert!(told.contains("charset = \"gbk\""), "{told}");
    config.charset = Charset::of("GBK");
    let mut source = DbTable::new(config);
    let lots = source.poll(NOW, None).await.unwrap();
    assert_eq!(rows(&lots)[0]["unit"], "某县水利局");
    assert_eq!(codes(source.remarks()), Vec::<String>::new());
}

/// No date at all is null; a date with a part of zeros travels as it is.
#[tokio::test]
async fn dates_of_zeros_of_mariadb_are_none() {
    let Some(rig) = maria("zeros").await else {
        return;
    };
    let table = format!("\"{}\".z", rig.table.schema);
    rig.table
        .run(&format!(
            "create table {table} (id bigint unsigned primary key, done datetime not null, day date not null,
             at timestamp not null default 0, wm timestamp not null default 0)"
        ))
        .await;
    rig.table
        .run(&format!(
            "set sql_mode = 'ANSI_QUOTES'; insert into {table} values
             (18446744073709551615, 0, 0, 0, 0), (2, '2026-02-00 00:00:00', '2026-01-05', '2026-01-05 08:00:00', 0)"
        ))
        .await;
    let name = format!("{}.z", rig.table.schema);
    let config = DbTableConfig::new("zeros", rig.table.database(), name, "wm");
    let got = rows(&DbTable::new(config).poll(NOW, None).await.unwrap());
    assert_eq!(
        got[1],
        json!({"id": "18446744073709551615", "done": null, "day": null, "at": null, "wm": null})
    );
    assert_eq!(
        got[0],
        json!({"id": "2", "done": "2026-02-00T00:00:00.000000", "day": "2026-01-05",
            "at": "2026-01-05T08:00:00.000000+08:00", "wm": null})
    );
}

/// The same in a change table.
#[tokio::test]
async fn dates_of_zeros_are_none_in_a_change_too() {
    use crate::contract::Rig;
    let Some(rig) = changes::maria("change_zeros").await else {
        return;
    };
    rig.run("insert into {} values (1, null, '2026-01-05', 'x')")
        .await;
    let zeros = "set sql_mode = 'ANSI_QUOTES'; insert into {} values (2, 0, 0, 'y')";
    rig.table.run(&zeros.replace("{}", &rig.name)).await;
    let (mut source, mut position) = (rig.source(), None);
    let lots = changes::take(&mut *source, &mut position).await;
    let got = rows(&lots);
    assert_eq!(
        (&got[0]["at"], &got[0]["day"]),
        (&json!(null), &json!("2026-01-05"))
    );
    assert_eq!(
        (&got[1]["at"], &got[1]["day"]),
        (&json!(null), &json!(null))
    );
}
