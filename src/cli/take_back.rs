//! `tongcha hub --config FILE take-back ...`: takes back what a wrong dialect made. Shows what would go;
//! does it only with the number of records that was shown, and a reason. Refuses to guess what is meant.

use anyhow::Result;
use clap::Args as Arguments;
use tongcha_adapters::clock::SystemClock;
use tongcha_hub::config::HubSettings;
use tongcha_hub::store::engine::Store;
use tongcha_hub::take_back::{Order, Taken, Wish, preview, take_back};
use tongcha_schema::clock::{CHINA, Clock as _};

/// Arguments of `hub take-back`.
#[derive(Arguments, Debug)]
pub struct Args {
    /// 信封编号 · The envelope.
    #[arg(long, value_name = "ID", default_value = "")]
    envelope: String,
    /// 报送节点，与--dialect同用 · The sending node, with --dialect.
    #[arg(long, value_name = "NODE", default_value = "")]
    source: String,
    /// 读取它的方言 · The dialect that read it.
    #[arg(long, value_name = "NAME", default_value = "")]
    dialect: String,
    /// 预览所示的记录数；写明才收回 · The number of records that the preview shows: only then it is done.
    #[arg(long, value_name = "N", requires = "reason")]
    records: Option<u64>,
    /// 理由，来源会看到 · Why; the source reads it.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// 操作人 · Who does it.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// Shows, or does it.
///
/// # Errors
/// The store, and whatever keeps it from being done.
pub async fn run(settings: &HubSettings, args: &Args) -> Result<bool> {
    let services = &settings.services;
    let store = Store::open_postgres(&services.database_url, &services.schema).await?;
    let wish = Wish {
        envelope: args.envelope.clone(),
        source: args.source.clone(),
        dialect: args.dialect.clone(),
    };
    let now = SystemClock.now();
    let done = match (args.records, &args.reason) {
        (Some(records), Some(reason)) => {
            let order = Order {
                who: args.by.clone().unwrap_or_else(user),
                reason: reason.clone(),
                records,
            };
            take_back(&store, &wish, &order, CHINA, now).await
        }
        _ => preview(&store, &wish, CHINA, now).await,
    };
    store.close().await;
    print!("{}", text_of(&done?, args.records.is_some()));
    Ok(true)
}

/// The user of this machine who runs it.
fn user() -> String {
    std::env::var("SUDO_USER")
        .or_else(|_| std::env::var("USER"))
        .unwrap_or_default()
}

fn text_of(taken: &Taken, done: bool) -> String {
    let mut lines = vec![match done {
        true => format!("已收回，编号{0} · taken back, number {0}", taken.number),
        false => "将会收回（尚未改动） · this would go (nothing is changed yet)".to_owned(),
    }];
    lines.push(format!(
        "  信封 envelopes {}  记录 records {}  办件 cases {}  监察牌 cards {}",
        taken.envelopes,
        taken.total(),
        taken.cases,
        taken.cards
    ));
    for (element, n) in &taken.records {
        lines.push(format!("    {element}  {n}"));
    }
    for (zh, en, list) in [
        ("办件", "case", &taken.first_cases),
        ("监察牌", "card", &taken.first_cards),
    ] {
        lines.extend(list.iter().map(|one| format!("    {zh} {en}  {one}")));
    }
    if taken.kept_cases > 0 {
        lines.push(format!(
            "  另有{0}个办件保留其他记录，将重新判定 · {0} cases keep other records and are judged anew",
            taken.kept_cases
        ));
    }
    if taken.duplicates > 0 {
        lines.push(format!(
            "  其中{0}条重复记录不受影响 · {0} duplicates of these envelopes stay as they are",
            taken.duplicates
        ));
    }
    if taken.forwards {
        lines.push(
            "  本中心向上级转报：已转报的须在上级中心同样收回 · this hub forwards: what went up must be taken back above as well"
                .to_owned(),
        );
    }
    lines.push("  原始报文仍保存 · the raw bytes are kept".to_owned());
    if !done {
        lines.push(format!(
            "执行请加上 · to do it add:  --records {} --reason \"...\"",
            taken.total()
        ));
    }
    lines.push(String::new());
    lines.join("\n")
}
