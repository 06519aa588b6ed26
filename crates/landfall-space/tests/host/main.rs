//! The space on harts that keep every translation they may (`landfall_judge::translation_cache`).
//!
//! ```text
//! machine    tables in the judge's memory, fences of its harts, frames that are counted
//! judged     what must hold after every step
//! kernel     mappings of the kernel's half, step by step
//! code       code and uncached memory
//! user       user address spaces
//! drawn      random sequences by several harts
//! mutants    fences that are left out, one way after the other: each must be noticed
//! explained  what an address is
//! mapped     the list of what is mapped
//! requests   fences by interrupts, with eight threads
//! ```

mod code;
mod drawn;
mod explained;
mod judged;
mod kernel;
mod machine;
mod mapped;
mod mutants;
mod requests;
mod user;
