//! A county for the pages: the real world of hubs and agents with a clock set by hand, files dropped
//! by one machine, and the pages on an address of their own.

use anyhow::Result;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use time::OffsetDateTime;
use time::macros::datetime;
use tongcha::world::{Place, Setup, World};
use tongcha_adapters::agent::Agent;
use tongcha_adapters::sources::xml_dir::{XmlDir, XmlDirConfig};
use tongcha_admin::{Token, require_loopback};
use tongcha_decode::dialect::Registry;
use tongcha_hub::core::Core;
use tongcha_hub::push::Intake;
use tongcha_schema::clock::ManualClock;

/// The sending machine.
pub const NODE: &str = "431321/water";
/// A whole case of all 14 elements, in the native format.
const GOOD: &str = include_str!("../data/good.xml");
/// A list of items that belongs to no case.
const ITEMS: &str = include_str!("../../adapters/decode/dialects/golden/csv-items.csv");
/// Its case number.
pub const CASE: &str = "431321202601050001";

/// The number of a case as the national format builds it: 43 digits.
pub const LONG_CASE: &str = "4313210090000161234500020260105093015000017";
/// An organ with a name as long as they come.
const LONG_ORGAN: &str =
    "湖南省娄底市双峰县自然资源和规划局（双峰县不动产登记服务中心）行政审批服务股";
/// An item with a name as long as they come.
const LONG_ITEM: &str = "国有建设用地使用权及房屋所有权转移登记（买卖、互换、赠与、继承、受遗赠、作价出资以及因人民法院、仲裁委员会的生效法律文书导致权属发生转移）";

/// The county with its pages.
pub struct County {
    /// The world.
    pub world: World,
    /// The machine's agent.
    pub agent: Agent,
    /// Time.
    pub clock: Arc<ManualClock>,
    /// Address of the pages.
    pub pages: String,
    /// The one-time token.
    pub token: String,
    exchange: PathBuf,
    _folder: TempDir,
}

impl County {
    /// Starts it, empty.
    pub async fn start() -> Result<County> {
        let folder = tempfile::tempdir()?;
        let clock = Arc::new(ManualClock::at(datetime!(2026-01-07 9:00 +8)));
        let setup = Setup {
            folder: folder.path().to_owned(),
            place: Place::Embedded,
            profile: "huating".to_owned(),
            clock: clock.clone(),
            secret: [5; 32],
            registry: Arc::new(Registry::with([]).unwrap_or_default()),
            intake: Intake::default(),
            reception: None,
            pages: None,
        };
        let world = World::start(setup).await?;
        let exchange = folder.path().join("exchange");
        std::fs::create_dir_all(&exchange)?;
        let mut config = XmlDirConfig::new("water", &exchange);
        config.quiet = time::Duration::ZERO;
        let source = XmlDir::new(config);
        let agent = world
            .machine(
                NODE,
                ("11431321009000015L", "双峰县水利局"),
                Box::new(source),
            )
            .await?;
        let token = Token::new(&[9; 32]);
        let text = token.text().to_owned();
        let routes = tongcha_admin::routes(Arc::clone(&world.county.hub.core), token);
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        require_loopback(address)?;
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let pages = format!("http://{address}");
        Ok(County {
            world,
            agent,
            clock,
            pages,
            token: text,
            exchange,
            _folder: folder,
        })
    }

    /// The county's hub.
    pub fn core(&self) -> &Arc<Core> {
        &self.world.county.hub.core
    }

    /// The department's system drops a file.
    pub fn drop_file(&self, name: &str, text: &str) -> Result<()> {
        Ok(std::fs::write(self.exchange.join(name), text)?)
    }

    /// The machine sends what was dropped; the hub stores it.
    pub async fn send(&mut self) -> Result<()> {
        World::exhaust(&mut self.agent).await?;
        self.world.county.hub.drain().await?;
        Ok(())
    }

    /// The hub looks at its cases at that instant, and scores.
    pub async fn look(&self, at: OffsetDateTime) -> Result<()> {
        self.clock.set(at);
        tongcha_hub::watch::look(self.core()).await?;
        tongcha_hub::score::compute(self.core()).await?;
        Ok(())
    }

    /// A few weeks of work: a whole case, an open one that falls due, one with a bad identity number, a
    /// late one, a correction of the first, a document that is none.
    pub async fn fill(&mut self) -> Result<()> {
        self.drop_file("0001.xml", GOOD)?;
        self.drop_file("0002.xml", &open_case("431321202601050002"))?;
        self.drop_file("0003.xml", &bad_number("431321202601050003"))?;
        self.drop_file("0007.xml", &late_case("431321202601050004"))?;
        // A list of items, of which one has a type that its dialect does not map.
        self.drop_file("items.csv", &ITEMS.replace(",8,", ",6,"))?;
        self.drop_file(
            "0004.xml",
            "<?xml version=\"1.0\"?><Package><Body></Package>",
        )?;
        self.send().await?;
        self.look(datetime!(2026-01-07 9:30 +8)).await?;
        let second = GOOD
            .replace("dataVer=\"1\"", "dataVer=\"2\"")
            .replace("op=\"I\"", "op=\"U\"");
        self.drop_file(
            "0005.xml",
            &second.replace("取水许可审批", "取水许可（变更）"),
        )?;
        self.drop_file("0006.xml", GOOD)?;
        self.send().await?;
        self.look(datetime!(2026-01-16 9:30 +8)).await?;
        self.look(datetime!(2026-01-20 9:30 +8)).await?;
        self.look(datetime!(2026-01-26 9:30 +8)).await?;
        self.world.settle().await
    }

    /// What is long in the field: names of organs and items, a number of 43 digits, a file's name; open and
    /// overdue, so that every list has it.
    pub async fn fill_long(&mut self) -> Result<()> {
        let long = |text: String| {
            text.replace("双峰县水利局", LONG_ORGAN)
                .replace("取水许可审批", LONG_ITEM)
        };
        let name =
            "双峰县自然资源和规划局行政审批服务股二〇二六年一月第一周办件数据导出（补报）.xml";
        self.drop_file(name, &long(open_case(LONG_CASE)))?;
        let wrong = format!("{}9", &LONG_CASE[..42]);
        self.drop_file("补报第二批.xml", &long(bad_number(&wrong)))?;
        self.send().await?;
        self.look(datetime!(2026-01-27 9:30 +8)).await?;
        self.world.settle().await
    }

    /// Ends it.
    pub async fn end(self) -> Result<()> {
        self.agent.outbox().close().await;
        self.world.stop().await
    }
}

/// The good case under another number.
pub fn renamed(case_no: &str) -> String {
    GOOD.replace(CASE, case_no)
}

/// A case without a conclusion and what follows it.
pub fn open_case(case_no: &str) -> String {
    let text = renamed(case_no);
    let (from, to) = (text.find("    <Special>"), text.find("  </Case>"));
    match (from, to) {
        // Eight of the fourteen records are left.
        (Some(from), Some(to)) => {
            (text[..from].to_owned() + &text[to..]).replace("<RecordCount>14<", "<RecordCount>8<")
        }
        _ => text,
    }
}

/// A case that was concluded a working day after it was due.
fn late_case(case_no: &str) -> String {
    let text = renamed(case_no).replace("2026-01-06T16:00:00", "2026-01-20T08:30:00");
    match (text.split_once("<Special>"), text.split_once("</Special>")) {
        (Some((before, _)), Some((_, after))) => {
            format!("{before}<Special none=\"true\" reason=\"1\"/>{after}")
        }
        _ => text,
    }
}

/// A case whose applicant's identity number has a wrong check digit.
fn bad_number(case_no: &str) -> String {
    renamed(case_no).replace("431321198001010012", "431321198001010013")
}
