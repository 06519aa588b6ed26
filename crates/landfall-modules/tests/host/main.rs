//! Loading and unloading, on harts that keep every translation and every instruction that they may.
//!
//! ```text
//! object     relocatable files, each of their fields as the test wants it
//! machine    tables in the judge's memory, fences of its harts (of landfall-space)
//! judged     what must hold for every translation that a hart may use (of landfall-space)
//! platform   bytes of memory; each store and each call is judged
//! fixture    a kernel with exports, and a pool of pages
//! samples    modules
//! lifetime   from loading to unloading
//! bound      exports, dependents, holds
//! parameters values of each type
//! beyond     entries of the PLT and slots of the GOT
//! fields     relocations of instructions, up to the borders of their fields
//! words      relocations of words, differences and alignments
//! immediates the fields of instructions, by the architecture's figures
//! sites      patched constants
//! refusals   a file for each error, wrong in one place
//! failing    fences that fail
//! drawn      random sequences by several harts
//! mutants    fences and stores that are left out: each must be noticed
//! ```

mod beyond;
mod bound;
mod drawn;
mod failing;
mod fields;
mod fixture;
mod immediates;
#[expect(dead_code, reason = "the tests of landfall-space use the rest")]
#[path = "../../../landfall-space/tests/host/judged.rs"]
mod judged;
mod lifetime;
#[expect(dead_code, reason = "the tests of landfall-space use the rest")]
#[path = "../../../landfall-space/tests/host/machine.rs"]
mod machine;
mod mutants;
mod object;
mod parameters;
mod platform;
mod refusals;
mod samples;
mod sites;
mod words;
