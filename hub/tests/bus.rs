//! The bus's contract, over both kinds: order within a partition, confirms, what cannot be routed,
//! who reads.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::process::Command;
use std::time::Duration;
use tongcha_hub::bus::memory::MemoryBus;
use tongcha_hub::bus::rabbit::{RabbitBus, queue_name};
use tongcha_hub::bus::{Bus, BusError, Claim, Deliveries};

/// A virtual host of its own; it goes with this.
struct Broker {
    ctl: String,
    vhost: String,
    url: String,
}

impl Broker {
    fn start(tag: &str) -> Option<Broker> {
        let var = |name: &str| std::env::var(name).ok();
        let (Some(url), Some(ctl)) = (var("TONGCHA_AMQP_URL"), var("TONGCHA_RABBITMQCTL")) else {
            assert!(
                var("TONGCHA_REQUIRE_SERVICES").is_none(),
                "TONGCHA_AMQP_URL is required"
            );
            println!("production was not provided (TONGCHA_AMQP_URL): in process only");
            return None;
        };
        let vhost = format!("tongcha_bus_{}_{tag}", std::process::id());
        let authority = url.rsplit_once('/').unwrap().0.to_owned();
        let user = authority
            .split("://")
            .nth(1)
            .unwrap()
            .split(':')
            .next()
            .unwrap()
            .to_owned();
        let broker = Broker {
            ctl,
            url: format!("{authority}/{vhost}"),
            vhost,
        };
        broker.ctl(&["add_vhost", &broker.vhost]);
        broker.ctl(&[
            "set_permissions",
            "-p",
            &broker.vhost,
            &user,
            ".*",
            ".*",
            ".*",
        ]);
        Some(broker)
    }

    fn ctl(&self, args: &[&str]) {
        let mut words = self.ctl.split_whitespace();
        let output = Command::new(words.next().unwrap())
            .args(words)
            .args(args)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    async fn connect(&self, partitions: u32) -> RabbitBus {
        RabbitBus::connect(&self.url, partitions).await.unwrap()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.ctl(&["delete_vhost", &self.vhost]);
    }
}

fn messages(partition: u32, numbers: std::ops::Range<u32>) -> Vec<Claim> {
    let claim = |n: u32| Claim {
        envelope_no: i64::from(n),
        part: 1,
        partition,
    };
    numbers.map(claim).collect()
}

/// Takes until there are so many; settles each batch.
async fn take(from: &mut dyn Deliveries, count: usize) -> Vec<u32> {
    let mut found = Vec::new();
    while found.len() < count {
        // How many are there at once is the broker's matter; no more come than are asked for.
        let most = 7.min(count - found.len());
        let batch = from.next(most).await.unwrap();
        assert!((1..=most).contains(&batch.claims().len()));
        let numbers = batch
            .claims()
            .into_iter()
            .map(|c| u32::try_from(c.envelope_no).unwrap());
        found.extend(numbers);
        batch.ack().await.unwrap();
    }
    found
}

/// What holds for every bus.
async fn contract(bus: &dyn Bus) {
    assert_eq!(bus.partitions(), 2);
    let mut mixed = Vec::new();
    for (a, b) in messages(0, 0..100).into_iter().zip(messages(1, 100..200)) {
        mixed.extend([a, b]);
    }
    bus.publish(&mixed).await.unwrap();
    let mut first = bus.deliveries(0).await.unwrap();
    let mut second = bus.deliveries(1).await.unwrap();
    assert_eq!(
        take(&mut *first, 100).await,
        (0..100).collect::<Vec<_>>(),
        "in order"
    );
    assert_eq!(
        take(&mut *second, 100).await,
        (100..200).collect::<Vec<_>>()
    );
    let lost = bus.publish(&messages(9, 0..1)).await;
    assert!(matches!(lost, Err(BusError::Unroutable(1))), "{lost:?}");
    // It goes on as before.
    bus.publish(&messages(1, 0..3)).await.unwrap();
    assert_eq!(take(&mut *second, 3).await, [0, 1, 2]);
    bus.publish(&[]).await.unwrap();
    bus.close().await;
    let ended = tokio::time::timeout(Duration::from_secs(20), first.next(1)).await;
    assert!(ended.unwrap().is_none(), "a closed bus ends its readers");
    assert!(
        bus.publish(&messages(0, 0..1)).await.is_err(),
        "and takes nothing more"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bus_in_process_keeps_the_contract() {
    let bus = MemoryBus::new(2);
    assert!(!bus.is_durable(), "the inbox is its memory");
    contract(&bus).await;
    let bus = MemoryBus::new(2);
    let _reader = bus.deliveries(0).await.unwrap();
    assert!(bus.deliveries(0).await.is_err(), "one reader a partition");
}

#[tokio::test(flavor = "multi_thread")]
async fn rabbitmq_keeps_the_contract() {
    let Some(broker) = Broker::start("contract") else {
        return;
    };
    let bus = broker.connect(2).await;
    assert!(bus.is_durable());
    contract(&bus).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_reader_at_a_time_and_the_next_takes_over() {
    let Some(broker) = Broker::start("single") else {
        return;
    };
    let (one, two) = (broker.connect(1).await, broker.connect(1).await);
    let mut active = one.deliveries(0).await.unwrap();
    let mut waiting = two.deliveries(0).await.unwrap();
    one.publish(&messages(0, 0..40)).await.unwrap();
    assert_eq!(take(&mut *active, 7).await.len(), 7);
    let taken = active.next(3).await.unwrap();
    assert!(!taken.claims().is_empty(), "taken and never acknowledged");
    let nothing = tokio::time::timeout(Duration::from_millis(300), waiting.next(1)).await;
    assert!(nothing.is_err(), "the second one stands by");
    // The first process dies with its channel.
    drop(taken);
    drop(active);
    one.close().await;
    let rest = take(&mut *waiting, 33).await;
    let mut sorted = rest.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        (7..40).collect::<Vec<_>>(),
        "nothing is lost, nothing comes twice"
    );
    assert_eq!(rest, sorted, "and in order");
    two.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_somebody_removed_counts_as_failed() {
    let Some(broker) = Broker::start("removed") else {
        return;
    };
    let bus = broker.connect(2).await;
    broker.ctl(&["delete_queue", "-p", &broker.vhost, &queue_name(1)]);
    let batch = [messages(0, 0..2), messages(1, 0..3)].concat();
    let lost = bus.publish(&batch).await;
    assert!(
        matches!(lost, Err(BusError::Unroutable(3))),
        "confirmed is not enough: {lost:?}"
    );
    bus.close().await;
}
