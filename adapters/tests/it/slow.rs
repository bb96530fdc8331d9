//! Time-outs are of silence, not of work: a slow line and a long examination pass, a dead hub does not hold.

use crate::receiver::{Mischief, Receiver};
use crate::{HUB, NODE, NOW, ORG, clock, key};
use std::time::Duration;
use tongcha_adapters::outbox::{Outbox, Parcel, Waybill};
use tongcha_adapters::patience::Patience;
use tongcha_adapters::source::{Lot, LotItem};
use tongcha_adapters::uplink::{SendFault, Uplink};
use tongcha_adapters::uplink_http::{HttpUplink, HttpUplinkConfig};
use tongcha_schema::receipt::Verdict;

/// Bytes that hardly compress.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 1u64;
    let mut noise = Vec::with_capacity(bytes);
    while noise.len() < bytes {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        noise.extend_from_slice(&state.to_be_bytes());
    }
    noise
}

async fn parcel(outbox: &Outbox, bytes: usize) -> Parcel {
    let lot = Lot {
        key: "1".into(),
        items: vec![LotItem::of_bytes("a.bin", noise(bytes))],
        ..Lot::default()
    };
    let waybill = Waybill {
        source: "dir".into(),
        target: HUB.into(),
        sender_org: ORG.into(),
    };
    outbox.pack(&waybill, lot, NOW).await.unwrap();
    outbox.next_due("dir", NOW).await.unwrap().unwrap()
}

fn uplink(url: &str, silence: Duration) -> HttpUplink {
    let config = HttpUplinkConfig {
        url: url.to_owned(),
        node: NODE.to_owned(),
        key: key(),
        authority_pem: None,
        identity_pem: None,
    };
    let answer = Duration::from_secs(3_600);
    HttpUplink::with(config, clock(), Patience { silence, answer }).unwrap()
}

#[tokio::test]
async fn an_upload_and_an_examination_may_last_longer_than_any_silence() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let outbox = crate::outbox(folder.path()).await;
    // Some five seconds on the line, then three of examination: more than twice the patience each.
    let parcel = parcel(&outbox, 160 << 10).await;
    let uplink = uplink(&receiver.url, Duration::from_secs(1)).at_most(Some(32 << 10));
    receiver.will(&[Mischief::Examines]);
    let began = std::time::Instant::now();
    let receipt = uplink.send(&parcel).await.unwrap();
    assert_eq!(receipt.verdict, Verdict::Accepted);
    assert!(began.elapsed() > Duration::from_secs(5));
    assert!(
        *receiver.asked.borrow() >= 3,
        "it was asked whether it is there"
    );
}

#[tokio::test]
async fn a_hub_that_says_nothing_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = crate::outbox(folder.path()).await;
    // It takes connections, and nothing else.
    let dead = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", dead.local_addr().unwrap());
    let uplink = uplink(&url, Duration::from_millis(200));
    for (bytes, why) in [(1_000, "the hub says nothing"), (64 << 20, "takes no byte")] {
        let folder = tempfile::tempdir().unwrap();
        let outbox = crate::outbox(folder.path()).await;
        let fault = uplink
            .send(&parcel(&outbox, bytes).await)
            .await
            .unwrap_err();
        assert!(matches!(&fault, SendFault::Line { .. }), "{fault}");
        assert!(fault.to_string().contains(why), "{fault}");
    }
    outbox.close().await;
}
