//! The decoder against an independent disassembler, and against the specification where that has an
//! opinion of its own.

#![expect(clippy::unwrap_used, reason = "tests")]

mod beyond;
mod binaries;
mod disassembler;
mod encodings;
mod expanded;
mod judge;
mod lengths;
mod raw;
