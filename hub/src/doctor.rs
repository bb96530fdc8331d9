//! Whether a hub is fit to run: database, bus, spool, calendar and the hub above, looked at one by one,
//! with the next step where one is not. May be asked beside a running hub. Refuses to change anything: no
//! schema is made, no queue declared.

use crate::agreement;
use crate::alarm::{self, Alarm};
use crate::bus::rabbit::RabbitBus;
use crate::calendars;
use crate::config::HubSettings;
use crate::forward::{self, Held, Progress};
use crate::inbox;
use crate::schedule::{self, JobState};
use crate::store::engine::{Store, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tongcha_adapters::amqp;
use tongcha_adapters::doctor::{Checkup, HubAbove, folder, hub_above};
use tongcha_schema::clock::{CHINA, Clock, from_unix_ms};

/// A batch without an answer for longer is told.
const UNANSWERED: Duration = Duration::hours(1);

/// Looks at everything that the hub of these settings needs.
pub async fn examine(settings: &HubSettings, clock: Arc<dyn Clock>) -> Vec<Checkup> {
    let services = &settings.services;
    let database = database(&services.database_url, &services.schema).await;
    let is_there = database.well;
    let mut found = vec![
        database,
        bus(&services.bus_url).await,
        folder(("暂存目录", "spool"), &settings.spool),
        calendar(settings, is_there, clock.as_ref()).await,
    ];
    if is_there {
        found.extend(inside(settings, clock.as_ref()).await);
    }
    if let Some(reception) = &settings.reception {
        found.push(broker(&reception.url, reception.authority_pem.as_deref()).await);
    }
    if let Some(forward) = &settings.forward {
        let beside = forward.outbox.parent().unwrap_or(std::path::Path::new("."));
        found.push(folder(("上报发件库", "outbox of [forward]"), beside));
        // Whether the hub runs is not known here.
        let above = HubAbove {
            name: &forward.hub,
            address: &forward.address,
            node: &settings.name,
            key: &forward.key,
            in_use: true,
        };
        found.extend(hub_above(&above, &clock).await);
    }
    found
}

async fn database(url: &str, schema: &str) -> Checkup {
    let what = ("数据库", "database");
    match Store::probe_postgres(url, schema).await {
        Ok(told) if told.may_write => {
            let found = (
                format!("PostgreSQL {}，模式{schema}", told.version),
                format!("PostgreSQL {}, schema {schema}", told.version),
            );
            Checkup::well(what, (&found.0, &found.1))
        }
        Ok(told) => {
            let found = (
                format!("PostgreSQL {}：该角色不能建立模式{schema}", told.version),
                format!(
                    "PostgreSQL {}: this role may not make schema {schema}",
                    told.version
                ),
            );
            let next = (
                "请按部署手册执行 roles.sql 和 grants.sql",
                "run roles.sql and grants.sql as the runbook says",
            );
            Checkup::ill(what, (&found.0, &found.1), next)
        }
        Err(cause) => {
            let cause = cause.to_string();
            let next = (
                "请检查 [database] 的地址、角色，以及PostgreSQL是否在运行",
                "check address and role of [database], and whether PostgreSQL runs",
            );
            Checkup::ill(what, (&cause, &cause), next)
        }
    }
}

/// Cases whose file is compared with the tables.
const COMPARED: i64 = 100;

/// What a hub that has run in the database says of itself: door, jobs, quarantine, batches upward.
async fn inside(settings: &HubSettings, clock: &dyn Clock) -> Vec<Checkup> {
    let services = &settings.services;
    let what = ("中心数据", "tables of the hub");
    let next = (
        "请检查数据库的表和权限；升级后请先启动中心",
        "check tables and grants of the database; after an upgrade start the hub first",
    );
    let ill = |cause: StoreError| {
        let cause = cause.to_string();
        vec![Checkup::ill(what, (&cause, &cause), next)]
    };
    let store = match Store::look_postgres(&services.database_url, &services.schema).await {
        Ok(Some(store)) => store,
        Ok(None) => return Vec::new(),
        Err(cause) => return ill(cause),
    };
    let forwards = settings.forward.is_some();
    let found = look_inside(&store, forwards, clock).await;
    store.close().await;
    found.unwrap_or_else(ill)
}

/// The same, over an open store.
///
/// # Errors
/// The store.
pub async fn look_inside(
    store: &Store,
    forwards: bool,
    clock: &dyn Clock,
) -> Result<Vec<Checkup>, StoreError> {
    let now = clock.now();
    let mut found = vec![
        door(&alarm::standing(store, now).await?),
        jobs(&schedule::states(store).await?),
        quarantine(&inbox::quarantined(store).await?),
        files(&agreement::apart(store, COMPARED).await?),
    ];
    if forwards {
        let held = forward::held(store, 1).await?;
        let progress = forward::progress(store).await?;
        found.push(upward(&progress, held.first(), now));
    }
    Ok(found)
}

/// What the door turned away within a day: somebody forges, or a department does not get through.
fn door(alarms: &[Alarm]) -> Checkup {
    let what = ("门口告警", "alarms of the door");
    if alarms.is_empty() {
        return Checkup::well(what, ("近24小时没有", "none within 24 h"));
    }
    let told = |stranger: &str, times: &dyn Fn(&Alarm) -> String| {
        let line = |alarm: &Alarm| match alarm.node.as_str() {
            "" => format!("{stranger} {}", times(alarm)),
            node => format!("{node} {}", times(alarm)),
        };
        alarms.iter().map(line).collect::<Vec<_>>()
    };
    let title = |alarm: &Alarm| alarm.code.spec().title;
    let zh = told("未登记者", &|a| {
        format!("{}{}{}次", a.code, title(a).0, a.times)
    });
    let en = told("strangers", &|a| {
        format!("{} {}: {}", a.code, title(a).1, a.times)
    });
    let next = (
        "请在“节点”页查看原因和处理办法，与该部门联系",
        "see the page of nodes for the reason and the next step, and speak with the department",
    );
    Checkup::ill(what, (&zh.join("；"), &en.join("; ")), next)
}

/// Cases whose file says something else than the tables do: somebody changed rows by hand, or a fault.
fn files(apart: &[String]) -> Checkup {
    let what = ("办件卷宗与要素表", "case files and tables");
    if apart.is_empty() {
        let zh = format!("最近{COMPARED}件办件一致");
        let en = format!("the newest {COMPARED} cases agree");
        return Checkup::well(what, (&zh, &en));
    }
    let named = apart.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    let zh = format!("{}件办件的卷宗与要素表不一致：{named}", apart.len());
    let en = format!("{} cases whose file and rows differ: {named}", apart.len());
    let next = (
        "要素表只能由本程序写入；请从备份恢复被改动的行，或请来源重报这些办件",
        "only this program may write to the tables: restore the rows that were changed from a backup, or let the source report these cases again",
    );
    Checkup::ill(what, (&zh, &en), next)
}

/// Jobs that failed the last time.
fn jobs(states: &[JobState]) -> Checkup {
    let what = ("定时任务", "jobs");
    let failing: Vec<&JobState> = states.iter().filter(|s| s.fails > 0).collect();
    if failing.is_empty() {
        return Checkup::well(what, ("正常", "well"));
    }
    let line = |times: &str| {
        let one = |s: &&JobState| format!("{} ×{}{times}{}", s.name, s.fails, s.cause);
        failing.iter().map(one).collect::<Vec<_>>().join("; ")
    };
    let next = (
        "请按原因处理（磁盘、数据库、权限），任务会自动继续",
        "mend the cause (disk, database, grants); the jobs go on by themselves",
    );
    Checkup::ill(what, (&line("次失败："), &line(" failed: ")), next)
}

/// Bundles that the tables do not take.
fn quarantine(found: &inbox::Quarantine) -> Checkup {
    let what = ("隔离的记录包", "quarantine");
    if found.bundles == 0 {
        return Checkup::well(what, ("没有", "empty"));
    }
    let told = (
        format!(
            "{}包{}条记录：{}",
            found.bundles, found.records, found.cause
        ),
        format!(
            "{} bundles with {} records: {}",
            found.bundles, found.records, found.cause
        ),
    );
    let next = (
        "请查看中心日志，排除原因后重启中心，即自动重试",
        "read the hub's log, mend the cause and start the hub again: it tries once more",
    );
    Checkup::ill(what, (&told.0, &told.1), next)
}

/// Batches that the hub above refused, or has not answered for long.
fn upward(progress: &Progress, held: Option<&Held>, now: OffsetDateTime) -> Checkup {
    let what = ("上报批次", "batches upward");
    if progress.held > 0 {
        let cause = held.and_then(|h| h.cause.as_ref());
        let said = cause.map_or_else(Default::default, |f| (f.cause_zh(), f.cause_en()));
        let told = (
            format!(
                "{}批{}条被拒：{}",
                progress.held, progress.held_records, said.0
            ),
            format!(
                "{} batches with {} records are refused: {}",
                progress.held, progress.held_records, said.1
            ),
        );
        let hint = cause.map_or_else(Default::default, |f| (f.hint_zh(), f.hint_en()));
        return Checkup::ill(what, (&told.0, &told.1), (&hint.0, &hint.1));
    }
    let waits = progress.waiting_since_ms.map(|ms| now - from_unix_ms(ms));
    match waits.filter(|waits| *waits > UNANSWERED) {
        Some(waits) => {
            let hours = waits.whole_hours();
            let told = (
                format!("最早一批已{hours}小时没有答复"),
                format!("the oldest has had no answer for {hours} hours"),
            );
            let next = (
                "请检查到上级中心的线路、登记和上报发件库所在磁盘",
                "check the line to the hub above, the registration there, and the disk of the outbox",
            );
            Checkup::ill(what, (&told.0, &told.1), next)
        }
        None => {
            let told = (
                format!("上级已入库{}条", progress.stored_above),
                format!("{} records stored above", progress.stored_above),
            );
            Checkup::well(what, (&told.0, &told.1))
        }
    }
}

async fn bus(url: &str) -> Checkup {
    let what = ("消息代理", "bus");
    match RabbitBus::probe(url).await {
        Ok(()) => Checkup::well(what, ("RabbitMQ可连接", "RabbitMQ lets this user in")),
        Err(cause) => {
            let cause = cause.to_string();
            let next = (
                "请检查 [bus] 的地址、用户、虚拟主机，以及RabbitMQ是否在运行",
                "check address, user and virtual host of [bus], and whether RabbitMQ runs",
            );
            Checkup::ill(what, (&cause, &cause), next)
        }
    }
}

async fn broker(url: &str, authority_pem: Option<&str>) -> Checkup {
    let what = ("前置机消息中间件", "broker of the nodes");
    match amqp::probe(url, authority_pem).await {
        Ok(()) => Checkup::well(what, ("RabbitMQ可连接", "RabbitMQ lets this user in")),
        Err(cause) => {
            let cause = cause.to_string();
            let next = (
                "请检查 [amqp] 的地址、用户、虚拟主机、证书，以及RabbitMQ是否在运行",
                "check address, user, virtual host and certificate of [amqp], and whether RabbitMQ runs",
            );
            Checkup::ill(what, (&cause, &cause), next)
        }
    }
}

/// Working days are counted by published calendars: next year's is there in November. From 1 December on it
/// must be loaded, and every year in which a due day of an open case lies.
async fn calendar(settings: &HubSettings, has_store: bool, clock: &dyn Clock) -> Checkup {
    let what = ("工作日历", "calendar");
    let today = clock.now().to_offset(CHINA).date();
    let calendar = &settings.calendar;
    let missing = match has_store {
        true => missing_years(settings, today).await,
        false => Ok(calendars::expected(calendar, today)),
    };
    let missing = match missing {
        Ok(missing) => missing,
        Err(cause) => {
            let cause = cause.to_string();
            let next = ("请检查 [database]", "check [database]");
            return Checkup::ill(what, (&cause, &cause), next);
        }
    };
    let last = calendar.years().last().unwrap_or_default();
    let version = calendar.version();
    if missing.is_empty() {
        let zh = format!("至{last}年，版本 {version}");
        let en = format!("to {last}, version {version}");
        return Checkup::well(what, (&zh, &en));
    }
    let told = |year: &i32, cases: &u64, zh: bool| match (cases, zh) {
        (0, _) => year.to_string(),
        (n, true) => format!("{year}（{n} 件在办件到期日在该年）"),
        (n, false) => format!("{year} ({n} open cases fall due in it)"),
    };
    let list = |zh: bool, between: &str| {
        let years = missing.iter().map(|(year, cases)| told(year, cases, zh));
        years.collect::<Vec<_>>().join(between)
    };
    let zh = format!(
        "没有这些年份的放假安排：{}；相关办件暂缓发牌",
        list(true, "、")
    );
    let en = format!(
        "the holidays of {} are not loaded; no cards are issued on them",
        list(false, ", ")
    );
    let next = (
        "把该年的 holiday-cn JSON 放进 [hub] calendars 的目录，用 tongcha calendar check 检验、preview 预览，再重启中心",
        "put that year's JSON of holiday-cn into the folder [hub] calendars, try it with `tongcha calendar check` and `preview`, and restart the hub",
    );
    Checkup::ill(what, (&zh, &en), next)
}

async fn missing_years(
    settings: &HubSettings,
    today: time::Date,
) -> Result<BTreeMap<i32, u64>, StoreError> {
    let services = &settings.services;
    let found = Store::look_postgres(&services.database_url, &services.schema).await?;
    let Some(store) = found else {
        return Ok(calendars::expected(&settings.calendar, today));
    };
    let missing = calendars::missing(&store, &settings.calendar, today).await;
    store.close().await;
    missing
}
