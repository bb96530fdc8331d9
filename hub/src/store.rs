//! The central supervision database: the engine, the element tables, and one file per aggregate.

pub mod elements;
pub mod engine;
