//! Files as offices really write them: a dropped table or document in the shape that a spreadsheet, a web
//! system or a bus gave it comes out as rows, or as a finding that says what it is and what to do.

use super::model::Arrival;
use super::paper::arrival;
use super::place::everywhere;
use super::rig::{Rig, rows};
use tongcha_schema::element::ElementId;
use tongcha_schema::receipt::Verdict;

const NODE: &str = "431321/office";
const HEAD: &str = "SBLSH,SPHJDM,SPHJMC,SPBMMC,SPBMZZJDDM,SPRXM,SPYJ,SPSJ,VERSION";

/// A row of Guangdong's table of steps.
fn row(case_no: &str, opinion: &str, at: &str) -> String {
    format!("{case_no},1,承办,某县水利局,11431321009000015L,李某,{opinion},{at},1")
}

fn table(rows: &[String]) -> String {
    format!("{HEAD}\r\n{}\r\n", rows.join("\r\n"))
}

/// A file, what its receipt says, and its steps: case number, whether it is taken, opinion.
struct Story {
    name: &'static str,
    bytes: Vec<u8>,
    verdict: Verdict,
    codes: &'static [&'static str],
    steps: &'static [(&'static str, bool, &'static str)],
}

fn tables() -> Vec<Story> {
    let at = "2026-01-02 09:30:00";
    vec![
        Story {
            name: "undone.csv",
            bytes: table(&[
                row(
                    "=\"XK000000100900001512603020003\"",
                    "同意",
                    "=\"2026-01-02 09:30:00\"",
                ),
                row("'XK000000100900001512603020004", "同意", "2026/1/2 9:30"),
            ])
            .into_bytes(),
            verdict: Verdict::Accepted,
            codes: &[],
            steps: &[
                ("XK000000100900001512603020003", true, "同意"),
                ("XK000000100900001512603020004", true, "同意"),
            ],
        },
        Story {
            name: "spoilt.csv",
            bytes: table(&[
                row("4.31321E+17", "同意", at),
                row("4.31321E+17", "同意", "2026-01-03 09:30:00"),
                row("XK000000100900001512603020005", "同意", at),
            ])
            .into_bytes(),
            verdict: Verdict::Partly,
            codes: &["X335", "X335"],
            steps: &[
                ("4.31321E+17", false, "同意"),
                ("4.31321E+17", false, "同意"),
                ("XK000000100900001512603020005", true, "同意"),
            ],
        },
        Story {
            name: "sep.csv",
            bytes: [
                "sep=;\r\n",
                &table(&[row("XK000000100900001512603020006", "同意", at)]),
            ]
            .concat()
            .replace(',', ";")
            .into_bytes(),
            verdict: Verdict::Accepted,
            codes: &[],
            steps: &[("XK000000100900001512603020006", true, "同意")],
        },
        Story {
            name: "quotes.csv",
            bytes: format!(
                "某局一月台账,,,,,,,,\r\n{}\r\n,,,,,,,,\r\n",
                table(&[row(
                    "XK000000100900001512603020007",
                    "\"放管服\"改革，同意",
                    at
                )])
            )
            .into_bytes(),
            verdict: Verdict::Accepted,
            codes: &[],
            steps: &[(
                "XK000000100900001512603020007",
                true,
                "\"放管服\"改革，同意",
            )],
        },
    ]
}

/// The story's records. Their numbers are hashes of their keys, which the store tells.
async fn steps(rig: &Rig, story: &Story) -> Vec<Arrival> {
    let mut steps = Vec::new();
    for (case_no, sound, opinion) in story.steps {
        let ask = format!("select seq from process_history where case_no = '{case_no}'");
        let seq = rows(rig.county(), &ask)
            .await
            .first()
            .map_or(1, |row| row.int(0));
        steps.push(Arrival {
            sound: *sound,
            ..arrival(NODE, case_no, ElementId::Process, (seq, 1), opinion)
        });
    }
    steps
}

async fn run(stories: fn() -> Vec<Story>) {
    everywhere(|place| async move {
        let mut rig = Rig::start(place).await;
        rig.machine(NODE).await;
        for story in stories() {
            rig.drop_file(NODE, story.name, &story.bytes);
            rig.exhaust(NODE).await;
            rig.settle().await;
            let steps = steps(&rig, &story).await;
            rig.expect(&steps);
            let (_, receipt) = rig.receipt(NODE, story.name);
            let codes = receipt.findings.iter().map(|f| f.code.to_string());
            let codes: Vec<String> = codes.collect();
            assert_eq!(codes, story.codes, "{}: {receipt:?}", story.name);
            assert_eq!(receipt.verdict, story.verdict, "{}", story.name);
            for (case_no, sound, opinion) in story.steps {
                let ask =
                    format!("select opinion from process where case_no = '{case_no}' order by 1");
                let found = rows(rig.county(), &ask).await;
                let found: Vec<&str> = found.iter().map(|row| row.text(0)).collect();
                let want: &[&str] = if *sound { &[opinion] } else { &[] };
                assert_eq!(found, want, "{}", story.name);
            }
        }
        rig.end().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_spreadsheets_have_touched_are_read_or_told_by_their_cells() {
    run(tables).await;
}
