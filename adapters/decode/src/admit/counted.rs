//! Whether a native document holds as many records as its head declares. Refuses to read a record.

use super::watched::Watched;
use super::{ItemContext, Open};
use std::io::{self, Read};
use tongcha_schema::code::transport as x1;
use tongcha_schema::finding::Finding;
use tongcha_schema::xml::{Mending, Transcoder, count_native};

/// Whether a native document's head, which stands at its start, may declare another number of records than
/// the guard has seen: then they are counted as they are read.
pub(super) fn may_differ(start: &[u8], seen: u64) -> bool {
    let Ok(mut text) = Transcoder::new(Box::new(start)) else {
        return false;
    };
    let mut head = Vec::new();
    // What is cut off at the end of the start is no matter here.
    let _ = text.by_ref().take(16 << 10).read_to_end(&mut head);
    head.windows(12).any(|w| w == b"<RecordCount")
        && count_native(&mut head.as_slice(), "").record_count != Some(seen)
}

/// The finding of a native document whose declared record count differs from what it holds.
pub(super) fn count_differs(
    ctx: &ItemContext<'_>,
    open: &mut Open<'_>,
) -> io::Result<Option<Finding>> {
    let mut text = Watched {
        text: Box::new(Transcoder::new(open()?)?.mending(Mending::Gb)),
        error: None,
    };
    let head = count_native(&mut text, ctx.name);
    if let Some(error) = text.error {
        return Err(error);
    }
    let differs = |f: &Finding| f.code == x1::COUNT_DIFFERS;
    Ok(head.findings.into_iter().find(differs))
}
