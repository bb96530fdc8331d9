//! The section that says where a hub is: `url`, or `amqp_file` for the broker, and whom to trust.

use super::Surroundings;
use super::collect::{Collector, Section};
use crate::reach::HubAddress;

/// Reads the keys of a hub's address.
pub fn address(
    section: &mut Section,
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<HubAddress> {
    let amqp = amqp(section, around, all);
    // Where the broker is the line, the other address is only for enrolling and the doctor.
    let or = amqp.as_ref().is_some_and(Option::is_some).then_some("");
    let url = section.text("url", or, all).filter(|url| {
        let good = url.starts_with("http://") || url.starts_with("https://");
        if !good && !url.is_empty() {
            all.bad(
                &section.at("url"),
                ("中心地址无效", "no hub address"),
                (
                    "以 http:// 或 https:// 开头",
                    "begin with http:// or https://",
                ),
            );
        }
        good || url.is_empty()
    });
    let authority = match section.path("ca_file", false, around, all) {
        Some(path) => {
            let text = section.read_file("ca_file", &path, all);
            Some(text?)
        }
        None => None,
    };
    let identity = match section.path("client_cert_file", false, around, all) {
        Some(path) => {
            let cert = section.read_file("client_cert_file", &path, all);
            let key = section.secret("client_key", around, all);
            Some(format!("{}\n{}\n", cert?, key?))
        }
        None => None,
    };
    Some(HubAddress {
        url: url?,
        amqp: amqp?,
        authority_pem: authority,
        identity_pem: identity,
    })
}

/// The broker's address, where one is named: it holds a password, so it stands in a file or the environment.
fn amqp(
    section: &mut Section,
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<Option<String>> {
    let named = ["amqp", "amqp_file", "amqp_env"];
    if !named.iter().any(|key| section.has(key)) {
        return Some(None);
    }
    let at = section.at("amqp_file");
    let text = section.secret_address("amqp", around, all)?;
    #[cfg(feature = "uplink-amqp")]
    if crate::amqp::is_address(&text) {
        return Some(Some(text));
    }
    let (what, hint) = match cfg!(feature = "uplink-amqp") {
        true => (
            ("不是消息中间件的地址", "no address of a broker"),
            (
                "形如 amqps://用户:口令@主机:5671/虚拟主机，由中心“tongcha node amqp”生成",
                "like amqps://user:password@host:5671/vhost, as `tongcha node amqp` wrote it at the hub",
            ),
        ),
        false => (
            ("本程序不含AMQP", "this build has no AMQP"),
            (
                "用带 uplink-amqp 特性的程序，或改用 url",
                "use a build with the feature uplink-amqp, or url instead",
            ),
        ),
    };
    all.bad(&at, what, hint);
    None
}
