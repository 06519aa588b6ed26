//! A boot on a board: the files for it, its console, and the comparison with its prediction.
//!
//! ```text
//! kit            the kernel, the board's tree and the prediction
//!   identity     the board's names, by its device tree
//! files          the files that a user takes to the board
//!   instructions the steps on the board, and U-Boot's commands
//!   published    firmware and console of published boards
//! console        a board's console: a serial device, or a log of one
//!   serial       a serial device, without interpretation of its bytes
//!   line         lines of a noisy console
//!   heard        the statements on a console, boot by boot
//! trial          the result: the outcome, and the differences from the prediction
//!   outcome      the verdict, or the reason why there is none
//!   learned      facts that only the boot shows, in place of assumptions
//!   compare      a report against a prediction
//!   build_id     build IDs in an image
//! ```
//!
//! ```
//! use landfall_host::board::Identity;
//!
//! // A file that is no tree names no board.
//! assert_eq!(Identity::of(b"").to_string(), "a board without a name");
//! ```

mod build_id;
mod compare;
mod console;
mod error;
mod files;
mod heard;
mod identity;
mod instructions;
mod kit;
mod learned;
mod line;
mod outcome;
mod published;
mod serial;
mod trial;

pub use console::{Console, listen};
pub use error::BoardError;
pub use files::Files;
pub use heard::Heard;
pub use identity::Identity;
pub use kit::{BoardRequest, Kit};
pub use outcome::Outcome;
pub use trial::Trial;
