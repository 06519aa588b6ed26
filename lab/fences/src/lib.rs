//! Runs Landfall's kernels on the worst legal harts.
//!
//! ```text
//! kernel     a kernel: its image, and where its instructions come from
//! site       an instruction that orders something, and what a mutant makes of it
//! work       what a kernel does, and what a machine gives it for that
//! trial      one landing: a drawn machine, and what it printed
//!   entry      the state of a hart when the kernel begins on it
//!   handed     the state of the hart when a kernel begins that another one has started
//!   flaw       machines whose loader breaks a duty
//!   oracle     what a drawn machine must lead to
//! landings   many landings
//! subsets    each subset of the landing's fences
//! mutants    each change of each site
//! survivors  changes that nothing notices, each with its reason
//! sources    each change of each line of source, wherever the compiler has copied it
//! ```

#![forbid(unsafe_code)]

pub mod entry;
pub mod flaw;
pub mod handed;
pub mod kernel;
pub mod landings;
pub mod mutants;
pub mod oracle;
mod policy;
pub mod site;
pub mod sources;
pub mod subsets;
pub mod survivors;
pub mod trial;
pub mod work;
pub mod workers;
