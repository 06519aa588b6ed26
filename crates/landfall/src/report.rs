//! The landing report.
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! use landfall::Landing;
//! use landfall::report::Report;
//!
//! landfall::entry!(main);
//!
//! fn main(landing: &'static Landing) -> ! {
//!     let report: Report<'_> = landing.report();
//!     // For people, and for programs.
//!     landfall::print!("{report}");
//!     landfall::println!("landfall: report {}", report.json());
//!     landfall::exit(0)
//! }
//! ```

pub use crate::machine::{Json, Report};
