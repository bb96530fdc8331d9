//! The rules of the house that a compiler does not hold: arrows between crates, what the default
//! build may need, what stands in which file, and which files exist. Every failure says what to do.
//! Refuses to judge behaviour: that is what the other tests are for.

#[cfg(test)]
mod tidy {
    mod alone;
    mod circles;
    mod files;
    mod functions;
    mod graph;
    mod places;
    mod tree;
    mod words;
}
