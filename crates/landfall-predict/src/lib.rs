//! Predicts the address space of a landfall kernel before it boots.
//!
//! ```text
//! board         a board's device tree, with a boot loader's choices
//! facts_file    a file of facts, as `run --dump-facts` writes it
//! blueprint     a kernel's image: its parts, its policy, its slots
//! policy        changes of the policy, as KEY=VALUE
//! sample        a kernel's image for tests and examples
//! randomness    the source of random numbers
//! seeds         the seeds of one boot
//! shell         words of a command line, as a shell reads them
//! units         addresses, sizes and seeds as a user writes them
//! case          one boot, and its prediction by the rules and the planner of the kernel
//! inner         the places of a wrapper's inner kernel
//! notes         notes for the reader that stop nothing
//! space         the address space as people look at it
//!   view          from a plan to that
//!   leaves        leaf by leaf
//! text, json, svg
//! ```
//!
//! Nothing here starts a process or depends on the machine that runs it: the crate also compiles
//! for WebAssembly.
//!
//! ```
//! use landfall_predict::case::Outcome;
//! use landfall_predict::facts_file::FactsFile;
//! use landfall_predict::text::text;
//! use landfall_predict::view::address_space;
//!
//! let facts = include_bytes!("../tests/records/facts-2.json");
//! let Outcome::Lands(prediction) = FactsFile::parse(facts)?.case(None).predict() else {
//!     panic!("the kernel of these facts has landed")
//! };
//! let space = address_space(&prediction);
//! assert_eq!(space.mode, landfall_paging::Mode::Sv57);
//! println!("{}", text(&prediction, &space));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

pub mod blueprint;
pub mod board;
pub mod case;
pub mod facts_file;
pub mod hex;
pub mod inner;
pub mod json;
pub mod leaves;
pub mod notes;
pub mod policy;
mod randomness;
pub mod sample;
pub mod seeds;
pub mod shell;
pub mod space;
pub mod svg;
pub mod text;
pub mod units;
pub mod view;

pub use randomness::Randomness;
