//! Codes of this hundred.
crate::code::codes! {}
