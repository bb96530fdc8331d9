//! The pages in a real Chromium, over a real county hub with real agents: the one-time token, every
//! page in both languages, pages that update by themselves, pages without script.
#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

#[path = "it_pages/boxes.rs"]
mod boxes;
#[path = "it_pages/browser.rs"]
mod browser;
#[path = "it_pages/county.rs"]
mod county;

use browser::Browser;
use county::{CASE, County};

async fn enter(browser: &Browser, county: &County) {
    let url = format!("{}/login?token={}", county.pages, county.token);
    browser.driver.goto(url).await.unwrap();
    browser.find("#identity").await.unwrap();
}

async fn go(browser: &Browser, county: &County, path: &str) {
    browser
        .driver
        .goto(format!("{}{path}", county.pages))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_opens_once_and_every_page_is_shown() {
    let mut county = County::start().await.unwrap();
    county.fill().await.unwrap();
    let browser = Browser::start(true).await.unwrap();
    go(&browser, &county, "/cases").await;
    browser
        .find("form[action='/login'] input[name=token]")
        .await
        .unwrap();
    browser.picture("login").await.unwrap();
    enter(&browser, &county).await;
    browser.complaints().await.unwrap();
    browser.find("#live.on").await.unwrap();
    let tally = tongcha_hub::tally::tally(county.core()).await.unwrap();
    assert_eq!(
        browser.text("#received").await.unwrap(),
        tally.received.to_string()
    );
    assert_eq!(
        browser.text("#stored").await.unwrap(),
        tally.stored.to_string()
    );
    assert_eq!(
        browser.text("#rejected").await.unwrap(),
        tally.rejected.to_string()
    );
    assert_eq!(
        browser.text("#forwarded").await.unwrap(),
        tally.stored.to_string()
    );
    browser.picture("overview").await.unwrap();
    for (path, name) in [
        ("/nodes", "nodes"),
        ("/envelopes", "envelopes"),
        ("/envelopes?verdict=partly", "envelopes-partly"),
        ("/cases", "cases"),
        ("/cards", "cards"),
        ("/scores", "scores"),
        ("/ledger", "ledger"),
        ("/work", "work"),
        ("/cases?no=nothing", "empty"),
        ("/?lang=en", "overview-en"),
        ("/?lang=zh", "overview"),
    ] {
        go(&browser, &county, path).await;
        browser.find("main h1").await.unwrap();
        browser.picture(name).await.unwrap();
    }
    go(&browser, &county, "/envelopes?verdict=partly").await;
    browser
        .find("#list tbody a")
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    browser.find(".findings .do").await.unwrap();
    browser.picture("envelope").await.unwrap();
    browser
        .find(".acts a")
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    assert!(browser.text("#text").await.unwrap().contains("<Package"));
    browser.picture("raw").await.unwrap();
    go(&browser, &county, "/cards?colour=yellow").await;
    browser
        .find("#list tbody td:last-child a")
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    browser.find("#arithmetic li").await.unwrap();
    browser.picture("card").await.unwrap();
    // The same on paper: the card alone, without what only a screen has.
    browser.paper(true).await.unwrap();
    for gone in ["#menu", "#live", "#pause", ".out", ".lang", ".crumbs"] {
        assert_eq!(
            browser.text(gone).await.unwrap(),
            "",
            "{gone} is not printed"
        );
    }
    assert!(
        browser
            .text("#arithmetic")
            .await
            .unwrap()
            .contains("2026-01-19")
    );
    browser.picture("card-paper").await.unwrap();
    browser.paper(false).await.unwrap();
    // Its evidence opens at the line.
    let evidence = browser.href("a[href^='/raw?']").await.unwrap();
    go(&browser, &county, &evidence).await;
    let meant = browser.text(".excerpt .meant").await.unwrap();
    assert!(meant.trim_start().starts_with('<'), "{meant}");
    browser.picture("raw-line").await.unwrap();
    assert_eq!(browser.complaints().await.unwrap(), Vec::<String>::new());
    let url = format!("{}/login?token={}", county.pages, county.token);
    browser.driver.delete_all_cookies().await.unwrap();
    browser.driver.goto(url).await.unwrap();
    assert!(
        browser
            .text("[role=alert]")
            .await
            .unwrap()
            .contains("已经用过")
    );
    browser.picture("login-used").await.unwrap();
    browser.end().await.unwrap();
    county.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_shows_every_version_masked_and_speaks_both_languages() {
    let mut county = County::start().await.unwrap();
    county.fill().await.unwrap();
    let browser = Browser::start(true).await.unwrap();
    enter(&browser, &county).await;
    go(&browser, &county, &format!("/case?space=cn&no={CASE}")).await;
    browser.picture("case").await.unwrap();
    let first = format!("details[id='v-item-1-1-{}'] summary", county::NODE);
    browser.find(&first).await.unwrap().click().await.unwrap();
    let changed = browser.text("#timeline .changed").await.unwrap();
    assert!(changed.contains("取水许可（变更）"), "{changed}");
    let timeline = browser.text("#timeline").await.unwrap();
    assert!(
        timeline.contains("取水许可审批") && timeline.contains("取水许可（变更）"),
        "{timeline}"
    );
    assert!(timeline.contains("已被取代") && timeline.contains("现行"));
    let source = browser.driver.source().await.unwrap();
    assert!(!source.contains("431321198001010012") && !source.contains("13000000000"));
    assert!(
        source.contains("431*************12"),
        "the identity number is masked, not left out"
    );
    browser.find("#lang").await.unwrap().click().await.unwrap();
    browser
        .wait_text("#timeline .head .chip.good", "in force")
        .await
        .unwrap();
    browser.picture("case-en").await.unwrap();
    // The choice is kept for the next page.
    go(&browser, &county, "/case?space=cn&no=431321202601050002").await;
    browser
        .wait_text("main h2", "How the due day was computed")
        .await
        .unwrap();
    browser.find(".chip.card-red").await.unwrap();
    browser.picture("case-open-en").await.unwrap();
    assert_eq!(browser.complaints().await.unwrap(), Vec::<String>::new());
    browser.end().await.unwrap();
    county.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_envelope_and_a_new_card_appear_by_themselves() {
    let mut county = County::start().await.unwrap();
    let browser = Browser::start(true).await.unwrap();
    enter(&browser, &county).await;
    browser.find("#live.on").await.unwrap();
    browser.find("#envelopes .empty").await.unwrap();
    browser.picture("overview-empty").await.unwrap();
    let mark = "window.untouched = true; document.querySelector('h1').dataset.kept = 'yes'";
    browser.driver.execute(mark, vec![]).await.unwrap();
    county
        .drop_file("1.xml", &county::open_case("431321202601050009"))
        .unwrap();
    county.send().await.unwrap();
    let tally = tongcha_hub::tally::tally(county.core()).await.unwrap();
    assert!(tally.stored > 0);
    browser
        .wait_text("#stored", &tally.stored.to_string())
        .await
        .unwrap();
    browser.find("#envelopes tbody tr").await.unwrap();
    county
        .look(time::macros::datetime!(2026-01-20 9:30 +8))
        .await
        .unwrap();
    browser.find("#cards .card-yellow").await.unwrap();
    browser.find("h1[data-kept=yes]").await.unwrap();
    let kept = browser
        .driver
        .execute("return window.untouched === true", vec![])
        .await
        .unwrap();
    assert!(
        kept.convert::<bool>().unwrap(),
        "the page was not loaded anew"
    );
    // A machine whose key was revoked goes on sending: that is an alarm, at once and on every page.
    let store = &county.core().store;
    let now = tongcha_schema::clock::Clock::now(county.clock.as_ref());
    tongcha_hub::enrol::revoke(store, county::NODE, now)
        .await
        .unwrap();
    county
        .drop_file("2.xml", &county::open_case("431321202601050010"))
        .unwrap();
    let fault = county.send().await.unwrap_err().to_string();
    assert!(fault.contains("revoked"), "{fault}");
    browser.wait_text("#menu .alarms", "1").await.unwrap();
    let told = browser.text("#alarms [role=alert]").await.unwrap();
    assert!(
        told.contains(county::NODE) && told.contains("密钥已吊销"),
        "{told}"
    );
    browser.picture("overview-alarm").await.unwrap();
    for (path, name) in [
        ("/nodes?lang=zh", "nodes-alarm"),
        ("/nodes?lang=en", "nodes-alarm-en"),
    ] {
        go(&browser, &county, path).await;
        browser.find("table.alarms .chip.bad").await.unwrap();
        browser.picture(name).await.unwrap();
    }
    assert_eq!(browser.complaints().await.unwrap(), Vec::<String>::new());
    browser.end().await.unwrap();
    county.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_replaced_under_the_pointer_or_while_paused() {
    let mut county = County::start().await.unwrap();
    let browser = Browser::start(true).await.unwrap();
    county
        .drop_file("11.xml", &county::open_case("431321202601050011"))
        .unwrap();
    county.send().await.unwrap();
    enter(&browser, &county).await;
    browser.find("#live.on").await.unwrap();
    let row = browser.find("#envelopes tbody tr").await.unwrap();
    let point = browser.driver.action_chain().move_to_element_center(&row);
    point.perform().await.unwrap();
    browser
        .driver
        .execute(
            "document.querySelector('#envelopes tbody tr').dataset.kept = 'yes'",
            vec![],
        )
        .await
        .unwrap();
    county
        .drop_file("12.xml", &county::open_case("431321202601050012"))
        .unwrap();
    county.send().await.unwrap();
    // The figures elsewhere change; the row under the pointer stays, and the sign says that there is more.
    let stored = tongcha_hub::tally::tally(county.core())
        .await
        .unwrap()
        .stored;
    browser
        .wait_text("#stored", &stored.to_string())
        .await
        .unwrap();
    browser.wait_text("#live", "有新内容").await.unwrap();
    browser
        .find("#envelopes tbody tr[data-kept]")
        .await
        .unwrap();
    let heading = browser.find("h1").await.unwrap();
    let leave = browser
        .driver
        .action_chain()
        .move_to_element_center(&heading);
    leave.perform().await.unwrap();
    browser
        .find("#envelopes tbody tr:nth-child(2)")
        .await
        .unwrap();
    browser.wait_text("#live", "实时更新").await.unwrap();
    // A pause holds everything back until it ends.
    browser.find("#pause").await.unwrap().click().await.unwrap();
    browser.wait_text("#live", "已暂停更新").await.unwrap();
    county
        .drop_file("13.xml", &county::open_case("431321202601050013"))
        .unwrap();
    county.send().await.unwrap();
    assert_eq!(browser.text("#stored").await.unwrap(), stored.to_string());
    browser.wait_text("#pause", "继续").await.unwrap();
    browser.find("#pause").await.unwrap().click().await.unwrap();
    let stored = tongcha_hub::tally::tally(county.core())
        .await
        .unwrap()
        .stored;
    browser
        .wait_text("#stored", &stored.to_string())
        .await
        .unwrap();
    assert_eq!(browser.complaints().await.unwrap(), Vec::<String>::new());
    browser.end().await.unwrap();
    county.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_without_script() {
    let mut county = County::start().await.unwrap();
    county.fill().await.unwrap();
    let browser = Browser::start(false).await.unwrap();
    go(&browser, &county, "/").await;
    let field = browser.find("#token").await.unwrap();
    field.send_keys(&county.token).await.unwrap();
    browser
        .find("form button")
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    browser.find("#identity").await.unwrap();
    assert!(
        browser
            .driver
            .find(thirtyfour::By::Css("#live.on"))
            .await
            .is_err(),
        "no script ran"
    );
    go(&browser, &county, "/cases").await;
    let search = browser.find("input[name=no]").await.unwrap();
    search.send_keys("0002").await.unwrap();
    browser
        .find("form.filter button")
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    browser.wait_text(".pager b", "1").await.unwrap();
    browser
        .find("#list tbody a")
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    browser.find("#arithmetic li").await.unwrap();
    browser
        .find("#case-cards tbody a")
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    browser.find("#arithmetic li").await.unwrap();
    browser.end().await.unwrap();
    county.end().await.unwrap();
}
