//! The sources, one file each. A new one is a file, a line here and an instance in the contract suite.

pub mod archive;
#[cfg(feature = "source-table")]
pub mod db_table;
pub mod history;
pub mod http_push;
pub mod synthetic;
mod workbook;
pub mod xml_dir;
