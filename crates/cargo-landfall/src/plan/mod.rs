//! What address space a kernel gets, for people to look at.

pub mod space;
pub mod svg;
