//! A county alone: one hub with its store, bus and address, and nothing above it. For runs that
//! measure one tier. Owns its start and its end; refuses to forward.

use super::{Base, COUNTY, OFFICE, Place, Registration, Setup, Tier, make_agent, start_tier};
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::sync::Arc;
use tongcha_adapters::agent::{Agent, AgentConfig};
use tongcha_adapters::source::Source;
use tongcha_schema::clock::Clock;

/// One hub without an upper tier.
pub struct Alone {
    /// The hub.
    pub county: Tier,
    folder: PathBuf,
    place: Place,
    clock: Arc<dyn Clock>,
    secret: [u8; 32],
}

impl Alone {
    /// Starts the hub; what it stores goes nowhere else.
    ///
    /// # Errors
    /// A store, bus, folder or port cannot be used.
    pub async fn start(mut setup: Setup) -> Result<Alone> {
        std::fs::create_dir_all(&setup.folder)
            .with_context(|| format!("the folder {} cannot be made", setup.folder.display()))?;
        let pages = setup.pages.take();
        let county = start_tier(&setup, "county", COUNTY, false, pages).await?;
        Ok(Alone {
            county,
            folder: setup.folder,
            place: setup.place,
            clock: setup.clock,
            secret: setup.secret,
        })
    }

    /// Registers a front-end machine and gives its agent.
    ///
    /// # Errors
    /// The store or the agent's outbox cannot be used.
    pub async fn machine(&self, node: &str, source: Box<dyn Source>) -> Result<Agent> {
        let base = Base {
            folder: &self.folder,
            clock: &self.clock,
            secret: &self.secret,
        };
        let registration = Registration {
            node,
            is_hub: false,
            organ: ("", ""),
        };
        let config = AgentConfig::new(COUNTY, OFFICE);
        make_agent(&base, &self.county, registration, config, source).await
    }

    /// Stops it; in a place of its own it also removes what it made there.
    ///
    /// # Errors
    /// A schema or virtual host of its own cannot be removed.
    pub async fn stop(self) -> Result<()> {
        drop(self.county.server);
        self.place.end("county", self.county.hub).await?;
        self.place.remove(&["county"])
    }
}
