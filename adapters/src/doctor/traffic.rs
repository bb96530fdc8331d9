//! What the outbox of a source says: parcels that wait in vain, refusals, what was set aside; and what a running
//! agent says of its own steps. Refuses to change the outbox.

use super::Checkup;
use crate::outbox::{Outbox, Traffic};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::Path;
use time::{Duration, OffsetDateTime};
use tongcha_schema::clock::from_unix_ms;

/// How long a parcel may wait before that is a fault of its own: a night's hours of sending are longer.
const LONG: Duration = Duration::DAY;

/// What the outbox says of one source.
pub(super) async fn look(file: &Path, source: &str, now: OffsetDateTime) -> Option<Checkup> {
    let what = (
        format!("来源{source}的报送"),
        format!("what source {source} sent"),
    );
    let what = (what.0.as_str(), what.1.as_str());
    match Outbox::traffic_of(file, source).await {
        Ok(None) => None,
        Ok(Some(traffic)) => Some(told(what, &traffic, now)),
        Err(cause) => {
            let cause = cause.to_string();
            let next = (
                "请检查发件库文件；旧版本的发件库由前置机启动时升级",
                "check the outbox file; one of an older version is renewed when the agent starts",
            );
            Some(Checkup::ill(what, (&cause, &cause), next))
        }
    }
}

fn told(what: (&str, &str), traffic: &Traffic, now: OffsetDateTime) -> Checkup {
    let Traffic {
        waiting,
        receipts,
        refused,
        rejected,
        aside,
        ..
    } = traffic;
    let counts = (
        format!(
            "待发送{waiting}件，已收回执{receipts}份，其中被拒{refused}份{rejected}条，搁置{aside}件"
        ),
        format!(
            "{waiting} wait, {receipts} receipts, {refused} of them refusals of {rejected} records, {aside} set aside"
        ),
    );
    let day = |ms: i64| now - from_unix_ms(ms) < Duration::DAY;
    if let Some((_, why)) = traffic.last_aside.as_ref().filter(|(at, _)| day(*at)) {
        let next = (
            "中心不能接收该信封：请按原因处理后重新投放bad/中的文件",
            "the hub cannot take that envelope: mend the cause and drop the file of bad/ again",
        );
        return with(what, &counts, why, next);
    }
    if let Some(fault) = &traffic.fault {
        let next = (
            "请按所述原因处理；处理后自动重试",
            "mend what it says; it is tried again by itself",
        );
        return with(what, &counts, fault, next);
    }
    if traffic
        .since_ms
        .is_some_and(|at| now - from_unix_ms(at) > LONG)
    {
        let next = (
            "最早一件已等待超过一天：请检查前置机是否在运行、中心和报送时段",
            "the oldest has waited for more than a day: check whether the agent runs, the hub, the hours of sending",
        );
        return Checkup::ill(what, (&counts.0, &counts.1), next);
    }
    if *refused > 0 && traffic.last_receipt_ms.is_some_and(day) {
        let next = (
            "请处理bad/中的文件及旁边的回执，改正后重新报送",
            "see the files in bad/ and the receipts beside them, mend and send again",
        );
        return Checkup::ill(what, (&counts.0, &counts.1), next);
    }
    Checkup::well(what, (&counts.0, &counts.1))
}

fn with(what: (&str, &str), counts: &(String, String), why: &str, next: (&str, &str)) -> Checkup {
    let found = (
        format!("{}；{why}", counts.0),
        format!("{}; {why}", counts.1),
    );
    Checkup::ill(what, (&found.0, &found.1), next)
}

#[derive(Deserialize)]
struct Page {
    sources: Vec<Said>,
}

#[derive(Deserialize)]
struct Said {
    source: String,
    state: String,
    faults: Vec<String>,
}

/// What a running agent says on its page: sources whose last step went wrong. Nothing where the page does not
/// answer: that the agent runs is known already.
pub(super) async fn running(page: SocketAddr) -> Vec<Checkup> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(std::time::Duration::from_secs(10));
    let Ok(client) = client.build() else {
        return Vec::new();
    };
    let asked = client
        .get(format!("http://{page}/status.json"))
        .send()
        .await;
    let Ok(answer) = asked else {
        return Vec::new();
    };
    let body = answer.bytes().await.unwrap_or_default();
    let sources = serde_json::from_slice::<Page>(&body).map_or(Vec::new(), |page| page.sources);
    let wrong = sources
        .into_iter()
        .filter(|said| matches!(said.state.as_str(), "fault" | "full"));
    wrong
        .map(|said| {
            let what = (
                format!("来源{}的最近一步", said.source),
                format!("the last step of source {}", said.source),
            );
            let found = match said.faults.is_empty() {
                true => "发件库已满 the outbox is full".to_owned(),
                false => said.faults.join("；"),
            };
            let next = (
                "请按所述原因处理（磁盘、权限、线路）；处理后自动继续",
                "mend what it says (disk, rights, line); it goes on by itself",
            );
            Checkup::ill((&what.0, &what.1), (&found, &found), next)
        })
        .collect()
}
