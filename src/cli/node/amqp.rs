//! `tongcha node amqp NAME`: a user of the broker for one node. Writes the address with its password into a file
//! for the front-end machine and shows what makes the user; `--apply` does it. Refuses to print a password.

use crate::exit::WrongUsage;
use anyhow::{Context, Result};
use std::path::Path;
use tongcha::rabbitmqctl;
use tongcha_adapters::amqp::permissions;
use tongcha_hub::config::HubSettings;
use tongcha_schema::digest::hex;
use tongcha_schema::id::is_node_name;

/// What is asked for.
pub struct Wish<'a> {
    /// The node.
    pub node: &'a str,
    /// The broker as departments reach it: `amqps://mq.example:5671`.
    pub address: &'a str,
    /// The file to be written.
    pub out: &'a Path,
    /// Whether the user is made now.
    pub apply: bool,
}

/// Writes the file, and shows or runs what makes the user.
///
/// # Errors
/// A name or address that is none, no `[amqp]`, a file that is there already, a broker that refuses.
pub fn run(wish: &Wish<'_>, settings: &HubSettings) -> Result<bool> {
    let node = wish.node;
    let Some(reception) = &settings.reception else {
        let text = "配置中没有 [amqp] · the configuration has no [amqp]";
        return Err(WrongUsage(text.to_owned()).into());
    };
    let parts = wish.address.split_once("://");
    let good = parts.filter(|(scheme, rest)| {
        ["amqp", "amqps"].contains(scheme) && !rest.is_empty() && !rest.contains(['/', '@'])
    });
    let (Some((scheme, host)), true) = (good, is_node_name(node)) else {
        let text = "节点名写作“区划/名称”，地址形如 amqps://主机:5671 · a node is region/name, an address is \
                    amqps://host:5671";
        return Err(WrongUsage(text.to_owned()).into());
    };
    // `//host` has an empty path: the virtual host `/`.
    let vhost = reception.url.splitn(4, '/').nth(3).unwrap_or("");
    let password = hex(&crate::cli::random()?);
    let user = node.replace('/', "%2F");
    let url = format!("{scheme}://{user}:{password}@{host}/{vhost}\n");
    crate::cli::keys::write(wish.out, &url, 0o600)
        .context("hint: an address is never overwritten; name another file")?;
    println!("地址文件 · address: {}", wish.out.display());
    println!("交前置机，agent.toml：[hub] amqp_file · for the front-end machine, [hub] amqp_file");
    let vhost = match vhost {
        "" => "/".to_owned(),
        name => name.replace("%2F", "/").replace("%2f", "/"),
    };
    let [configure, write, read] = permissions(node);
    let rights = [
        "set_permissions",
        "-p",
        &vhost,
        node,
        &configure,
        &write,
        &read,
    ];
    if wish.apply {
        return apply(&settings.reception_ctl, node, &password, &rights);
    }
    println!("在消息中间件主机上执行 · on the broker's machine (the password is asked for):");
    println!("  rabbitmqctl add_user '{node}'");
    let [verb, flag, vhost, node, rest @ ..] = rights;
    let rest: Vec<_> = rest.iter().map(|r| format!("'{r}'")).collect();
    println!(
        "  rabbitmqctl {verb} {flag} '{vhost}' '{node}' {}",
        rest.join(" ")
    );
    Ok(true)
}

/// Makes the user, or gives it the new password.
fn apply(ctl: &str, node: &str, password: &str, rights: &[&str]) -> Result<bool> {
    let made = rabbitmqctl::run(ctl, &["add_user", node], Some(password));
    if made.is_err() {
        let changed = rabbitmqctl::run(ctl, &["change_password", node], Some(password));
        changed.or(made).context("[amqp] rabbitmqctl")?;
    }
    rabbitmqctl::run(ctl, rights, None)?;
    println!("已在消息中间件建立用户 · the broker has the user: {node}");
    Ok(true)
}
