//! Waking: a dropped file is taken although the next poll is an hour away; a table wakes nobody.

use crate::receiver::Receiver;
use crate::tables::{Lite, Table};
use crate::{HUB, NOW, ORG, clock, outbox, uplink};
use std::time::Duration;
use tokio::sync::watch;
use tongcha_adapters::agent::{Agent, AgentConfig};
use tongcha_adapters::source::Source;
use tongcha_adapters::sources::db_table::{
    ChangeConfig, ChangeTable, DbTable, DbTableConfig, FlagConfig, FlagTable,
};
use tongcha_adapters::sources::xml_dir::{XmlDir, XmlDirConfig};

/// Only a failure waits so long.
const LIMIT: Duration = Duration::from_secs(120);

/// An agent that polls once an hour, and what the hub has got from it.
struct Sleeper {
    receiver: Receiver,
    stop: watch::Sender<bool>,
    running: tokio::task::JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Sleeper {
    async fn of(source: impl Source + 'static) -> Sleeper {
        let folder = tempfile::tempdir().unwrap();
        let (receiver, clock) = (Receiver::start().await, clock());
        let outbox = outbox(folder.path()).await;
        let mut config = AgentConfig::new(HUB, ORG);
        config.pause = Duration::from_secs(3_600);
        config.look_again = Duration::from_millis(20);
        let line = uplink(&receiver.url, &clock);
        let mut agent = Agent::new(config, Box::new(source), line, outbox, clock);
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(async move { agent.run(stopped).await });
        Sleeper {
            receiver,
            stop,
            running,
            _folder: folder,
        }
    }

    /// Waits until the hub has got so many envelopes.
    async fn got(&self, wanted: usize) {
        let arrived = self.receiver.wait_for(wanted);
        tokio::time::timeout(LIMIT, arrived).await.unwrap();
    }

    async fn end(self) {
        self.stop.send(true).unwrap();
        self.running.await.unwrap();
    }
}

#[tokio::test]
async fn a_dropped_file_wakes_the_agent() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    let mut config = XmlDirConfig::new("dir", folder.path());
    config.quiet = time::Duration::ZERO;
    let source = XmlDir::new(config);
    let sleeper = Sleeper::of(source).await;
    for (n, name) in [(1, "a.xml"), (2, "sub/b.xml"), (3, "c.xml")] {
        // Written beside and moved into place, as a careful system does; the last one in place.
        if n < 3 {
            let beside = folder.path().join("x.tmp");
            std::fs::write(&beside, format!("<a>{n}</a>")).unwrap();
            std::fs::rename(beside, folder.path().join(name)).unwrap();
        } else {
            std::fs::write(folder.path().join(name), "<a>3</a>").unwrap();
        }
        sleeper.got(n).await;
    }
    sleeper.end().await;
}

/// A silent table costs one question in each pause and nothing between: nothing but the pause wakes the agent.
#[tokio::test]
async fn only_the_pause_wakes_the_agent_of_a_table() {
    let table = Lite::new().await;
    let config = DbTableConfig::new("table", table.database(), "t", "wm");
    let mut sources: Vec<Box<dyn Source>> = vec![
        Box::new(DbTable::new(config.clone())),
        Box::new(FlagTable::new(FlagConfig::new(config.clone(), "content"))),
        Box::new(ChangeTable::new(ChangeConfig::new(config.clone()))),
    ];
    let triggers = ChangeConfig::new(config.clone()).triggers().await.unwrap();
    let config = ChangeConfig::new(config);
    config.run(&triggers.install).await.unwrap();
    for source in &mut sources {
        assert!(
            source.alarm().is_none() && !source.wakes(),
            "{}",
            source.name()
        );
        for second in 0..60 {
            let now = NOW + time::Duration::seconds(second);
            let lots = source.poll(now, None).await.unwrap();
            assert!(lots.is_empty() && !source.has_more() && !source.looks_again());
        }
    }
}
