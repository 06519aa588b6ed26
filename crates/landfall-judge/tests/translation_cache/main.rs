//! The harts of `translation_cache`, held to the sentences of the privileged specification.

mod agreement;
mod alarms;
mod eager;
mod fences;
mod harts;
mod machine;
mod napot;
mod program;
mod questions;
mod random;
mod spaces;
mod svinval;
