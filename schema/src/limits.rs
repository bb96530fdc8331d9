//! Limits that several parts keep or that a sender can meet: one line each, with its reason. What a single file
//! needs for itself (a page's rows, a batch, a pause) stands at its head. Refuses to hold settings of an office.

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
/// Namespace prefixes in force at a time: real documents have under ten, and each is compared with.
pub const XML_NAMESPACES: usize = 256;
/// Bytes of one namespace name as written: real ones have under 100, and those in force are held.
pub const XML_NAMESPACE_BYTES: usize = 1_000;
/// Bytes of one attribute value.
pub const XML_ATTRIBUTE_BYTES: usize = 1 << 20;
/// Bytes of the text between two tags (CDATA sections included), of one comment or of one
/// processing instruction: materials lists run to some 100 KiB; attachments do not travel inside.
pub const XML_TEXT_BYTES: usize = 8 << 20;
/// Bytes of one whole tag with its attributes: a decoder holds a tag in memory.
pub const XML_TAG_BYTES: usize = 8 << 20;
/// Bytes of the XML declaration, white space included: real ones have some 60.
pub const XML_DECLARATION_BYTES: usize = 4_096;

/// Places of half characters told of one document by line and bytes; the records that hold one are told
/// each.
pub const BROKEN_PLACES: usize = 20;

/// Records of one case in one item: the largest real case of the test logs has 101.
pub const CASE_RECORDS: usize = 20_000;
/// Bytes kept of one field's text: 8 times the longest field in any script, so that what is cut is
/// refused as too long anyway.
pub const FIELD_BYTES: usize = 64 << 10;
/// Bytes of field texts of one case kept at a time: a case of 20,000 records of 3 KiB passes; what
/// is over it is refused, so that memory stays bounded.
pub const CASE_BYTES: usize = 64 << 20;
/// Findings listed in one receipt; the rest are counted by code and kept.
pub const RECEIPT_FINDINGS: usize = 1_000;
/// Findings kept for one record.
pub const RECORD_FINDINGS: usize = 100;
/// Lines of the work list that one item, or one dialect in the store, tells apart by their value: a code
/// set has some hundred codes; what comes beyond is counted without its value.
pub const WORK_LINES: usize = 2_000;
/// Stored records of the known cases of one batch of ingest: their files are read whole, some 1 KiB a record twice,
/// so a batch stays under some 100 MiB beside what arrives. A bundle alone is taken whatever its cases hold.
pub const BATCH_STORED: u64 = 40_000;
/// Records that one look judges at once; a case with more is judged alone. A record takes some 1 KiB in
/// memory, twice while it is read, so a look stays under some 20 MiB whatever the cases are like.
pub const LOOK_RECORDS: u64 = 8_000;
/// Names that one finding tells of what a dialect did not read; the rest are counted: the widest table of
/// a family has some 60 columns.
pub const UNREAD_NAMES: usize = 60;
/// Characters told of one such name.
pub const UNREAD_NAME_CHARS: usize = 60;
/// Different unread places of one document that are told apart and counted; memory stays flat.
pub const UNREAD_PLACES: usize = 10_000;
/// Records of one bundle on the bus: about 1,000 keeps a message under 1 MiB.
pub const BUNDLE_RECORDS: usize = 1_000;
/// Bytes of the texts of one bundle: records with long texts make smaller bundles, so that a message stays
/// far below what a broker takes (16 MiB).
pub const BUNDLE_BYTES: usize = 4 << 20;
/// Bytes of the rows that one statement carries as JSON: what is more goes in several.
pub const STATEMENT_BYTES: usize = 4 << 20;

/// Connections of the exchange protocol at once: some hundred nodes, and far fewer than the descriptors of a
/// process; whoever comes beyond waits until one ends.
pub const CONNECTIONS: usize = 400;
/// Connections of the pages at once: some dozen readers with a few each, one of them live.
pub const PAGE_CONNECTIONS: usize = 200;
/// Bytes of a connection's buffer: a request's head has far fewer, the body goes through it in pieces.
pub const CONNECTION_BYTES: usize = 64 << 10;
/// Bytes of the heads that are held at once, all senders together: four of the largest, thousands of usual ones.
pub const HEADS_BYTES: usize = 32 << 20;
/// Envelopes of one node in hand at once: an agent sends one of each of its sources at a time.
pub const NODE_AT_ONCE: usize = 8;
/// Of these, examined at once: half of all, so that another node always has its turn.
pub const NODE_EXAMINED_AT_ONCE: usize = 2;
/// Documents of one node in hand at once, out of [`DOCUMENTS_AT_ONCE`]: no token locks the others out.
pub const NODE_DOCUMENTS_AT_ONCE: usize = 3;
/// Bytes of what arrives that stand in memory, all senders together; the rest waits sealed in files.
pub const INTAKE_MEMORY_BYTES: u64 = 64 << 20;
/// Bytes of one envelope in memory: the usual one needs no file.
pub const ENVELOPE_MEMORY_BYTES: u64 = 4 << 20;
/// Bytes on the spool's disk, all senders together, unless configured: several of the largest items, packed.
pub const SPOOL_BYTES: u64 = 20 << 30;
/// Envelopes that are examined at once: each takes a processor, and at most a case in memory.
pub const EXAMINED_AT_ONCE: usize = 4;
/// Envelopes that are written into the store at once: half of the door's connections.
pub const WRITTEN_AT_ONCE: usize = 4;
/// Connections to the database that the door has of its own: what comes in never takes those of ingest.
pub const DOOR_CONNECTIONS: u32 = 8;

/// Bytes of an item that are searched for the line that a card rests on; what lies deeper is downloaded.
pub const EXCERPT_BYTES: usize = 16 << 20;
/// Bytes of a document that is posted straight to a hub: it is held in memory; larger ones go by file.
pub const DOCUMENT_BYTES: usize = 16 << 20;
/// Such documents held in memory at once.
pub const DOCUMENTS_AT_ONCE: usize = 8;
/// Refusals at the door that are kept and logged of one node and reason, and of all strangers together by
/// reason, within an hour; more are counted alone. Whoever knocks without a key fills neither disk nor log,
/// and hides no refusal of another reason.
pub const TURNED_AWAY_AN_HOUR: i64 = 100;
/// Bundles that wait for ingest above which a hub puts senders off, unless configured: some ten million
/// records, which is hours of work.
pub const MOST_WAITING_BUNDLES: u64 = 10_000;

/// Nested archives: a tar in a gzip is two; deeper ones hide bombs.
pub const ARCHIVE_DEPTH: usize = 3;
/// Bytes that one archive may become: two of the largest items.
pub const ARCHIVE_BYTES: u64 = 8 << 30;
/// Plain bytes per packed byte: XML exports compress up to some 60:1.
pub const ARCHIVE_RATIO: u64 = 200;
/// Plain bytes below which the ratio is not judged: small repetitive files are harmless.
pub const ARCHIVE_FREE_BYTES: u64 = 1 << 20;
/// Plain bytes of a workbook's texts, styles and the like, which are held in memory: a full sheet of a
/// million rows has some 50 MiB of texts.
pub const WORKBOOK_PART_BYTES: u64 = 128 << 20;
/// Merged ranges of one workbook, held in memory for their sheet: one a case in a table of 100,000 cases.
pub const WORKBOOK_MERGES: usize = 100_000;
/// Bytes of a file's name: what file systems of Linux take (NAME_MAX); other systems' limits are no shorter.
pub const FILE_NAME_BYTES: usize = 255;
/// Columns of a row in a web page or an XML spreadsheet: as many as a sheet of Excel has.
pub const MARKUP_COLUMNS: usize = 16_384;
/// Bytes of the cells that span rows at one time in such a file: each row repeats them.
pub const MARKUP_SPANNED_BYTES: usize = 4 << 10;
/// Files looked at in one poll of an exchange directory; the rest comes with the next.
pub const POLL_FILES: usize = 50_000;
/// Files of one import; their list is held in memory, some 200 bytes a file.
pub const IMPORT_FILES: usize = 1_000_000;
/// Depth of subfolders of an exchange directory.
pub const FOLDER_DEPTH: usize = 16;

/// Ranges of numbers missing in a change table that are asked for again in every poll: transactions that may
/// still commit, and those that were undone. So many make a question that any engine takes.
pub const CHANGE_GAPS: usize = 200;
/// Rows of a table with a watermark after now that are taken: more of them are a table whose clock is wrong.
pub const ROWS_AHEAD: usize = 1_000;

/// Bytes of one row, or of one text of rows: it is held in memory whole.
pub const ROW_BYTES: u64 = 8 << 20;
