//! Every page as a reader meets it: at three widths, in both languages, with the longest names and numbers that
//! the field has. Text stays in its box, cells can be read, nothing scrolls sideways, contrast suffices.

use crate::browser::Browser;
use crate::county::{self, County};
use crate::{enter, go};

/// Widths in CSS pixels: a telephone, an old screen, a new one.
const WIDTHS: [u32; 3] = [390, 1280, 1920];
/// Looks at the open page; gives its faults.
const LOOK: &str = include_str!("boxes.js");

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_three_widths_in_both_languages() {
    let mut county = County::start().await.unwrap();
    county.fill().await.unwrap();
    county.fill_long().await.unwrap();
    let browser = Browser::start(true).await.unwrap();
    enter(&browser, &county).await;
    let pages = pages(&browser, &county).await;
    let mut faults = Vec::new();
    for (name, path) in &pages {
        for lang in ["zh", "en"] {
            let mark = if path.contains('?') { '&' } else { '?' };
            go(&browser, &county, &format!("{path}{mark}lang={lang}")).await;
            browser.find("main h1").await.unwrap();
            for width in WIDTHS {
                browser.width(width).await.unwrap();
                let found = browser.driver.execute(LOOK, vec![]).await.unwrap();
                for fault in found.convert::<Vec<String>>().unwrap() {
                    faults.push(format!("{name} {lang} {width}: {fault}"));
                }
                let picture = format!("box-{name}-{lang}-{width}");
                browser.picture_at(&picture, width).await.unwrap();
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    browser.end().await.unwrap();
    county.end().await.unwrap();
}

/// Every page by a short name: the lists, and one of each kind that they lead to.
async fn pages(browser: &Browser, county: &County) -> Vec<(&'static str, String)> {
    let mut pages: Vec<(&'static str, String)> = [
        ("overview", "/"),
        ("nodes", "/nodes"),
        ("envelopes", "/envelopes"),
        ("cases", "/cases"),
        ("cards", "/cards"),
        ("scores", "/scores"),
        ("ledger", "/ledger"),
        ("work", "/work"),
        ("none", "/cases?no=nothing"),
        ("nowhere", "/no-such-page"),
    ]
    .map(|(name, path)| (name, path.to_owned()))
    .into();
    let long = format!("/case?space=cn&no={}", county::LONG_CASE);
    pages.push(("case", long));
    for (name, list, link) in [
        ("envelope", "/envelopes?verdict=partly", "#list tbody a"),
        ("card", "/cards", "#list tbody td:last-child a"),
        ("raw", "/envelopes?verdict=partly", "#list tbody a"),
    ] {
        go(browser, county, list).await;
        let mut href = browser.href(link).await.unwrap();
        if name == "raw" {
            go(browser, county, &href).await;
            href = browser.href(".acts a").await.unwrap();
        }
        pages.push((name, href));
    }
    pages
}
