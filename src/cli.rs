//! The subcommands, one file each.

pub mod check;
mod check_text;
#[cfg(feature = "server")]
pub mod demo;
pub mod keys;
pub mod schema;
