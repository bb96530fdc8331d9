//! What every source keeps: the same tests over each of them. A new source is one more rig.

use crate::NOW;
use async_trait::async_trait;
use std::collections::BTreeSet;
use std::io::Read;
use time::{Duration, OffsetDateTime};
use tongcha_adapters::source::{Lot, LotItem, Source};
use tongcha_adapters::sources::xml_dir::{XmlDir, XmlDirConfig};
use tongcha_schema::envelope::receipt_number;
use tongcha_schema::id::EnvelopeId;
use tongcha_schema::limits;
use tongcha_schema::receipt::{Counts, ItemReceipt, Receipt, Verdict};

/// A source together with the department's side of it.
#[async_trait]
pub trait Rig: Send {
    /// The source, as after a start of the process.
    fn source(&self) -> Box<dyn Source>;
    /// The source set up over something that is not there.
    fn broken(&self) -> Box<dyn Source>;
    /// The department adds a document of that content.
    async fn add(&mut self, content: &str);
}

/// Runs the contract over a rig.
pub async fn keeps(mut rig: impl Rig) {
    everything_is_offered_once(&mut rig).await;
    what_was_not_packed_is_offered_again(&mut rig).await;
    a_restart_goes_on_where_it_was(&mut rig).await;
    settling_twice_is_settling_once(&mut rig).await;
    what_is_not_there_is_told(&rig).await;
}

/// What the agent keeps for a source.
#[derive(Default)]
struct Kept {
    position: Option<String>,
    /// Keys of the lots that are packed and not settled.
    open: BTreeSet<String>,
}

impl Kept {
    fn tell(&self, source: &mut dyn Source) {
        if source.follows_parcels() {
            let open: Vec<String> = self.open.iter().cloned().collect();
            source.note_in_flight(&open);
            source.note_position(self.position.as_deref());
        }
    }
}

/// Polls until two polls in a row have nothing; packs what comes.
async fn drain(source: &mut dyn Source, kept: &mut Kept, now: OffsetDateTime) -> Vec<Lot> {
    let (mut all, mut quiet) = (Vec::new(), 0);
    while quiet < 3 {
        kept.tell(source);
        let lots = source.poll(now, kept.position.as_deref()).await.unwrap();
        quiet = if lots.is_empty() { quiet + 1 } else { 0 };
        for lot in lots {
            assert!(!lot.items.is_empty() && lot.items.len() <= limits::ENVELOPE_ITEMS);
            assert!(!lot.key.is_empty() && !lot.label.is_empty(), "{lot:?}");
            source.packed(&lot.key).await;
            kept.open.insert(lot.key.clone());
            kept.position = lot.position.clone().or(kept.position.take());
            all.push(lot);
        }
    }
    all
}

/// The contents of lots, each with its count checked against size and digest.
fn contents(lots: &[Lot]) -> Vec<String> {
    let mut all = Vec::new();
    for item in lots.iter().flat_map(|l| &l.items) {
        let mut text = String::new();
        item.body.open().unwrap().read_to_string(&mut text).unwrap();
        let again = LotItem::of_bytes("x", text.clone().into_bytes());
        assert_eq!(
            (item.size, &item.sha256),
            (again.size, &again.sha256),
            "{}",
            item.name
        );
        assert!(item.name.len() <= 255 && !item.name.is_empty());
        all.push(text);
    }
    all.sort();
    all
}

fn holds(texts: &[String], wanted: &str) -> usize {
    texts.iter().filter(|t| t.contains(wanted)).count()
}

async fn everything_is_offered_once(rig: &mut impl Rig) {
    let (mut source, mut kept) = (rig.source(), Kept::default());
    assert!(!source.name().is_empty());
    assert!(
        drain(&mut *source, &mut kept, NOW).await.is_empty(),
        "empty at first"
    );
    for n in 0..5 {
        rig.add(&format!("once-{n}")).await;
    }
    let lots = drain(&mut *source, &mut kept, NOW).await;
    let texts = contents(&lots);
    for n in 0..5 {
        assert_eq!(holds(&texts, &format!("once-{n}")), 1, "{texts:?}");
    }
    let keys: BTreeSet<&str> = lots.iter().map(|l| l.key.as_str()).collect();
    assert_eq!(keys.len(), lots.len(), "keys are their own");
    settle_all(&mut *source, &mut kept, &lots).await;
    assert!(
        drain(&mut *source, &mut kept, NOW).await.is_empty(),
        "nothing new"
    );
}

async fn what_was_not_packed_is_offered_again(rig: &mut impl Rig) {
    let (mut source, mut kept) = (rig.source(), Kept::default());
    let before = drain(&mut *source, &mut kept, NOW).await;
    settle_all(&mut *source, &mut kept, &before).await;
    rig.add("again").await;
    let mut offers = Vec::new();
    for _ in 0..4 {
        kept.tell(&mut *source);
        let lots = source.poll(NOW, kept.position.as_deref()).await.unwrap();
        offers.extend(contents(&lots));
    }
    assert!(holds(&offers, "again") >= 2, "{offers:?}");
    let lots = drain(&mut *source, &mut kept, NOW).await;
    assert_eq!(holds(&contents(&lots), "again"), 1);
    settle_all(&mut *source, &mut kept, &lots).await;
}

async fn a_restart_goes_on_where_it_was(rig: &mut impl Rig) {
    let (mut source, mut kept) = (rig.source(), Kept::default());
    let before = drain(&mut *source, &mut kept, NOW).await;
    settle_all(&mut *source, &mut kept, &before).await;
    rig.add("before-restart").await;
    let lots = drain(&mut *source, &mut kept, NOW).await;
    assert_eq!(holds(&contents(&lots), "before-restart"), 1);
    settle_all(&mut *source, &mut kept, &lots).await;
    drop(source);
    rig.add("while-down").await;
    let mut source = rig.source();
    let lots = drain(&mut *source, &mut kept, NOW + Duration::HOUR).await;
    let texts = contents(&lots);
    assert_eq!(holds(&texts, "while-down"), 1, "{texts:?}");
    assert_eq!(holds(&texts, "before-restart"), 0, "{texts:?}");
    settle_all(&mut *source, &mut kept, &lots).await;
}

async fn settling_twice_is_settling_once(rig: &mut impl Rig) {
    let (mut source, mut kept) = (rig.source(), Kept::default());
    rig.add("settled").await;
    let lots = drain(&mut *source, &mut kept, NOW).await;
    settle_all(&mut *source, &mut kept, &lots).await;
    settle_all(&mut *source, &mut kept, &lots).await;
    for lot in &lots {
        let mut receipt = receipt(lot);
        receipt.completed_at = Some("2026-01-05T09:00:02+08:00".into());
        source.complete(&lot.key, &receipt).await.unwrap();
        source.complete(&lot.key, &receipt).await.unwrap();
    }
    assert!(drain(&mut *source, &mut kept, NOW).await.is_empty());
    let told = source.probe().await.unwrap();
    assert!(!told.is_empty());
}

async fn what_is_not_there_is_told(rig: &impl Rig) {
    let mut source = rig.broken();
    let fault = source.poll(NOW, None).await.unwrap_err();
    assert!(fault.to_string().contains(source.name()), "{fault}");
    assert!(source.probe().await.is_err());
}

fn accepted(item: &LotItem) -> ItemReceipt {
    ItemReceipt {
        name: item.name.clone(),
        verdict: Verdict::Accepted,
        dialect: "native".into(),
        received: 1,
        rejected: 0,
        duplicate: 0,
        rows: Vec::new(),
    }
}

pub fn receipt(lot: &Lot) -> Receipt {
    let id = EnvelopeId {
        node: crate::NODE.into(),
        epoch: 1,
        sequence: 1,
    };
    Receipt {
        v: 1,
        number: format!("{}/{}", receipt_number(crate::HUB, &id), lot.key),
        envelope: id.to_string(),
        hub: crate::HUB.into(),
        received_at: "2026-01-05T09:00:01+08:00".into(),
        completed_at: None,
        verdict: Verdict::Accepted,
        repeated: false,
        counts: Counts::default(),
        elements: Default::default(),
        items: lot.items.iter().map(accepted).collect(),
        findings: Vec::new(),
        unlisted: Default::default(),
    }
}

async fn settle_all(source: &mut dyn Source, kept: &mut Kept, lots: &[Lot]) {
    for lot in lots {
        kept.tell(source);
        source.settle(&lot.key, &receipt(lot)).await.unwrap();
        kept.open.remove(&lot.key);
    }
}

struct DirRig {
    folder: tempfile::TempDir,
    count: u32,
    config: fn(&mut XmlDirConfig),
}

impl DirRig {
    fn new(config: fn(&mut XmlDirConfig)) -> DirRig {
        DirRig {
            folder: tempfile::tempdir().unwrap(),
            count: 0,
            config,
        }
    }
}

#[async_trait]
impl Rig for DirRig {
    fn source(&self) -> Box<dyn Source> {
        let mut config = XmlDirConfig::new("dir", self.folder.path());
        config.quiet = Duration::ZERO;
        (self.config)(&mut config);
        Box::new(XmlDir::new(config))
    }
    fn broken(&self) -> Box<dyn Source> {
        let nowhere = self.folder.path().join("nowhere");
        Box::new(XmlDir::new(XmlDirConfig::new("dir", nowhere)))
    }
    async fn add(&mut self, content: &str) {
        self.count += 1;
        let path = self.folder.path().join(format!("{}.xml", self.count));
        std::fs::write(path, format!("<a>{content}</a>")).unwrap();
    }
}

#[tokio::test]
async fn xml_dir_keeps_the_contract() {
    keeps(DirRig::new(|_| {})).await;
}

#[tokio::test]
async fn xml_dir_with_one_file_a_lot_keeps_the_contract() {
    keeps(DirRig::new(|config| config.lot_files = 1)).await;
}
