//! A reader that keeps the error it met, for decoders report findings only.

use std::io::{self, BufRead, Read};

/// Keeps the error that reading met, for decoders report findings only.
pub(super) struct Watched<'w> {
    /// What is read.
    pub text: Box<dyn BufRead + 'w>,
    /// The last error met, interruptions left out.
    pub error: Option<io::Error>,
}

impl Watched<'_> {
    fn note(&mut self, error: io::Error) -> io::Error {
        let kind = error.kind();
        if kind != io::ErrorKind::Interrupted {
            self.error = Some(error);
        }
        kind.into()
    }
}

impl Read for Watched<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.text.read(buf) {
            Ok(n) => Ok(n),
            Err(error) => Err(self.note(error)),
        }
    }
}

impl BufRead for Watched<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        // Asked twice: a borrow that is returned cannot also be looked at for an error.
        if let Err(error) = self.text.fill_buf() {
            return Err(self.note(error));
        }
        self.text.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.text.consume(amount);
    }
}
