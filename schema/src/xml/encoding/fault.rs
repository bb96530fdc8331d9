//! Why bytes are not the text of a document. It refuses to say it in words for people: the guard does.

use std::io;

/// Why bytes are not the text of a document. At the gate each is one X2xx error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodingFault {
    /// The declared encoding, or the one the first bytes show, is not known here.
    #[error("line {line} column {column}: unknown encoding \"{label}\"")]
    Unknown {
        /// The name.
        label: String,
        /// Line of the name in the declaration.
        line: u32,
        /// Column of the name.
        column: u32,
    },
    /// The declared encoding cannot be that of the bytes.
    #[error("line {line} column {column}: \"{label}\" is declared, the bytes are {found}")]
    Contradicts {
        /// The declared name.
        label: String,
        /// What the bytes are.
        found: &'static str,
        /// Line of the name in the declaration.
        line: u32,
        /// Column of the name.
        column: u32,
    },
    /// UTF-16 with neither a byte-order mark nor a declaration (XML 1.0 section 4.3.3).
    #[error("{found} with neither byte-order mark nor encoding declaration")]
    NoMark {
        /// What the bytes look like.
        found: &'static str,
    },
    /// The bytes look like another encoding than the one they are read in.
    #[error("read as {read}, the bytes look like {found}")]
    Otherwise {
        /// The encoding read.
        read: &'static str,
        /// What the bytes look like.
        found: &'static str,
    },
    /// Bytes that are no character of the encoding.
    #[error("bytes {bytes:02X?} at offset {offset} are no {encoding}")]
    Undecodable {
        /// The encoding read.
        encoding: &'static str,
        /// The bytes, at most 4.
        bytes: Vec<u8>,
        /// Offset of the first of them in the file.
        offset: u64,
    },
}

impl EncodingFault {
    /// Never: the same bytes give the same answer.
    pub fn is_transient(&self) -> bool {
        false
    }
}

impl From<EncodingFault> for io::Error {
    fn from(fault: EncodingFault) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, fault)
    }
}
