//! A client of QMP, QEMU's protocol for programs: JSON, one object a line.
//!
//! Source: QEMU's "QEMU Machine Protocol Specification" and "QEMU QMP Reference Manual".
//!
//! ```text
//! client  requests, answers and events
//! lines   the lines of a connection, each by a deadline
//! error   errors of the connection
//! ```

mod client;
mod error;
mod lines;

pub use client::Client;
pub use error::QmpError;
