//! What a department's bytes say: dialects as data, admission of one item, a draft of a dialect from a
//! sample. Pure: bytes in, cases and findings out; refuses files, network, clock and randomness.

pub mod admit;
pub mod dialect;
