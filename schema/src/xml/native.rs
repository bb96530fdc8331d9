//! The names of the native format `Package/Head/Body` and the head as read. Refuses to read or write
//! a document (`read.rs`, `write.rs`).

use crate::element::ElementId;
use crate::finding::Finding;
use std::sync::LazyLock;

/// Version of the native format, `Package@version`.
pub const VERSION: &str = "1.0";
/// Name of the root.
pub const PACKAGE: &str = "Package";
/// Name of the head.
pub const HEAD: &str = "Head";
/// Name of the body.
pub const BODY: &str = "Body";
/// Name of a case.
pub const CASE: &str = "Case";
/// Name of a list outside any case: organs and items (机构目录, 事项目录).
pub const CATALOG: &str = "Catalog";
/// What `dataVer` says of a record whose source numbers no versions.
pub const ARRIVAL: &str = "arrival";
/// One field of the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadField {
    /// Name of its node.
    pub node: &'static str,
    /// Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
    /// At most so many characters.
    pub chars: usize,
    /// Whether every document must have it. Digest and signature need not be: the frame in which the
    /// agent sends a document carries its own.
    pub required: bool,
}

const fn head(
    node: &'static str,
    zh: &'static str,
    en: &'static str,
    chars: usize,
    required: bool,
) -> HeadField {
    HeadField {
        node,
        zh,
        en,
        chars,
        required,
    }
}

/// The fields of the head in order; [`NativeHead::values`] has one text for each.
pub const HEAD_FIELDS: [HeadField; 12] = [
    head("MsgId", "报文标识", "message id", 64, true),
    head("StdVer", "标准版本号", "version of the standard", 16, true),
    head("SourceNode", "源节点", "source node", 64, true),
    head("TargetNode", "目标节点", "target node", 64, true),
    head("SenderOrg", "数据提供部门代码", "sending organ", 18, true),
    head("SendTime", "发送时间", "time of sending", 35, true),
    head("RecordCount", "记录数", "number of records", 19, true),
    head("DigestAlg", "摘要算法", "digest algorithm", 16, false),
    head("Digest", "摘要", "digest", 64, false),
    head("SignAlg", "签名算法", "signature algorithm", 16, false),
    head("CertSn", "证书序列号", "certificate number", 64, false),
    head("Sign", "签名", "signature", 512, false),
];

/// Index of `SenderOrg` in [`HEAD_FIELDS`].
pub const SENDER_ORG: usize = 4;
/// Index of `SendTime` in [`HEAD_FIELDS`].
pub const SEND_TIME: usize = 5;
/// Index of `RecordCount` in [`HEAD_FIELDS`].
pub const RECORD_COUNT: usize = 6;

/// What a native document says of itself, and what was wrong outside of its cases.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NativeHead {
    /// `Package@version`, or empty.
    pub version: String,
    /// One text for each of [`HEAD_FIELDS`]; empty where absent.
    pub values: [String; HEAD_FIELDS.len()],
    /// The declared number of records, where it is one.
    pub record_count: Option<u64>,
    /// Records found: the nodes inside of cases, those of no known element included.
    pub records: u64,
    /// Findings that belong to no case: root, head, structure, a count that differs.
    pub findings: Vec<Finding>,
}

impl NativeHead {
    /// The head field of that node name, or empty.
    pub fn get(&self, node: &str) -> &str {
        HEAD_FIELDS
            .iter()
            .position(|f| f.node == node)
            .and_then(|i| self.values.get(i))
            .map_or("", String::as_str)
    }

    /// Sets the head field of that node name; an unknown name changes nothing.
    pub fn set(&mut self, node: &str, text: impl Into<String>) {
        let index = HEAD_FIELDS.iter().position(|f| f.node == node);
        if let Some(value) = index.and_then(|i| self.values.get_mut(i)) {
            *value = text.into();
        }
    }
}

static NODES: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let nodes = |e: ElementId| e.spec().fields.iter().map(|f| f.node()).collect();
    ElementId::ALL.into_iter().map(nodes).collect()
});

/// The node names of an element's fields, in their order.
pub fn field_nodes(element: ElementId) -> &'static [String] {
    &NODES[element.index()]
}
