//! Where the stores and buses of a world are: in its folder, or in a schema and a virtual host of
//! their own on the configured servers. Owns making and removing them.

use crate::rabbitmqctl;
use anyhow::{Context, Result, bail};
use std::path::Path;
use tongcha_hub::exchange::{BusKind, Database, Hub};

/// The servers of production.
#[derive(Clone, Debug)]
pub struct Production {
    /// PostgreSQL, with the right to make schemas.
    pub database_url: String,
    /// RabbitMQ; its virtual host is replaced by one of our own.
    pub bus_url: String,
    /// Command line of `rabbitmqctl` that reaches that broker, words divided by blanks.
    pub rabbitmqctl: String,
    /// What makes the names of this run its own.
    pub tag: String,
}

/// Where stores and buses are.
#[derive(Clone, Debug)]
pub enum Place {
    /// SQLite files and a bus in process.
    Embedded,
    /// PostgreSQL and RabbitMQ, in a fresh schema and virtual host per hub, removed at the end.
    Production(Production),
}

impl Production {
    fn name(&self, role: &str) -> String {
        format!("tongcha_{}_{role}", self.tag)
    }

    fn ctl(&self, args: &[&str]) -> Result<()> {
        rabbitmqctl::run(&self.rabbitmqctl, args, None).context("[bus] rabbitmqctl")
    }

    /// The user of the bus's URL.
    fn user(&self) -> Result<&str> {
        let rest = self
            .bus_url
            .split_once("://")
            .map_or(self.bus_url.as_str(), |(_, r)| r);
        let login = rest.split_once('@').map(|(login, _)| login);
        login
            .and_then(|l| l.split(':').next())
            .filter(|u| !u.is_empty())
            .context("[bus] url names no user\n  hint: amqp://user:password@host:port/vhost")
    }

    /// The bus's URL with another virtual host.
    fn url_of(&self, vhost: &str) -> Result<String> {
        let (scheme, rest) = self
            .bus_url
            .split_once("://")
            .context("[bus] url has no scheme amqp://")?;
        let authority = rest.split('/').next().unwrap_or(rest);
        Ok(format!("{scheme}://{authority}/{vhost}"))
    }
}

impl Place {
    /// The database of a hub.
    pub fn database(&self, role: &str, folder: &Path) -> Database {
        match self {
            Place::Embedded => Database::Sqlite(folder.join("tongcha.db")),
            Place::Production(p) => Database::Postgres {
                url: p.database_url.clone(),
                schema: p.name(role),
            },
        }
    }

    /// The bus of a hub; makes its virtual host.
    ///
    /// # Errors
    /// The broker does not make it.
    pub fn bus(&self, role: &str) -> Result<BusKind> {
        let Place::Production(p) = self else {
            return Ok(BusKind::Memory);
        };
        let vhost = p.name(role);
        p.ctl(&["add_vhost", &vhost])?;
        p.ctl(&["set_permissions", "-p", &vhost, p.user()?, ".*", ".*", ".*"])?;
        Ok(BusKind::Rabbit(p.url_of(&vhost)?))
    }

    /// Ends a hub; in production its schema goes with it.
    ///
    /// # Errors
    /// The schema cannot be dropped.
    pub async fn end(&self, role: &str, hub: Hub) -> Result<()> {
        match self {
            Place::Embedded => {
                hub.stop().await;
                Ok(())
            }
            Place::Production(p) => Ok(hub.remove(&p.name(role)).await?),
        }
    }

    /// Removes the virtual hosts of these hubs.
    ///
    /// # Errors
    /// The broker does not remove one.
    pub fn remove(&self, roles: &[&str]) -> Result<()> {
        let Place::Production(p) = self else {
            return Ok(());
        };
        // Each call starts a command line of some seconds: all at once.
        std::thread::scope(|scope| {
            let calls: Vec<_> = roles
                .iter()
                .map(|role| scope.spawn(|| p.ctl(&["delete_vhost", &p.name(role)])))
                .collect();
            calls
                .into_iter()
                .try_for_each(|call| call.join().unwrap_or_else(|_| bail!("rabbitmqctl: died")))
        })
    }
}
