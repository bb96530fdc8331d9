//! A reader that keeps the error it met, for decoders report findings only.

use std::io::{self, BufRead, Read};

/// Keeps the error that reading met, for decoders report findings only.
pub(super) struct Watched<'w> {
    /// What is read.
    pub text: Box<dyn BufRead + 'w>,
    /// The last error met, interruptions left out.
    pub error: Option<io::Error>,
}

/// Keeps the error, and hands one of its kind on; interruptions are no news.
fn note(kept: &mut Option<io::Error>, error: io::Error) -> io::Error {
    let kind = error.kind();
    if kind != io::ErrorKind::Interrupted {
        *kept = Some(error);
    }
    kind.into()
}

impl Read for Watched<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Watched { text, error } = self;
        text.read(buf).map_err(|cause| note(error, cause))
    }
}

impl BufRead for Watched<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let Watched { text, error } = self;
        text.fill_buf().map_err(|cause| note(error, cause))
    }

    fn consume(&mut self, amount: usize) {
        self.text.consume(amount);
    }
}
