//! The way to the pages of a hub that runs, asked for on its machine: a token that its database knows by digest
//! alone, and that works once.

use super::doctor::close;
use super::place::everywhere;
use std::process::Command;
use tongcha::world::Place;
use tongcha_adapters::clock::SystemClock;
use tongcha_hub::entry;
use tongcha_hub::store::engine::Store;
use tongcha_schema::clock::Clock as _;

#[tokio::test(flavor = "multi_thread")]
async fn another_token_is_asked_for_without_a_restart() {
    everywhere(|place| async move {
        // A hub with a configuration file runs on servers.
        let Place::Production(production) = place else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("db.url", production.database_url.clone()),
            ("bus.url", production.bus_url.clone()),
            ("seal.key", format!("{}=", "A".repeat(43))),
        ] {
            close(&folder.path().join(name), &text);
        }
        let config = folder.path().join("hub.toml");
        let schema = format!("{}_entry", production.tag);
        let text = format!(
            "[hub]\nname = \"431321/hub\"\nspool = \"spool\"\nseal_file = \"seal.key\"\n\
             [database]\nurl_file = \"db.url\"\nschema = \"{schema}\"\n[bus]\nurl_file = \"bus.url\"\n"
        );
        std::fs::write(&config, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tongcha"));
        command.args(["admin", "token", "--config"]).arg(&config);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = output.await.unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let token = said.split("token=").nth(1).unwrap().lines().next().unwrap();
        assert_eq!(token.len(), 32, "{said}");
        let store = Store::open_postgres(&production.database_url, &schema).await.unwrap();
        let kept = "select sha256 from entry_token";
        let kept = store.rows_of("kept", kept, Vec::new()).await.unwrap();
        assert!(kept.iter().all(|row| row.text(0) != token), "only its digest is kept");
        let now = SystemClock.now();
        assert!(entry::take(&store, token, now).await.unwrap());
        assert!(!entry::take(&store, token, now).await.unwrap(), "it works once");
        store.close().await;
    })
    .await;
}
