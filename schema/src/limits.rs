//! Every quantity has a limit: one line each, with its reason. A test hits each of them.

/// Items of one envelope (WORDS, "An envelope carries one lot").
pub const ENVELOPE_ITEMS: usize = 10_000;
/// Bytes of the signed head: 10,000 items with names of up to 255 bytes fit.
pub const HEAD_BYTES: usize = 8 << 20;
/// Bytes of one item before compression: one export of a large county's history passes; what is
/// larger is withheld at the front-end machine and reported.
pub const ITEM_BYTES: u64 = 4 << 30;
/// Bytes of one chunk in which items are framed, kept and sealed: memory stays flat.
pub const CHUNK_BYTES: usize = 256 << 10;
/// First bytes of a withheld item that travel (WORDS).
pub const WITHHELD_HEAD_BYTES: usize = 64 << 10;
/// Characters of a node name.
pub const NODE_NAME_CHARS: usize = 64;

/// Depth of nested XML elements: native documents need 5, XES 6; 200 leaves room and stops bombs.
pub const XML_DEPTH: usize = 200;
/// Bytes of one XML name: the longest real field name has 27.
pub const XML_NAME_BYTES: usize = 1_000;
/// Attributes of one element: native needs 6.
pub const XML_ATTRIBUTES: usize = 256;
/// Bytes of one attribute value.
pub const XML_ATTRIBUTE_BYTES: usize = 1 << 20;
/// Bytes of one text, comment, CDATA section or processing instruction: materials lists run to
/// some 100 KiB; attachments do not travel inside.
pub const XML_TEXT_BYTES: usize = 8 << 20;

/// Records of one case in one item: the largest real case of the test logs has 101.
pub const CASE_RECORDS: usize = 20_000;
/// Findings listed in one receipt; the rest are counted by code and kept.
pub const RECEIPT_FINDINGS: usize = 1_000;
/// Findings kept for one record.
pub const RECORD_FINDINGS: usize = 100;
/// Records of one bundle on the bus: about 1,000 keeps a message under 1 MiB.
pub const BUNDLE_RECORDS: usize = 1_000;
