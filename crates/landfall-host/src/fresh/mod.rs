//! A kernel that is built already, known without Cargo.
//!
//! To find out that nothing is to be built takes Cargo longer than a kernel takes to land. So a
//! [`Note`] beside the kernel lists each file that a build depends on, with its identity. While no
//! identity differs, the answer of Cargo and of the check is the noted one.
//!
//! ```text
//! question  the words of the user, the environment, and this program: a note answers one question
//! inputs    the files that a build depends on, as Cargo states them
//! identity  the state of a file
//! note      the file that holds them
//! ```
//!
//! Cargo itself confirms a note before it counts:
//!
//! | run | note before | Cargo | note after |
//! |---|---|---|---|
//! | first | none | builds | unconfirmed |
//! | second | unconfirmed, no file differs | has nothing to build, prints nothing else | confirmed |
//! | others | confirmed, no file differs | is not started | the same |
//!
//! A build has no note if one of its inputs cannot be listed, if Cargo repeats warnings, or if the
//! check prints accepted findings.

mod identity;
mod inputs;
mod note;
mod question;

pub(crate) use identity::of as identity;
pub(crate) use inputs::Build;
pub(crate) use note::{Note, State};
pub(crate) use question::Question;
