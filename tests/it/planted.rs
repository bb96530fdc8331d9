//! A person's numbers and a password where they do not belong, planted in codes, times, types, attributes,
//! unknown nodes and stray text: they are shown in no receipt, page, log or answer of `check`, and lie in
//! no column that is not sealed.

use super::hops::Entered;
use super::paper::{case, document, record};
use super::place::everywhere;
use super::rig::{Rig, rows};
use std::path::Path;
use std::process::Command;
use tongcha::world::Place;
use tongcha_admin::Token;
use tongcha_schema::element::ElementId::{Applicant, CaseBase, Process};

const NODE: &str = "431321/planted";
/// Synthetic, of the form and with the check character of a citizen's number.
const CITIZEN: &str = "110101199001011237";
/// Synthetic.
const MOBILE: &str = "13900000017";
const PASSWORD: &str = "pw-314159-planted";
/// A text of a person, which stands where it belongs and is stored as it is, since it is no number's field.
const OPINION: &str = "请致电13900000025";
const PLANTED: [&str; 3] = [CITIZEN, MOBILE, PASSWORD];

/// Each record has one number or more in a wrong place.
fn planted() -> String {
    let step = |attributes: &str, fields: &[(&str, &str)]| record(Process, attributes, fields);
    let records = [
        record(CaseBase, "seq=\"1\"", &[("QueryPwdHash", PASSWORD)]),
        record(
            Applicant,
            "seq=\"1\"",
            &[("IdType", CITIZEN), ("Kind", MOBILE), ("IdNo", MOBILE)],
        ),
        step("seq=\"1\"", &[("Opinion", OPINION)]),
        step("seq=\"2\"", &[("StepCode", CITIZEN), ("StartTime", MOBILE)]),
        step(
            "seq=\"3\"",
            &[("State", MOBILE), ("EndTime", &format!("时间{CITIZEN}"))],
        ),
        step("seq=\"4\"", &[("UnitCode", CITIZEN), ("StepNo", MOBILE)]),
        step(
            &format!("seq=\"{MOBILE}x\" op=\"{CITIZEN}\" dataVer=\"{MOBILE}x\""),
            &[],
        ),
        step("seq=\"6\"", &[("Remark", MOBILE), ("Result", CITIZEN)]),
        step(
            &format!("seq=\"7\" none=\"{MOBILE}\" note=\"{CITIZEN}\""),
            &[],
        ),
        step("seq=\"8\"", &[]).replacen("<StepNo>", &format!("{MOBILE}<StepNo>"), 1),
    ];
    document(records.len(), &case("PLANTED-1", &records.concat()))
}

/// Nothing of it may stand in a text.
fn clean(place: &str, text: &str) {
    for planted in PLANTED {
        let at = text.find(planted);
        let around = at.map(|at| text[..at].chars().rev().take(80).collect::<String>());
        assert_eq!(
            around, None,
            "{planted} is shown in {place} (what stands before it, backwards)"
        );
    }
}

/// Every text that lies beside the documents that were given back.
fn beside(folder: &Path, name: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for side in ["done", "bad"] {
        for entry in std::fs::read_dir(folder.join(side)).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.file_name().is_some_and(|n| n != name) && path.is_file() {
                out.push((
                    path.display().to_string(),
                    std::fs::read_to_string(&path).unwrap(),
                ));
            }
        }
    }
    out
}

/// Table and column of every text that is not sealed.
fn columns(place: &Place) -> &'static str {
    match place {
        Place::Embedded => {
            "select m.name, p.name from sqlite_master m join pragma_table_info(m.name) p \
             where m.type = 'table' and m.name not like 'sqlite%' order by 1, 2"
        }
        Place::Production(_) => {
            "select table_name::text, column_name::text from information_schema.columns \
             where table_schema = current_schema() and data_type in ('text', 'character varying', 'jsonb') \
             order by 1, 2"
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_number_in_a_wrong_field_is_shown_nowhere() {
    everywhere(|place| async move {
        let token = Token::new(&[7; 32]);
        let key = token.text().to_owned();
        let ask = columns(&place);
        let mut rig = Rig::start_with_pages(place, token).await;
        rig.machine(NODE).await;
        rig.drop_file(NODE, "planted.xml", planted().as_bytes());
        rig.exhaust(NODE).await;
        rig.settle().await;
        let (_, receipt) = rig.receipt(NODE, "planted.xml");
        assert!(receipt.counts.rejected >= 6, "{receipt:?}");
        assert!(receipt.findings.len() >= 10, "{receipt:?}");
        let told = beside(&rig.exchange(NODE), "planted.xml");
        assert!(told.len() >= 3, "three forms: {told:?}");
        for (name, text) in &told {
            clean(name, text);
        }
        let url = rig.world().county.url();
        let entered = Entered::at(&url, &key).await;
        let envelope = receipt.envelope.replace('@', "%40").replace('/', "%2F");
        let pages = [
            "/".to_owned(),
            "/envelopes".to_owned(),
            format!("/envelope?id={envelope}"),
            "/cases".to_owned(),
            "/case?space=cn&no=PLANTED-1".to_owned(),
            "/cards".to_owned(),
            "/work".to_owned(),
            "/ledger".to_owned(),
        ];
        for path in pages {
            let page = entered.page(&path).await;
            clean(&path, &page);
            assert!(!page.contains(&OPINION["请致电".len()..]), "{path} shows a number in a text");
        }
        let page = entered.page("/case?space=cn&no=PLANTED-1").await;
        assert!(page.contains("请致电139******25"), "the text itself is there: {page}");
        for core in [rig.county().clone(), rig.province().clone()] {
            for column in rows(&core, ask).await {
                let (table, column) = (column.text(0).to_owned(), column.text(1).to_owned());
                for planted in PLANTED {
                    let text = format!(
                        "select count(*) from \"{table}\" where cast(\"{column}\" as text) like '%{planted}%'"
                    );
                    let found = rows(&core, &text).await[0].count(0);
                    assert_eq!(found, 0, "{planted} lies open in {table}.{column}");
                }
            }
        }
        rig.world.take().unwrap().stop().await.unwrap();
    })
    .await;
}

#[test]
fn check_and_the_log_show_none_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("planted.xml");
    std::fs::write(&file, planted()).unwrap();
    let data = file.to_str().unwrap();
    let run = folder.path().join("run");
    let demo = [
        "demo",
        "--once",
        "--json",
        "--as-of",
        "2026-03-01",
        "--folder",
    ];
    let demo = [&demo[..], &[run.to_str().unwrap(), "--data", data]].concat();
    for arguments in [
        vec!["check", data],
        vec!["check", "--lang", "en", data],
        vec!["check", "--json", data],
        demo,
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tongcha"));
        let output = command
            .args(&arguments)
            .env("TONGCHA_LOG", "trace")
            .output()
            .unwrap();
        for text in [output.stdout, output.stderr] {
            clean(&arguments.join(" "), &String::from_utf8_lossy(&text));
        }
    }
}
