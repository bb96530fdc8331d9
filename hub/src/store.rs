//! The central supervision database: the engine, the element tables, and one file per aggregate.

pub mod cards;
pub mod cases;
pub mod claim;
mod clean;
mod copy;
pub mod elements;
pub mod engine;
mod fault;
mod open;
pub mod row;
pub mod sources;
