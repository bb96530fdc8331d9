//! What is exchanged: the 14 elements (14个要素), their fields, codes, checks, formats and envelopes.
//! Pure: it refuses every kind of IO, every clock and every source of randomness; they are handed in.

pub mod case_no;
pub mod check;
pub mod clock;
pub mod code;
pub mod codeset;
pub mod conceal;
pub mod ddl;
pub mod digest;
pub mod element;
pub mod elements;
pub mod enrol;
pub mod envelope;
pub mod field;
pub mod finding;
pub mod id;
pub mod idcheck;
pub mod image;
pub mod limits;
pub mod money;
pub mod randomness;
pub mod receipt;
pub mod record;
pub mod reference;
pub mod region;
pub mod sample;
pub mod seal;
pub mod short;
pub mod shown;
pub mod stamp;
pub mod value;
pub mod xml;
pub mod xsd;

/// The interface for programs as OpenAPI 3.1, in JSON: what a hub and an agent serve.
pub const OPENAPI: &str = include_str!("../../docs/openapi.json");
