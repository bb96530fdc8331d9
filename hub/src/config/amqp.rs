//! `[amqp]`: the broker through which nodes may send, and how much it may hold for them.

use tongcha_adapters::amqp::{DOWN_BYTES, ReceptionConfig, is_address};
use tongcha_adapters::settings::{Collector, Section, Surroundings};

/// Reads the section; how many nodes the file declares decides whether the limits fit.
pub(super) fn reception(
    section: Option<Section>,
    nodes: usize,
    around: &Surroundings<'_>,
    all: &mut Collector,
) -> Option<(ReceptionConfig, String)> {
    let mut section = section?;
    let url = section.secret_address("url", around, all).filter(|url| {
        let good = is_address(url);
        if !good {
            let what = ("不是消息中间件的地址", "no address of a broker");
            let hint = "amqps://…:…@…:5671/…";
            all.bad(&section.at("url_file"), what, (hint, hint));
        }
        good
    });
    let authority = match section.path("ca_file", false, around, all) {
        Some(path) => Some(section.read_file("ca_file", &path, all)?),
        None => None,
    };
    let queue_mib = section.whole("queue_mib", 16..=100_000, Some(64), all);
    let broker_mib = section.whole("broker_mib", 64..=10_000_000, Some(4_096), all);
    let rabbitmqctl = section.text("rabbitmqctl", Some(""), all);
    let at = section.at("broker_mib");
    section.finish(all);
    let config = ReceptionConfig {
        url: url?,
        authority_pem: authority,
        queue_bytes: queue_mib? << 20,
        broker_bytes: broker_mib? << 20,
    };
    let room = config.most_nodes();
    if u64::try_from(nodes).is_ok_and(|n| n > room) {
        let what = (
            format!("{nodes}个节点的队列合计超出 broker_mib，只容{room}个"),
            format!(
                "the queues of {nodes} nodes are more than broker_mib: there is room for {room}"
            ),
        );
        let each = (config.queue_bytes + DOWN_BYTES) >> 20;
        let hint = (
            format!("每个节点占{each} MiB；减小 queue_mib，或在磁盘告警线以内增大 broker_mib"),
            format!(
                "a node takes {each} MiB: lower queue_mib, or raise broker_mib below the disk alarm"
            ),
        );
        all.bad(&at, (&what.0, &what.1), (&hint.0, &hint.1));
    }
    Some((config, rabbitmqctl?))
}
