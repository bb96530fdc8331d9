//! The routes against a real hub over SQLite: who is let in, the headers, every page empty and filled,
//! in both languages, raw bytes, what is not there.
#![expect(clippy::unwrap_used, reason = "a failed step is the test's failure")]

use super::{Token, routes};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use std::sync::Arc;
use tempfile::TempDir;
use time::macros::datetime;
use tongcha_adapters::uplink::Heartbeat;
use tongcha_decode::dialect::Registry;
use tongcha_hub::alarm;
use tongcha_hub::enrol::{Invitation, approve, invite, revoke};
use tongcha_hub::exchange::{BusKind, Database, Hub, NodeEntry, Options};
use tongcha_hub::push::Intake;
use tongcha_schema::clock::{CHINA, Clock as _, ManualClock};
use tongcha_schema::code::Code;
use tongcha_schema::enrol::Enrolment;
use tongcha_schema::envelope::{self, FRAME_END, Head, ITEM_END, ItemHead};
use tongcha_schema::id::EnvelopeId;
use tongcha_schema::seal::{NodeKey, Sealed, fingerprint, public_text, sign_request};
use tongcha_supervision::{Calendar, Profile};
use tower::ServiceExt as _;

const NODE: &str = "431321/water";
const GOOD: &str = include_str!("../../tests/data/good.xml");
const PAGES: [&str; 8] = [
    "/",
    "/nodes",
    "/envelopes",
    "/cases",
    "/cards",
    "/scores",
    "/ledger",
    "/work",
];

struct World {
    hub: Hub,
    clock: Arc<ManualClock>,
    pages: Router,
    token: String,
    cookie: String,
    _folder: TempDir,
}

async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(datetime!(2026-01-07 9:00 +8)));
    let options = Options {
        name: "431321/hub".to_owned(),
        database: Database::Sqlite(folder.path().join("hub.db")),
        bus: BusKind::Memory,
        partitions: 2,
        profile: Profile::shipped("huating").unwrap(),
        calendar: Calendar::cn().unwrap(),
        zone: CHINA,
        spool: folder.path().join("spool"),
        forwards: false,
        issues_cards: true,
        sealed: Sealed::new([1; 32]),
        registry: Arc::new(Registry::with([]).unwrap()),
        intake: Intake::default(),
        reception: None,
    };
    let hub = Hub::start(options, clock.clone()).await.unwrap();
    let token = Token::new(&[2; 32]);
    let text = token.text().to_owned();
    let pages = routes(Arc::clone(&hub.core), token);
    World {
        hub,
        clock,
        pages,
        token: text,
        cookie: String::new(),
        _folder: folder,
    }
}

impl World {
    async fn ask(&self, request: Request<Body>) -> Response<Body> {
        self.pages.clone().oneshot(request).await.unwrap()
    }

    fn request(&self, path: &str) -> Request<Body> {
        let request = Request::get(path).header(header::HOST, "127.0.0.1:8080");
        request
            .header(header::COOKIE, &self.cookie)
            .body(Body::empty())
            .unwrap()
    }

    async fn get(&self, path: &str) -> (StatusCode, String) {
        let response = self.ask(self.request(path)).await;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 8 << 20).await.unwrap();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn page(&self, path: &str) -> String {
        let (status, body) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    async fn enter(&mut self) {
        let response = self
            .ask(self.request(&format!("/login?token={}", self.token)))
            .await;
        assert_eq!(response.status(), StatusCode::OK);
        let cookie = response.headers()[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .to_owned();
        for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        self.cookie = cookie.split(';').next().unwrap().to_owned();
    }

    /// Sends one envelope through the hub's own routes and waits until it is ingested.
    async fn send(&self, sequence: u64, items: &[(&str, &[u8])]) {
        let key = NodeKey::from_bytes(&[3; 32]);
        let entry = NodeEntry {
            name: NODE.to_owned(),
            public_key: public_text(&key.public()),
            organ_code: "11431321009000015L".to_owned(),
            organ_name: "双峰县水利局".to_owned(),
            ..NodeEntry::default()
        };
        self.hub.register(&entry).await.unwrap();
        let item_head = |(name, bytes): &(&str, &[u8])| {
            use sha2::{Digest, Sha256};
            ItemHead::whole(
                *name,
                bytes.len() as u64,
                tongcha_schema::digest::hex(&Sha256::digest(bytes)),
            )
        };
        let head = Head {
            v: envelope::HEAD_VERSION,
            id: EnvelopeId {
                node: NODE.to_owned(),
                epoch: 1,
                sequence,
            },
            target: "431321/hub".to_owned(),
            sender_org: "11431321009000015L".to_owned(),
            std_ver: envelope::STD_VER.to_owned(),
            sent_at: "2026-01-07T09:00:00+08:00".to_owned(),
            dialect: envelope::AUTO.to_owned(),
            label: "一批 & <files>".to_owned(),
            record_count: None,
            secrecy: None,
            items: items.iter().map(item_head).collect(),
        };
        let head = head.to_bytes();
        let mut frame = envelope::preamble(NODE, &key.sign(&head), &head);
        for (_, bytes) in items {
            let chunk = zstd::bulk::compress(bytes, 1).unwrap();
            frame.extend(envelope::chunk_header(chunk.len()));
            frame.extend(chunk);
            frame.extend(ITEM_END);
        }
        frame.extend(FRAME_END);
        let request = Request::post("/v1/envelopes")
            .body(Body::from(frame))
            .unwrap();
        let response = self.hub.routes().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        self.hub.drain().await.unwrap();
    }

    async fn filled() -> World {
        let mut world = world().await;
        world.enter().await;
        let bad = GOOD.replace("431321202601050001", "431321202601050002");
        let bad = bad.replace("431321198001010012", "431321198001010013");
        let late = GOOD.replace("431321202601050001", "431321202601050003");
        let late = late.replace("2026-01-06T16:00:00", "2026-03-06T16:00:00");
        let (before, rest) = late.split_once("<Special>").unwrap();
        let (_, after) = rest.split_once("</Special>").unwrap();
        let late = format!("{before}<Special none=\"true\" reason=\"1\"/>{after}");
        world
            .send(
                1,
                &[
                    ("a/good.xml", GOOD.as_bytes()),
                    ("a/坏.xml", bad.as_bytes()),
                ],
            )
            .await;
        world
            .send(
                2,
                &[("late.xml", late.as_bytes()), ("no.xml", b"<a><b></a>")],
            )
            .await;
        world.clock.set(datetime!(2026-03-09 9:00 +8));
        tongcha_hub::watch::look(&world.hub.core).await.unwrap();
        tongcha_hub::score::compute(&world.hub.core).await.unwrap();
        world
    }
}

#[tokio::test]
async fn without_a_session_there_is_only_the_way_in() {
    let world = world().await;
    for path in PAGES
        .into_iter()
        .chain(["/live", "/raw?envelope=x&item=0", "/no-such-page"])
    {
        let (status, body) = world.get(path).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(body.contains("name=\"token\""), "{path}");
    }
    for path in [
        "/assets/style.css",
        "/assets/live.js",
        "/assets/icon.svg",
        "/favicon.ico",
        "/login",
    ] {
        assert_eq!(world.get(path).await.0, StatusCode::OK, "{path}");
    }
    world.hub.stop().await;
}

#[tokio::test]
async fn the_token_works_once_and_a_browser_that_fetches_ahead_does_not_use_it_up() {
    let mut world = world().await;
    let path = format!("/login?token={}", world.token);
    let mut ahead = world.request(&path);
    ahead
        .headers_mut()
        .insert("sec-purpose", "prefetch".parse().unwrap());
    let mut head = world.request(&path);
    *head.method_mut() = axum::http::Method::HEAD;
    for request in [ahead, head, world.request("/login?token=0123")] {
        let response = world.ask(request).await;
        assert!(!response.headers().contains_key(header::SET_COOKIE));
    }
    let first = world.token.clone();
    world.enter().await;
    assert_eq!(world.get("/").await.0, StatusCode::OK);
    let (status, body) = world.get(&format!("/login?token={first}")).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(body.contains("已经用过"), "{body}");
    world.cookie.push('0');
    assert_eq!(
        world.get("/").await.0,
        StatusCode::UNAUTHORIZED,
        "a changed cookie is none"
    );
    world.hub.stop().await;
}

#[tokio::test]
async fn a_token_asked_for_later_opens_once_in_its_time_and_who_signs_out_is_out() {
    let mut world = world().await;
    let (store, now) = (&world.hub.core.store, world.clock.now());
    tongcha_hub::entry::issue(store, "later", now)
        .await
        .unwrap();
    tongcha_hub::entry::issue(store, "too late", now)
        .await
        .unwrap();
    world.token = "later".to_owned();
    world.enter().await;
    assert_eq!(world.get("/").await.0, StatusCode::OK);
    let again = world.get("/login?token=later").await;
    assert_eq!(again.0, StatusCode::UNAUTHORIZED, "it works once");
    world.clock.set(now + tongcha_hub::entry::TOKEN_LIFE);
    let late = world.get("/login?token=too%20late").await;
    assert_eq!(late.0, StatusCode::UNAUTHORIZED, "its time is over");
    let mut leave = world.request("/logout");
    *leave.method_mut() = axum::http::Method::POST;
    let left = world.ask(leave).await;
    let cookie = left.headers()[header::SET_COOKIE]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(cookie.contains("Max-Age=0"), "{cookie}");
    assert_eq!(world.get("/").await.0, StatusCode::UNAUTHORIZED);
    world.hub.stop().await;
}

#[tokio::test]
async fn the_form_is_a_way_in_too_and_another_host_name_is_none() {
    let world = world().await;
    let form = |host: &str| {
        Request::post("/login")
            .header(header::HOST, host)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("token={}", world.token)))
            .unwrap()
    };
    let response = world.ask(form("evil.example")).await;
    assert_eq!(response.status(), StatusCode::MISDIRECTED_REQUEST);
    let response = world.ask(form("localhost:9")).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers().contains_key(header::SET_COOKIE));
    world.hub.stop().await;
}

#[tokio::test]
async fn every_answer_is_sealed() {
    let mut world = world().await;
    world.enter().await;
    for path in ["/", "/no-such-page", "/assets/live.js", "/login"] {
        let response = world.ask(world.request(path)).await;
        let headers = response.headers();
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.contains("default-src 'self'") && !policy.contains("unsafe"),
            "{path}"
        );
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert_eq!(headers[header::REFERRER_POLICY], "no-referrer", "{path}");
        assert_eq!(headers[header::X_FRAME_OPTIONS], "DENY", "{path}");
        let cache = headers[header::CACHE_CONTROL].to_str().unwrap();
        assert_eq!(
            cache,
            if path.contains("assets") {
                "no-cache"
            } else {
                "no-store"
            }
        );
    }
    assert_eq!(world.get("/no-such-page").await.0, StatusCode::NOT_FOUND);
    for path in [
        "/envelope?id=x",
        "/case?space=x&no=y",
        "/card?id=x",
        "/raw?envelope=x&item=0",
    ] {
        assert_eq!(world.get(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    world.hub.stop().await;
}

#[tokio::test]
async fn empty_pages_say_what_to_do_and_the_language_is_kept() {
    let mut world = world().await;
    world.enter().await;
    for path in PAGES {
        let body = world.page(path).await;
        assert!(
            body.contains("lang=\"zh-CN\"") && body.contains("class=\"hint\""),
            "{path}"
        );
        let english = world.page(&format!("{path}?lang=en")).await;
        assert!(english.contains("<html lang=\"en\">"), "{path}");
        let chinese = english
            .matches(|c: char| ('\u{4e00}'..='\u{9fff}').contains(&c))
            .count();
        assert_eq!(
            chinese,
            "中文".chars().count(),
            "{path} has Chinese in English"
        );
    }
    let response = world.ask(world.request("/?lang=en")).await;
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("tongcha_lang=en;"), "{cookie}");
    world.cookie += "; tongcha_lang=en";
    assert!(world.page("/cases").await.contains("No case matches."));
    assert!(
        world
            .page("/cases?lang=zh")
            .await
            .contains("没有符合条件的办件")
    );
    world.hub.stop().await;
}

#[tokio::test]
async fn a_link_of_a_page_never_leads_to_another_host() {
    let mut world = world().await;
    world.enter().await;
    for path in ["//evil.example/x", "///evil.example", "/%5Cevil.example"] {
        let (status, page) = world.get(path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        for bad in ["href=\"//", "href=\"/\\", "href=\"http"] {
            assert!(!page.contains(bad), "{path}: {bad}");
        }
    }
}

#[tokio::test]
async fn the_overview_balances_and_the_ledger_adds_up() {
    let world = World::filled().await;
    let tally = tongcha_hub::tally::tally(&world.hub.core).await.unwrap();
    assert!(tally.received > 0 && tally.rejected > 0);
    let body = world.page("/").await;
    for (id, n) in [
        ("received", tally.received),
        ("stored", tally.stored),
        ("rejected", tally.rejected),
    ] {
        assert!(
            body.contains(&format!("<b id=\"{id}\">{n}</b>")),
            "{id} {n}"
        );
    }
    assert!(body.contains("✓ 账平") && !body.contains("账不平"));
    let ledger = world.page("/ledger").await;
    assert!(ledger.contains(&format!("<th class=\"n\">{}</th>", tally.received)));
    assert!(
        ledger.contains("未识别"),
        "the refused document counts as unknown"
    );
    let nodes = world.page("/nodes").await;
    assert!(nodes.contains("双峰县水利局") && nodes.contains("native"));
    assert!(!nodes.contains("id=\"pending\"") && !nodes.contains("心跳"));
    world.hub.stop().await;
}

#[tokio::test]
async fn a_key_that_waits_and_a_machine_that_is_heard_of_are_on_the_page_of_nodes() {
    let world = World::filled().await;
    let (core, now) = (&world.hub.core, world.clock.now());
    let who = Invitation {
        node: "431321/new",
        is_hub: false,
        organ_code: "",
        organ_name: "林业局",
        demands: tongcha_hub::demands::Demands::default(),
    };
    let code = tongcha_schema::enrol::code(&[4; 32]);
    invite(&core.store, &who, &code, now).await.unwrap();
    let page = world.page("/nodes").await;
    assert!(!page.contains("id=\"pending\""), "nobody has enrolled yet");
    let key = NodeKey::from_bytes(&[5; 32]);
    let enrolment = Enrolment::sign(&key, who.node, &code, now);
    let body = Body::from(serde_json::to_vec(&enrolment).unwrap());
    let request = Request::post("/v1/enrolments").header("content-type", "application/json");
    let answer = world
        .hub
        .routes()
        .oneshot(request.body(body).unwrap())
        .await;
    assert_eq!(answer.unwrap().status(), StatusCode::ACCEPTED);
    let print = fingerprint(&key.public());
    let page = world.page("/nodes").await;
    let command = format!("tongcha node approve 431321/new {print} --config hub.toml");
    assert!(page.contains("林业局") && page.contains(&command), "{page}");

    // Of a node the machine tells how it is; then its key is revoked.
    approve(&core.store, who.node, &print, None, now)
        .await
        .unwrap();
    let path = Heartbeat {
        waiting: 3,
        bytes: 5 << 20,
    }
    .path();
    let signed = sign_request(&key, who.node, "POST", &path, now);
    for (authorization, status) in [(signed, 204), ("none".to_owned(), 401)] {
        let request = Request::post(&path).header("authorization", authorization);
        let answer = world
            .hub
            .routes()
            .oneshot(request.body(Body::empty()).unwrap())
            .await;
        assert_eq!(answer.unwrap().status().as_u16(), status);
    }
    let page = world.page("/nodes").await;
    assert!(
        page.contains("心跳") && page.contains("3 · 5 MiB"),
        "{page}"
    );
    revoke(&core.store, who.node, now).await.unwrap();
    assert!(world.page("/nodes").await.contains("密钥已吊销"));
    world.hub.stop().await;
}

#[tokio::test]
async fn an_envelope_shows_its_findings_and_its_bytes() {
    let world = World::filled().await;
    let list = world.page("/envelopes?verdict=partly").await;
    assert!(list.contains("431321/water@1.1") && list.contains("一批 &#38; &#60;files&#62;"));
    let one = world.page("/envelope?id=431321/water@1.1").await;
    assert!(
        one.contains("X4") && one.contains("怎么办") && one.contains("a/坏.xml"),
        "{one}"
    );
    assert!(
        !one.contains("431321198001010013"),
        "a personal value is masked"
    );
    let filtered = "/envelope?id=431321/water@1.2&severity=error";
    let errors = world.page(&format!("{filtered}&page=1")).await;
    assert!(errors.contains("X212"), "{errors}");
    let link = "/envelope?id=431321/water@1.2&#38;severity=error&#38;code=X212#findings";
    assert!(
        errors.contains(link),
        "a filter begins at the first page: {errors}"
    );
    let language = "severity=error&#38;page=1&#38;lang=en";
    assert!(errors.contains(language), "the language keeps the place");
    let none = world.page(&format!("{filtered}&code=X999")).await;
    assert!(
        none.contains("没有发现问题"),
        "a filter that nothing passes"
    );
    let raw = world.page("/raw?envelope=431321/water@1.1&item=0").await;
    assert!(raw.contains("&#60;Package") && raw.contains("UTF-8") && raw.contains("运行日志"));
    let response = world
        .ask(world.request("/raw/download?envelope=431321/water@1.1&item=1"))
        .await;
    let named = response.headers()[header::CONTENT_DISPOSITION]
        .to_str()
        .unwrap();
    assert_eq!(
        named,
        "attachment; filename=\"_.xml\"; filename*=UTF-8''%E5%9D%8F.xml"
    );
    let bytes = to_bytes(response.into_body(), 8 << 20).await.unwrap();
    let sent = GOOD.replace("431321202601050001", "431321202601050002");
    assert_eq!(
        bytes,
        sent.replace("431321198001010012", "431321198001010013")
            .as_bytes()
    );
    assert_eq!(
        world
            .get("/raw/download?envelope=431321/water@1.1&item=9")
            .await
            .0,
        StatusCode::NOT_FOUND
    );
    world.hub.stop().await;
}

#[tokio::test]
async fn an_envelope_is_found_by_its_numbers_a_file_or_a_day() {
    let world = World::filled().await;
    let envelope = world.page("/envelope?id=431321/water@1.1").await;
    let number = envelope.split("class=\"id\">R").nth(1).unwrap();
    let number = format!("R{}", number.split('<').next().unwrap());
    let link = "href=\"/envelope?id=431321/water@1.1\"";
    for found in [
        "find=431321/water@1.1".to_owned(),
        format!("find={number}"),
        "find=good".to_owned(),
        "from=2026-01-07&to=2026-01-07".to_owned(),
        "find=&from=nonsense".to_owned(),
    ] {
        let page = world.page(&format!("/envelopes?{found}")).await;
        assert!(page.contains(link), "{found}: {page}");
    }
    for lost in ["find=R0", "find=%25", "to=2026-01-06", "from=2027-01-01"] {
        let page = world.page(&format!("/envelopes?{lost}")).await;
        assert!(
            !page.contains(link) && page.contains("没有符合条件的信封"),
            "{lost}"
        );
    }
    world.hub.stop().await;
}

#[tokio::test]
async fn cases_are_found_and_every_card_explains_itself() {
    let world = World::filled().await;
    let late = world.page("/cases?stage=late").await;
    assert!(late.contains("431321202601050003") && !late.contains("431321202601050001"));
    assert!(
        world.page("/cases?no=%25").await.contains("没有符合条件"),
        "a percent sign is itself"
    );
    assert!(
        world
            .page("/cases?stage=overdue")
            .await
            .contains("没有符合条件")
    );
    assert!(
        world
            .page("/cases?organ=水利&no=0001")
            .await
            .contains("431321202601050001")
    );
    let case = world.page("/case?space=cn&no=431321202601050003").await;
    assert!(case.contains("逾期") && case.contains("2026-03-06 16:00:00") && case.contains("T-02"));
    assert!(!case.contains("431321198001010012") && !case.contains("13000000000"));
    assert!(case.contains("431*************12"));
    let cards = world.page("/cards?rule=T-02&state=open").await;
    let id = cards
        .split("/card?id=")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let card = world.page(&format!("/card?id={id}")).await;
    for part in [
        "这张牌是这样算出来的",
        "依据",
        "2026-01-19",
        "431321/water@1.2",
        "办结信息",
        "发出",
    ] {
        assert!(card.contains(part), "{part}: {card}");
    }
    // The evidence opens at its line, whatever the size of its document.
    let (_, evidence) = card.split_once("href=\"/raw?").unwrap();
    let link = evidence.split('"').next().unwrap().replace("&#38;", "&");
    let raw = world
        .page(&format!("/raw?{}", link.trim_end_matches("#line")))
        .await;
    let (_, meant) = raw.split_once("class=\"meant\" id=\"line\">").unwrap();
    assert!(
        link.ends_with("#line") && meant.starts_with("    &#60;"),
        "{link}: {meant}"
    );
    let deep = world
        .page("/raw?envelope=431321/water@1.2&item=0&line=999999")
        .await;
    assert!(deep.contains("请下载后查看"));
    let english = world.page(&format!("/card?id={id}&lang=en")).await;
    assert!(english.contains("The arithmetic that made this card") && english.contains("due"));
    // The incident scores its highest card only: the legal limit's red, not the promise's yellow.
    let scores = world.page("/scores").await;
    assert!(
        scores.contains("/card?id=T04-") && !scores.contains(&id),
        "{scores}"
    );
    world.hub.stop().await;
}

#[tokio::test]
async fn what_is_turned_away_is_an_alarm_on_every_page_until_a_day_is_over() {
    let world = World::filled().await;
    assert!(!world.page("/cases").await.contains("class=\"alarms\""));
    let forged = envelope::preamble(NODE, &[0; 64], b"{}");
    let foreign = envelope::preamble("431321/<b>", &[0; 64], b"{}");
    for frame in [&forged, &forged, &foreign] {
        let request = Request::post("/v1/envelopes").body(Body::from(frame.clone()));
        let response = world.hub.routes().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
    // The node and whoever is no node.
    let badge = "<b class=\"alarms\" title";
    let cases = world.page("/cases").await;
    let (_, after) = cases.split_once(badge).unwrap();
    assert!(after.split_once('>').unwrap().1.starts_with("2</b>"));
    let overview = world.page("/").await;
    assert!(
        overview.contains("href=\"/nodes#alarm-X102-431321-water\">签名无效 ×2</a>")
            && overview.contains("未登记者 <a href=\"/nodes#alarm-X101-\">未知节点 ×1</a>")
    );
    let nodes = world.page("/nodes").await;
    assert!(nodes.contains("请核对前置机私钥与中心登记的公钥是否成对"));
    assert!(nodes.contains("href=\"#alarms\">告警</a>") && !nodes.contains("<b>\""));
    assert!(
        nodes.contains("<code>X102</code> 签名无效 <b>2</b>"),
        "{nodes}"
    );
    assert!(nodes.contains("id=\"alarm-X102-431321-water\""));
    assert!(nodes.contains("tongcha node aside 431321/water X102 --reason 理由 --config hub.toml"));
    // Put aside, it rings no more until something new happens.
    let (store, now) = (&world.hub.core.store, world.clock.now());
    let code = Code::parse("X102").unwrap();
    let aside = alarm::put_aside(store, NODE, code, "密钥已更换", now).await;
    assert!(aside.unwrap());
    let again = alarm::put_aside(store, NODE, code, "密钥已更换", now).await;
    assert!(!again.unwrap(), "no such alarm stands");
    assert!(!world.page("/").await.contains("签名无效"));
    world.clock.set(now + time::Duration::SECOND);
    let request = Request::post("/v1/envelopes").body(Body::from(forged.clone()));
    world.hub.routes().oneshot(request.unwrap()).await.unwrap();
    assert!(world.page("/").await.contains("签名无效 ×1"));
    world.clock.set(datetime!(2026-03-10 9:02 +8));
    let later = world.page("/nodes").await;
    assert!(!later.contains(badge) && !later.contains("#alarms"));
    assert!(
        later.contains("<code>X102</code> 签名无效 <b>3</b>"),
        "counted for ever"
    );
    world.hub.stop().await;
}
