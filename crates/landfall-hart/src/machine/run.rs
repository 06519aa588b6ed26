//! The turns of the harts.
