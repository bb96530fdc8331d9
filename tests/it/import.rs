//! `tongcha import` as a technician types it: a folder of years, good files and bad ones, through a
//! real hub; killed in the middle, run again, run once more.

use super::paper::{ORGAN, arrival, document_of};
use super::place::everywhere;
use super::rig::{Rig, number};
use super::sources::{COLUMNS, CREATE, insert};
use serde_json::Value;
use sqlx::Executor as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tongcha_adapters::clock::SystemClock;
use tongcha_adapters::outbox::OutboxLock;
use tongcha_hub::exchange::NodeEntry;
use tongcha_schema::clock::Clock as _;
use tongcha_schema::element::ElementId;
use tongcha_schema::seal::{NodeKey, public_text};

const FILES: u64 = 24;

struct Desk {
    node: &'static str,
    folder: PathBuf,
}

impl Desk {
    async fn new(rig: &mut Rig, node: &'static str) -> Desk {
        // The other process has the machine's own clock.
        rig.clock.set(SystemClock.now());
        let key = NodeKey::from_bytes(&[7; 32]);
        let entry = NodeEntry {
            name: node.to_owned(),
            public_key: public_text(&key.public()),
            ..NodeEntry::default()
        };
        rig.world().county.hub.register(&entry).await.unwrap();
        let folder = rig.folder().join(node.replace('/', "-"));
        std::fs::create_dir_all(folder.join("years")).unwrap();
        for n in 0..FILES {
            let one = arrival(node, &format!("Y-{n}"), ElementId::Process, (1, 1), "step");
            let text = match n % 8 {
                7 => "<not an element>".to_owned(),
                _ => document_of(std::slice::from_ref(&one)),
            };
            std::fs::write(folder.join(format!("years/{n:02}.xml")), text).unwrap();
        }
        Desk { node, folder }
    }

    fn command(&self, url: &str) -> Command {
        let mut command = self.bare(url, "");
        command.arg(self.folder.join("years"));
        command
    }

    /// The command without what is imported; `more` stands at the end of the configuration.
    fn bare(&self, url: &str, more: &str) -> Command {
        let text = format!(
            "[node]\nname = \"{}\"\norg = \"{ORGAN}\"\nkey_env = \"IT_KEY\"\n\
             [hub]\nname = \"{}\"\nurl = \"{url}\"\n\
             [outbox]\nfile = \"outbox.db\"\nseal_env = \"IT_SEAL\"\n\
             [[source]]\nname = \"files\"\nkind = \"xml_dir\"\ndir = \"{}\"\n{more}",
            self.node,
            tongcha::world::COUNTY,
            self.folder.display()
        );
        let config = self.folder.join("agent.toml");
        std::fs::write(&config, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tongcha"));
        command
            .env("IT_KEY", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=")
            .env("IT_SEAL", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=")
            .args(["import", "--json", "--files-per-envelope", "2", "--config"])
            .arg(config);
        command
    }

    /// Runs it to its end; gives its exit code and figures.
    async fn run(&self, url: &str, more: &[&str]) -> (Option<i32>, Value, String) {
        let mut command = self.command(url);
        command.args(more);
        Desk::ended(command).await
    }

    async fn ended(mut command: Command) -> (Option<i32>, Value, String) {
        let output = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = output.await.unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let figures = serde_json::from_str(out.lines().last().unwrap_or("null"));
        (output.status.code(), figures.unwrap_or_default(), err)
    }
}

fn names(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("years")).unwrap().count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_imported_once_though_the_import_is_killed() {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        let calm = Desk::new(&mut rig, "431321/calm").await;
        let url = rig.world().county.url();
        let (code, whole, err) = calm.run(&url, &[]).await;
        assert_eq!(code, Some(1), "three files are bad: {err}");
        assert_eq!(
            (&whole["complete"], &whole["done"]),
            (&true.into(), &FILES.into()),
            "{whole}"
        );
        assert_eq!(whole["records"]["stored"], 21, "{whole}");
        assert_eq!(whole["rejected_items"], 3, "{whole}");
        assert!(err.contains("24/24"), "a plain line of progress: {err}");
        let envelopes = number(rig.county(), "select count(*) from envelope").await;
        // Finished: summed up, nothing is sent. With --again its records are duplicates.
        let (_, again, _) = calm.run(&url, &[]).await;
        assert_eq!(
            (&again["already"], &again["records"]),
            (&true.into(), &whole["records"])
        );
        assert_eq!(
            number(rig.county(), "select count(*) from envelope").await,
            envelopes
        );
        let (_, twice, _) = calm.run(&url, &["--again"]).await;
        assert_eq!(twice["records"]["duplicate"], 21, "{twice}");
        assert_eq!(twice["records"]["stored"], 0, "{twice}");

        // Nothing is decided any more: the next import cannot end before it is killed.
        let killed = Desk::new(&mut rig, "431321/killed").await;
        rig.county().bus.close().await;
        let before = number(rig.county(), "select count(*) from envelope").await;
        let mut command = killed.command(&url);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        while number(rig.county(), "select count(*) from envelope").await < before + 3 {
            assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        rig.restart().await;
        rig.clock
            .set(SystemClock.now() + time::Duration::seconds(61));
        tongcha_hub::schedule::sweep(rig.county()).await.unwrap();
        rig.clock.set(SystemClock.now());
        let url = rig.world().county.url();
        let (code, resumed, err) = killed.run(&url, &[]).await;
        assert_eq!(code, Some(1), "{err}");
        for figure in [
            "complete",
            "done",
            "envelopes",
            "records",
            "findings",
            "rejected_items",
        ] {
            assert_eq!(resumed[figure], whole[figure], "{figure}: {resumed}");
        }
        let stored = "select count(*) from process_history where source = '431321/killed'";
        assert_eq!(number(rig.county(), stored).await, 21);
        assert_eq!(names(&killed.folder), 24, "the files lie where they lay");

        // Beside a running agent it does not begin.
        let _agent = OutboxLock::take(&killed.folder.join("outbox.db")).unwrap();
        let (code, _, err) = killed.run(&url, &["--again"]).await;
        assert_eq!(code, Some(1));
        assert!(err.contains("in use") && err.contains("hint"), "{err}");
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}

/// A configured table goes from its beginning; rows that come later go with the next run, once.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_imported_from_its_beginning() {
    let mut rig = Rig::start(tongcha::world::Place::Embedded).await;
    let desk = Desk::new(&mut rig, "431321/rows").await;
    let file = desk.folder.join("department.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let run = async |text: String| {
        pool.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
    };
    run(CREATE.to_owned()).await;
    for n in 0..40 {
        run(insert(&format!("R-{n}"), "某乙", (1, n), "2026-01-19")).await;
    }
    let columns = COLUMNS.map(|c| format!("\"{c}\"")).join(", ");
    let table = format!(
        "[[source]]\nname = \"rows\"\ndialect = \"row-acceptance\"\nkind = \"db_table\"\ndatabase = \"sqlite\"\n\
         file = \"department.db\"\ntable = \"accepted\"\nwatermark = \"mark\"\noverlap = 0\n\
         rows_per_envelope = 15\ncolumns = [{columns}]\n"
    );
    let url = rig.world().county.url();
    let import = async || {
        let mut command = desk.bare(&url, &table);
        command.args(["--source", "rows"]);
        let (code, figures, err) = Desk::ended(command).await;
        assert_eq!(code, Some(0), "{err}");
        figures
    };
    let first = import().await;
    assert_eq!((&first["done"], &first["total"]), (&40.into(), &40.into()));
    assert_eq!(
        (&first["envelopes"], &first["records"]["stored"]),
        (&3.into(), &40.into())
    );
    run(insert("R-40", "某乙", (1, 40), "2026-01-19")).await;
    let second = import().await;
    assert_eq!(
        (&second["done"], &second["records"]["stored"]),
        (&41.into(), &41.into())
    );
    let stored = number(rig.county(), "select count(*) from acceptance_history").await;
    assert_eq!(stored, 41);
    rig.world.take().unwrap().stop().await.unwrap();
}
