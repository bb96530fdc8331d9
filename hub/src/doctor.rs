//! Whether a hub is fit to run: database, bus, spool, calendar and the hub above, looked at one by one,
//! with the next step where one is not. May be asked beside a running hub. Refuses to change anything: no
//! schema is made, no queue declared.

use crate::alarm::{self, Alarm};
use crate::bus::rabbit::RabbitBus;
use crate::calendars;
use crate::config::HubSettings;
use crate::store::engine::{Store, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;
use tongcha_adapters::amqp;
use tongcha_adapters::doctor::{Checkup, HubAbove, folder, hub_above};
use tongcha_schema::clock::{CHINA, Clock};

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
        found.push(door(settings, clock.as_ref()).await);
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

/// What the door turned away within a day: somebody forges, or a department does not get through.
async fn door(settings: &HubSettings, clock: &dyn Clock) -> Checkup {
    let what = ("门口告警", "alarms of the door");
    let services = &settings.services;
    let next = (
        "请在“节点”页查看原因和处理办法，与该部门联系",
        "see the page of nodes for the reason and the next step, and speak with the department",
    );
    match alarms(&services.database_url, &services.schema, clock).await {
        Ok(alarms) if alarms.is_empty() => {
            Checkup::well(what, ("近24小时没有", "none within 24 h"))
        }
        Ok(alarms) => {
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
            Checkup::ill(what, (&zh.join("；"), &en.join("; ")), next)
        }
        Err(cause) => {
            let cause = cause.to_string();
            Checkup::ill(what, (&cause, &cause), next)
        }
    }
}

async fn alarms(url: &str, schema: &str, clock: &dyn Clock) -> Result<Vec<Alarm>, StoreError> {
    let Some(store) = Store::look_postgres(url, schema).await? else {
        return Ok(Vec::new());
    };
    let found = alarm::standing(&store, clock.now()).await;
    store.close().await;
    found
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
