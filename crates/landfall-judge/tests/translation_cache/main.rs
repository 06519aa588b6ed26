//! The harts of `translation_cache`, held to the sentences of the privileged specification.

mod agreement;
mod eager;
mod fences;
mod harts;
mod machine;
mod napot;
mod questions;
mod spaces;
mod svinval;
