//! A real Chromium through its driver: each test has its own browser with a fresh profile. Owns both
//! processes and ends them.

use anyhow::{Context, Result};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel};

/// How long a page may take to show what is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked at.
const GLANCE: Duration = Duration::from_millis(50);

/// A browser.
pub struct Browser {
    /// Its session.
    pub driver: WebDriver,
    _process: Driver,
    _profile: TempDir,
}

/// The driver's process, in a group of its own with its browsers; ended with all of them.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended already; what matters is that none of the group is left.
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.0.wait();
    }
}

impl Browser {
    /// Starts driver and browser; without scripts if asked.
    pub async fn start(scripts: bool) -> Result<Browser> {
        // The client of the driver speaks plain HTTP, but its crate wants a provider all the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let program = std::env::var("TONGCHA_CHROMEDRIVER")
            .unwrap_or_else(|_| "/usr/bin/chromedriver".to_owned());
        let process = Command::new(&program)
            .arg("--port=0")
            .process_group(0)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{program} does not start\n  hint: tests/services install"))?;
        let mut process = Driver(process);
        let port = port(&mut process.0).context("the driver named no port")?;
        let profile = tempfile::tempdir()?;
        let mut caps = DesiredCapabilities::chrome();
        for flag in [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--window-size=1440,900",
        ] {
            caps.add_arg(flag)?;
        }
        caps.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
        caps.set_browser_log_level(LoggingPrefsLogLevel::All)?;
        if !scripts {
            let off = serde_json::json!({"profile.managed_default_content_settings.javascript": 2});
            caps.add_experimental_option("prefs", off)?;
        }
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), caps).await?;
        Ok(Browser {
            driver,
            _process: process,
            _profile: profile,
        })
    }

    /// Waits for the first element that fits.
    pub async fn find(&self, css: &str) -> Result<WebElement> {
        let found = self
            .driver
            .query(By::Css(css))
            .wait(PATIENCE, GLANCE)
            .first()
            .await;
        found.with_context(|| format!("no {css} on the page"))
    }

    /// The text of the first element that fits.
    pub async fn text(&self, css: &str) -> Result<String> {
        Ok(self.find(css).await?.text().await?)
    }

    /// Waits until an element that fits has the text. The page may replace it meanwhile.
    pub async fn wait_text(&self, css: &str, text: &str) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            let query = self.driver.query(By::Css(css)).wait(PATIENCE, GLANCE);
            match query.with_text(text.to_owned()).first().await {
                Ok(_) => return Ok(()),
                Err(_) if Instant::now() < until => {}
                Err(error) => {
                    let now = self.text(css).await?;
                    return Err(error).with_context(|| format!("{css} says {now:?}, not {text:?}"));
                }
            }
        }
    }

    /// Errors that the browser reported since the last call.
    pub async fn complaints(&self) -> Result<Vec<String>> {
        let log = self.driver.browser_log().await?;
        Ok(log
            .into_iter()
            .filter(|e| e.level == "SEVERE" || e.level == "WARNING")
            .map(|e| e.message)
            .collect())
    }

    /// Where the first link that fits leads: path and query.
    pub async fn href(&self, css: &str) -> Result<String> {
        let href = self.find(css).await?.attr("href").await?;
        href.with_context(|| format!("{css} leads nowhere"))
    }

    /// Makes the page that wide, in CSS pixels; a window is never narrower than some 500, so the size of the
    /// screen is set, as for a telephone.
    pub async fn width(&self, width: u32) -> Result<()> {
        self.screen(width, 900).await
    }

    /// Shows the page as it is printed, or again as on a screen.
    pub async fn paper(&self, on: bool) -> Result<()> {
        let media = serde_json::json!({"media": if on { "print" } else { "" }});
        let set = "Emulation.setEmulatedMedia";
        self.driver.cdp().send_raw(set, media).await?;
        Ok(())
    }

    async fn screen(&self, width: u32, height: u32) -> Result<()> {
        let size = serde_json::json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600
        });
        let set = "Emulation.setDeviceMetricsOverride";
        self.driver.cdp().send_raw(set, size).await?;
        Ok(())
    }

    /// Keeps a picture of the whole page at that width where `TONGCHA_SHOTS` names a folder.
    pub async fn picture_at(&self, name: &str, width: u32) -> Result<()> {
        let Some(folder) = std::env::var_os("TONGCHA_SHOTS") else {
            return Ok(());
        };
        let height = "return document.documentElement.scrollHeight";
        let height: u32 = self.driver.execute(height, vec![]).await?.convert()?;
        self.screen(width, height.clamp(600, 4_000)).await?;
        let file = Path::new(&folder).join(format!("{name}.png"));
        self.driver.screenshot(&file).await?;
        self.width(width).await
    }

    /// Keeps a picture of the whole page where `TONGCHA_SHOTS` names a folder.
    pub async fn picture(&self, name: &str) -> Result<()> {
        let Some(folder) = std::env::var_os("TONGCHA_SHOTS") else {
            return Ok(());
        };
        let height = self
            .driver
            .execute("return document.documentElement.scrollHeight", vec![])
            .await?;
        let height: u32 = height.convert()?;
        self.driver
            .set_window_rect(0, 0, 1440, (height + 150).clamp(900, 4_000))
            .await?;
        self.driver
            .screenshot(&Path::new(&folder).join(format!("{name}.png")))
            .await?;
        self.driver.set_window_rect(0, 0, 1440, 900).await?;
        Ok(())
    }

    /// Ends browser and driver.
    pub async fn end(self) -> Result<()> {
        let Browser {
            driver,
            _process,
            _profile,
        } = self;
        Ok(driver.quit().await?)
    }
}

/// The port that the driver chose, from the line in which it says so.
fn port(process: &mut Child) -> Option<u16> {
    let out = process.stdout.take()?;
    BufReader::new(out)
        .lines()
        .map_while(Result::ok)
        .find_map(|line| {
            let rest = line.split("successfully on port ").nth(1)?;
            rest.trim_end_matches('.').parse().ok()
        })
}
