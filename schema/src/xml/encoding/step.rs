//! One call of a decoder, whichever it is. It refuses to know where the bytes come from.

use super::sniff::Decoding;
use encoding_rs::{DecoderResult, Encoding};

/// What one call of a decoder did.
pub(super) struct Step {
    pub result: DecoderResult,
    pub read: usize,
    pub written: usize,
}

impl Decoding {
    pub(super) fn step(&mut self, source: &[u8], into: &mut [u8], last: bool) -> Step {
        match self {
            Decoding::Standard(decoder) => {
                let (result, read, written) =
                    decoder.decode_to_utf8_without_replacement(source, into, last);
                Step {
                    result,
                    read,
                    written,
                }
            }
            Decoding::Latin1 => {
                let (read, written) =
                    encoding_rs::mem::convert_latin1_to_utf8_partial(source, into);
                let whole = read == source.len();
                Step {
                    result: if whole {
                        DecoderResult::InputEmpty
                    } else {
                        DecoderResult::OutputFull
                    },
                    read,
                    written,
                }
            }
            Decoding::Ascii => ascii_step(source, into),
        }
    }
}

fn ascii_step(source: &[u8], into: &mut [u8]) -> Step {
    let n = source.len().min(into.len());
    let good = Encoding::ascii_valid_up_to(source.get(..n).unwrap_or_default());
    if let (Some(to), Some(from)) = (into.get_mut(..good), source.get(..good)) {
        to.copy_from_slice(from);
    }
    let (result, read) = if good < n {
        (DecoderResult::Malformed(1, 0), good + 1)
    } else if n < source.len() {
        (DecoderResult::OutputFull, good)
    } else {
        (DecoderResult::InputEmpty, good)
    };
    Step {
        result,
        read,
        written: good,
    }
}
